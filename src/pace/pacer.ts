/**
 * Moves a virtual clock as real time passes, at some rate. Each event of the clock runs at its own
 * instant, however late the process comes to it; and what is told of the present is reckoned from
 * one beginning, so that rounding never adds up.
 */
import { type Instant, instant } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';

/** Real time, as a pacer needs it. */
export interface RealTime {
  /** Milliseconds that only ever grow. */
  now(): number;
  /** Runs `run` once, after about `delay` milliseconds; the result takes it back. */
  after(delay: number, run: () => void): () => void;
}

/** The process's own. Its timers do not keep the process alive. */
export const REAL_TIME: RealTime = {
  now: performance.now.bind(performance),
  after: (delay, run) => {
    const timer = realSetTimeout(run, delay).unref();
    return () => realClearTimeout(timer);
  },
};
const realSetTimeout = setTimeout;
const realClearTimeout = clearTimeout;

/** What the timers of Node take at most, and a bit less. */
const LONGEST_DELAY = 2 ** 30;

export class Pacer {
  readonly rate: number;
  readonly #clock: VirtualClock;
  readonly #real: RealTime;
  /** The instants, real and virtual, from which all is reckoned. */
  readonly #realStart: number;
  readonly #start: Instant;
  #waiting: { readonly at: Instant; readonly cancel: () => void } | undefined;
  #isMoving = false;
  #isStopped = false;

  /** Starts at once. `rate`: virtual milliseconds for each real one, more than 0. */
  constructor(clock: VirtualClock, rate: number, real: RealTime = REAL_TIME) {
    this.rate = rate;
    this.#clock = clock;
    this.#real = real;
    this.#realStart = real.now();
    this.#start = clock.now;
    this.#wait();
  }

  /**
   * Brings the clock up to the present. To be called before the clock is read for somebody, such as
   * a client whose request has come in; what that schedules is then waited for.
   */
  catchUp(): void {
    if (this.#isMoving || this.#isStopped) return;
    this.#move();
    queueMicrotask(() => this.#wait());
  }

  /** The clock stands still from now on. */
  stop(): void {
    if (this.#isStopped) return;
    if (!this.#isMoving) this.#move();
    this.#isStopped = true;
    this.#waiting?.cancel();
  }

  #move(): void {
    const passed = (this.#real.now() - this.#realStart) * this.rate;
    const present = instant(this.#start + Math.floor(passed));
    if (present <= this.#clock.now) return;
    this.#isMoving = true;
    try {
      this.#clock.advanceTo(present);
    } finally {
      this.#isMoving = false;
    }
  }

  /** Sets a real timer for the next event, unless there is one already. */
  #wait(): void {
    const at = this.#clock.next;
    if (this.#isStopped || at === undefined || at === this.#waiting?.at) return;
    this.#waiting?.cancel();
    const due = this.#realStart + (at - this.#start) / this.rate;
    const delay = Math.min(Math.max(Math.ceil(due - this.#real.now()), 0), LONGEST_DELAY);
    const cancel = this.#real.after(delay, () => {
      this.#waiting = undefined;
      this.#move();
      this.#wait();
    });
    this.#waiting = { at, cancel };
  }
}
