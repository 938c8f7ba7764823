/**
 * One timer for all that waits in a place. What else is due at its instant goes first: the turn of
 * the loop among others.
 */
import { type Instant, instant } from '../api/units.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';

export class LastTimer {
  readonly #clock: VirtualClock;
  readonly #run: (now: Instant) => void;
  #timer: Timer | null = null;
  #hasYielded = false;

  constructor(clock: VirtualClock, run: (now: Instant) => void) {
    this.#clock = clock;
    this.#run = run;
  }

  /** Runs at `at`, or now when that is over, and not when it was to before; Infinity: never. */
  set(at: number): void {
    const clock = this.#clock;
    const wanted = Math.max(at, clock.now);
    if (this.#timer?.at === wanted) return;
    if (this.#timer !== null) clock.cancel(this.#timer);
    this.#timer = null;
    if (at === Number.POSITIVE_INFINITY) return;
    this.#timer = clock.schedule(instant(wanted), () => this.#wake());
  }

  #wake(): void {
    const clock = this.#clock;
    this.#timer = null;
    if (!this.#hasYielded && clock.next !== undefined && clock.next <= clock.now) {
      this.#hasYielded = true;
      this.#timer = clock.schedule(clock.now, () => this.#wake());
      return;
    }
    this.#hasYielded = false;
    this.#run(clock.now);
  }
}
