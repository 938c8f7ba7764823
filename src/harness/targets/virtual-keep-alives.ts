/** The keep-alive streams of a session with an etcd on a virtual clock. */
import type { KeepAlive, StreamId, Token } from '../../api/command.ts';
import type { Completion } from '../target.ts';
import { KeepAliveStream } from './grpc-keep-alive.ts';
import { within } from './in-time.ts';
import { leanKeepAlive } from './lean-calls.ts';
import type { VirtualLine } from './virtual-line.ts';

/** How long an answer that needs no time may take, in real milliseconds, before it is asked for. */
const PROMPT_MS = 5;

/** A request that is not answered yet, and who waits for that. */
interface Held {
  readonly command: KeepAlive;
  readonly resolve: () => void;
}

export class VirtualKeepAlives {
  readonly #line: VirtualLine;
  readonly #answered: (command: KeepAlive, completion: Completion) => void;
  readonly #streams = new Map<StreamId, KeepAliveStream>();
  readonly #held = new Map<Token, Held>();

  constructor(line: VirtualLine, answered: (command: KeepAlive, completion: Completion) => void) {
    this.#line = line;
    this.#answered = answered;
  }

  /** Whether some are not answered. */
  get areHeld(): boolean {
    return this.#held.size > 0;
  }

  /**
   * Resolves when it is answered, or when the server rests and has not answered it; `isOverdue`:
   * that is to be expected (KA-04).
   */
  async send(command: KeepAlive, isOverdue: boolean): Promise<void> {
    const { token } = command;
    const isPrompt = !this.areHeld && !isOverdue;
    const answered = new Promise<void>((resolve) => {
      this.#held.set(token, { command, resolve });
    });
    this.#streamOf(command.stream).send(command);
    // One that comes by itself need not be asked for.
    if (isPrompt) await within(PROMPT_MS, answered);
    if (this.#held.has(token)) await this.#line.drain();
    if (!this.#held.has(token)) return;
    await this.#line.server.settle();
    await this.#line.drain();
  }

  /** What is not answered by now never will be. */
  close(why: string): void {
    this.#held.clear();
    for (const stream of this.#streams.values()) stream.close(why);
    this.#streams.clear();
  }

  #streamOf(stream: StreamId): KeepAliveStream {
    const open = this.#streams.get(stream);
    if (open !== undefined && !open.ended) return open;
    const opened = new KeepAliveStream(leanKeepAlive(this.#line.server.lean), (token, completion) =>
      this.#reply(token, completion),
    );
    this.#streams.set(stream, opened);
    return opened;
  }

  #reply(token: Token, completion: Completion): void {
    const held = this.#held.get(token);
    if (held === undefined) return;
    this.#held.delete(token);
    held.resolve();
    this.#answered(held.command, completion);
  }
}
