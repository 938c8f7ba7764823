/** One LeaseKeepAlive stream of one client. */
import type {
  Etcd3,
  IDuplexStream,
  IRequestStream,
  ILeaseKeepAliveRequest,
  ILeaseKeepAliveResponse,
} from 'etcd3';
import type { KeepAlive, Token } from '../../api/command.ts';
import type { Completion } from '../target.ts';
import { keptAlive } from './grpc-calls.ts';

/**
 * Ends a stream at once. The library takes a cancelled stream for a failed server, unless we have
 * said that we are done with it.
 */
export const cancel = (stream: IRequestStream<never>): void => {
  stream.end();
  stream.cancel();
};

type Stream = IDuplexStream<ILeaseKeepAliveRequest, ILeaseKeepAliveResponse>;

/**
 * Replies carry nothing that names their request. The server answers in the order of the requests
 * (KA-01), so the first one unanswered gets the reply as it stands, its lease id included: whether
 * that is the right one is for others to judge.
 */
export class KeepAliveStream {
  readonly #answered: (token: Token, completion: Completion) => void;
  readonly #stream: Promise<Stream>;
  readonly #waiting: Token[] = [];
  #ended: string | undefined;

  /** `answered` is called once for each request, at the latest when the stream ends. */
  constructor(etcd: Etcd3, answered: (token: Token, completion: Completion) => void) {
    this.#answered = answered;
    this.#stream = etcd.leaseClient.leaseKeepAlive();
    this.#stream.then(
      (stream) => this.#listen(stream),
      (error: unknown) => this.#end(String(error)),
    );
  }

  /** Whether it takes no more requests. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  send({ token, id }: KeepAlive): void {
    this.#waiting.push(token);
    // The stream opens asynchronously, once; requests keep their order behind it.
    void this.#stream.then(
      (stream) => {
        if (this.#ended === undefined) stream.write({ ID: String(id) });
      },
      () => {},
    );
  }

  /** Ends it; whatever is unanswered completes as unknown. */
  close(why: string): void {
    this.#end(why);
    void this.#stream.then(cancel, () => {});
  }

  #listen(stream: Stream): void {
    stream.on('data', (reply) => this.#reply(reply));
    stream.on('error', (error) => this.#end(error.message));
    stream.on('end', () => this.#end('the server ended the keep-alive stream'));
  }

  #reply(reply: ILeaseKeepAliveResponse): void {
    if (this.#ended !== undefined) return;
    const token = this.#waiting.shift();
    if (token !== undefined) this.#answered(token, keptAlive(reply));
    else this.close('the server sent a reply that no request stands for');
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const token of this.#waiting.splice(0)) this.#answered(token, { kind: 'unknown', why });
  }
}
