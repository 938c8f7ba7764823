/** One Watch stream of one client, with all the watches that the client has on it. */
import type { CancelWatch, StreamId, Token, WatchId } from '../../api/command.ts';
import { reasonSaid } from '../../api/refusal.ts';
import type { Delivery, Response, WatchEvent } from '../../api/response.ts';
import { revision } from '../../api/units.ts';
import type { Completion } from '../target.ts';
import type { WatchCommand } from './grpc-calls.ts';
import type { OpenWatch, WatchReply, WatchTransport } from './watch-transport.ts';

export interface WatchStreamSink {
  answered(token: Token, completion: Completion): void;
  delivered(delivery: Delivery): void;
}

/**
 * Responses name their watch, but not their request: the server answers the requests of a stream in
 * their order, those that create, those that cancel the same watch, and those about progress each
 * among themselves. Some it never answers.
 */
export class WatchStream {
  readonly #id: StreamId;
  readonly #sink: WatchStreamSink;
  readonly #transport: WatchTransport;
  readonly #creating: Token[] = [];
  #canceling: CancelWatch[] = [];
  readonly #progress: Token[] = [];
  /** Events of a response that was cut in pieces, until the last one comes. */
  readonly #pieces = new Map<WatchId, readonly WatchEvent[]>();
  #ended: string | undefined;

  constructor(open: OpenWatch, id: StreamId, sink: WatchStreamSink) {
    this.#id = id;
    this.#sink = sink;
    this.#transport = open({
      replied: (reply) => this.#reply(reply),
      ended: (why) => this.#end(why),
    });
  }

  /** Whether it takes no more requests. */
  get ended(): boolean {
    return this.#ended !== undefined;
  }

  send(command: WatchCommand): void {
    if (command.kind === 'watch') this.#creating.push(command.token);
    else if (command.kind === 'cancelWatch') this.#canceling.push(command);
    else this.#progress.push(command.token);
    if (this.#ended === undefined) this.#transport.write(command);
  }

  /**
   * The server rests: what it has not answered of requests to cancel and for progress it will not
   * answer any more. The next answer is that to a later one.
   */
  forgetUnanswered(): void {
    this.#progress.length = 0;
    this.#canceling = [];
  }

  /** Ends it; what creates a watch and is unanswered completes as unknown. */
  close(why: string): void {
    this.#end(why);
    this.#transport.cancel();
  }

  #reply(reply: WatchReply): void {
    if (this.#ended !== undefined) return;
    if (reply.created) this.#created(reply);
    else if (reply.canceled) this.#canceled(reply);
    else if (reply.events.length > 0) this.#events(reply);
    else if (reply.watch === OF_ALL) {
      this.#answer(this.#progress.shift(), { kind: 'progress', revision: reply.revision });
    }
    // KV-29: progress of one watch, unasked.
    else this.#events(reply);
  }

  #created({ canceled, cancelReason, revision: at, watch }: WatchReply): void {
    const token = this.#creating.shift();
    if (!canceled) {
      this.#answer(token, { kind: 'watchCreated', revision: at, watch });
      return;
    }
    const reason = reasonSaid(cancelReason);
    if (reason !== undefined) this.#answer(token, { kind: 'refused', reason });
    else if (token !== undefined) {
      this.#sink.answered(token, { kind: 'unknown', why: cancelReason });
    }
  }

  #canceled({ watch, compactRevision, revision: at }: WatchReply): void {
    const asked = this.#canceling.find((each) => each.watch === watch);
    if (compactRevision === 0 && asked !== undefined) {
      this.#canceling = this.#canceling.filter((each) => each !== asked);
      this.#answer(asked.token, { kind: 'watchCanceled', revision: at, watch });
      return;
    }
    this.#sink.delivered({ stream: this.#id, watch, revision: at, events: [], compactRevision });
  }

  #events({ watch, revision: at, fragment, events: more }: WatchReply): void {
    const events = [...(this.#pieces.get(watch) ?? []), ...more];
    if (fragment) {
      this.#pieces.set(watch, events);
      return;
    }
    this.#pieces.delete(watch);
    const compactRevision = revision(0);
    this.#sink.delivered({ stream: this.#id, watch, revision: at, events, compactRevision });
  }

  #answer(token: Token | undefined, response: Response): void {
    if (token !== undefined) this.#sink.answered(token, { kind: 'answered', response });
  }

  #end(why: string): void {
    if (this.#ended !== undefined) return;
    this.#ended = why;
    for (const token of this.#creating.splice(0)) {
      this.#sink.answered(token, { kind: 'unknown', why });
    }
  }
}

/** What an answer about progress names in the place of a watch. */
const OF_ALL = -1n;
