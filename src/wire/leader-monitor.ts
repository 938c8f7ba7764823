/**
 * Calls that want a leader: their metadata say `hasleader: true` (KA-13). One that begins while
 * there is none is refused; a stream that is open ends when three looks in a row have found none.
 * The member looks once in an election timeout, from its start on.
 */
import type { DescMessage } from '@bufbuild/protobuf';
import { REFUSALS } from '../api/refusal.ts';
import { after, type Milliseconds, milliseconds } from '../api/units.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import type { Method, Replies, StreamHandler } from './methods.ts';

const LOOKS = 3;

export class LeaderMonitor {
  readonly #clock: VirtualClock;
  #start: number;
  #period: number;
  /** How each stream is ended that wants a leader. */
  readonly #streams = new Set<() => void>();
  #isThere = true;
  #misses = 0;
  #timer: Timer | null = null;

  constructor(clock: VirtualClock, period: Milliseconds) {
    this.#clock = clock;
    this.#start = clock.now;
    this.#period = period;
  }

  get isThere(): boolean {
    return this.#isThere;
  }

  lost(): void {
    this.#isThere = false;
    if (this.#timer === null) this.#lookLater();
  }

  regained(): void {
    this.#isThere = true;
  }

  /** A new process leads, and looks from now on. Those of the old one have no streams left. */
  restarted(period: Milliseconds): void {
    this.stop();
    this.#streams.clear();
    this.#start = this.#clock.now;
    this.#period = period;
    this.#isThere = true;
    this.#misses = 0;
  }

  stop(): void {
    if (this.#timer !== null) this.#clock.cancel(this.#timer);
    this.#timer = null;
  }

  /** The method as a call has it that wants a leader. */
  guard(method: Method): Method {
    return {
      ...method,
      open: (replies) =>
        method.isStreaming ? this.#stream(method, replies) : this.#unary(method, replies),
    };
  }

  #unary(method: Method, replies: Replies<DescMessage>): StreamHandler<DescMessage> {
    const handler = method.open(replies);
    return {
      ...handler,
      message: (request, bytes) => {
        if (this.#isThere) handler.message(request, bytes);
        else replies.end(REFUSALS['no-leader']);
      },
    };
  }

  #stream(method: Method, replies: Replies<DescMessage>): StreamHandler<DescMessage> {
    if (!this.#isThere) {
      replies.end(REFUSALS['no-leader']);
      return { message: () => {}, halfClosed: () => {}, gone: () => {} };
    }
    const handler = method.open(replies);
    const end = (): void => replies.end(REFUSALS['no-leader']);
    this.#streams.add(end);
    return {
      message: (request, bytes) => handler.message(request, bytes),
      halfClosed: () => handler.halfClosed(),
      gone: () => {
        this.#streams.delete(end);
        handler.gone();
      },
    };
  }

  #lookLater(): void {
    const { now } = this.#clock;
    const next = this.#period - ((now - this.#start) % this.#period);
    this.#timer = this.#clock.schedule(after(now, milliseconds(next)), () => this.#look());
  }

  #look(): void {
    this.#timer = null;
    // A leader that came and went between two looks has not been seen.
    this.#misses = this.#isThere ? 0 : this.#misses + 1;
    if (this.#isThere) return;
    if (this.#misses >= LOOKS) {
      for (const end of this.#streams) end();
      this.#streams.clear();
    }
    this.#lookLater();
  }
}
