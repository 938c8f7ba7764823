/** One LeaseKeepAlive stream of one client. */
import type { Etcd3, IRequestStream } from 'etcd3';
import type { KeepAlive, LeaseId, Token } from '../../api/command.ts';
import type { Completion } from '../target.ts';
import { keptAlive } from './grpc-calls.ts';
import { readable, UNREADABLE } from './unreadable.ts';

/**
 * Ends a stream at once. The library takes a cancelled stream for a failed server, unless we have
 * said that we are done with it.
 */
export const cancel = (stream: IRequestStream<never>): void => {
  stream.end();
  stream.cancel();
};

/** One open stream: what is written to it, and how it ends. */
export interface KeepAliveTransport {
  write(id: LeaseId): void;
  cancel(): void;
}

/** Where a transport says what came. */
export interface KeepAliveListener {
  readonly replied: (completion: Completion) => void;
  readonly ended: (why: string) => void;
}

export type OpenKeepAlive = (listener: KeepAliveListener) => KeepAliveTransport;

/**
 * Replies carry nothing that names their request. The server answers in the order of the requests
 * (KA-01), so the first one unanswered gets the reply as it stands, its lease id included: whether
 * that is the right one is for others to judge.
 */
export class KeepAliveStream {
  readonly #answered: (token: Token, completion: Completion) => void;
  readonly #transport: KeepAliveTransport;
  readonly #waiting: Token[] = [];
  #ended: string | undefined;

  /** `answered` is called once for each request, at the latest when the stream ends. */
  constructor(open: OpenKeepAlive, answered: (token: Token, completion: Completion) => void) {
    this.#answered = answered;
    this.#transport = open({
      replied: (completion) => this.#reply(completion),
      ended: (why) => this.#end(why),
    });
  }

  /** Whether it takes no more requests. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  send({ token, id }: KeepAlive): void {
    this.#waiting.push(token);
    this.#transport.write(id);
  }

  /** Ends it; whatever is unanswered completes as unknown. */
  close(why: string): void {
    this.#end(why);
    this.#transport.cancel();
  }

  #reply(completion: Completion): void {
    if (this.#ended !== undefined) return;
    const token = this.#waiting.shift();
    if (token !== undefined) this.#answered(token, completion);
    else this.close('the server sent a reply that no request stands for');
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const token of this.#waiting.splice(0)) this.#answered(token, { kind: 'unknown', why });
  }
}

/** A stream of the library, which opens asynchronously: requests keep their order behind it. */
export const keepAliveOver =
  (etcd: Etcd3): OpenKeepAlive =>
  ({ replied, ended }) => {
    const opening = etcd.leaseClient.leaseKeepAlive();
    const state = { over: false };
    const end = (why: string): void => {
      state.over = true;
      ended(why);
    };
    opening.then(
      (stream) => {
        stream.on('data', (reply) => {
          const completion = readable(() => keptAlive(reply));
          if (completion !== undefined) replied(completion);
          else if (!state.over) {
            cancel(stream);
            end(UNREADABLE);
          }
        });
        stream.on('error', (error) => end(error.message));
        stream.on('end', () => end('the server ended the keep-alive stream'));
      },
      (error: unknown) => end(String(error)),
    );
    return {
      write: (id) => {
        void opening.then(
          (stream) => {
            if (!state.over) stream.write({ ID: String(id) });
          },
          () => {},
        );
      },
      cancel: () => {
        state.over = true;
        void opening.then(cancel, () => {});
      },
    };
  };
