/** The watch streams of a session with an etcd on a virtual clock. */
import type { StreamId } from '../../api/command.ts';
import { DEFAULT_PROGRESS_INTERVAL, type ServerConfig } from '../../api/config.ts';
import type { Sink } from '../target.ts';
import type { WatchCommand } from './grpc-calls.ts';
import { WatchStream } from './grpc-watch-stream.ts';
import { leanWatch } from './lean-watch.ts';
import type { VirtualLine } from './virtual-line.ts';
import type { VirtualRevisions } from './virtual-revisions.ts';

/** KV-29: a leap must not pass over two ticks. It goes from turn to turn, 500 ms at the least. */
const strideOf = ({ progressInterval = DEFAULT_PROGRESS_INTERVAL }: ServerConfig): number =>
  Math.max(progressInterval / 10, 500);

/** Bytes: the kernel holds more than that for us without making the server wait. */
const MUCH = 16_384;

export class VirtualWatches {
  readonly #line: VirtualLine;
  readonly #revisions: VirtualRevisions;
  readonly #sink: Pick<Sink, 'answered' | 'delivered'>;
  readonly #streams = new Map<StreamId, WatchStream>();
  /** What had come on the connection's streams when they were read last. */
  #streamed = 0;

  /** `sink` is told answers as the server gives them, deliveries in revisions of the session. */
  constructor(
    line: VirtualLine,
    revisions: VirtualRevisions,
    sink: Pick<Sink, 'answered' | 'delivered'>,
  ) {
    this.#line = line;
    this.#revisions = revisions;
    this.#sink = sink;
  }

  /** Resolves when it is answered, or when the server rests and has not answered it. */
  async send(command: WatchCommand): Promise<void> {
    const { server, turns } = this.#line;
    if (command.kind === 'watch' && command.progressNotify) turns.stride = strideOf(server.config);
    const used = this.#streamOf(command.stream);
    used.send(this.#revisions.command(command));
    await this.#line.drain();
    await this.read();
    used.forgetUnanswered();
  }

  /** What the server has to say has been read after this. */
  async read(): Promise<void> {
    if (this.#streams.size === 0) return;
    await this.#line.server.settle();
    await this.#drain();
  }

  /** The same after a leap, of which the server rests. */
  async readLeap(): Promise<void> {
    const stirred = this.#line.server.takeStirred();
    if (stirred && this.#streams.size > 0) await this.#drain();
  }

  /** A server with much to say rests as well when we have to read some of it first. */
  async #drain(): Promise<void> {
    const { server } = this.#line;
    for (;;) {
      await this.#line.drain();
      const { streamed } = server.lean;
      const came = streamed - this.#streamed;
      this.#streamed = streamed;
      if (came < MUCH) return;
      await server.settle();
    }
  }

  close(why: string): void {
    for (const stream of this.#streams.values()) stream.close(why);
    this.#streams.clear();
    // The next server has a connection of its own.
    this.#streamed = 0;
    this.#line.turns.stride = Infinity;
  }

  #streamOf(stream: StreamId): WatchStream {
    const open = this.#streams.get(stream);
    if (open !== undefined && !open.ended) return open;
    const opened = new WatchStream(leanWatch(this.#line.server.lean), stream, {
      answered: (token, completion) => this.#sink.answered(token, completion),
      delivered: (delivery) => {
        const own = this.#revisions.delivery(delivery);
        if (own !== null) this.#sink.delivered(own);
      },
    });
    this.#streams.set(stream, opened);
    return opened;
  }
}
