/**
 * When the watches of a stream are told their progress (KV-29): every so often from its opening
 * on. etcd adds up to a tenth of that, by chance and once for each stream. It takes no time of a
 * clock on which nobody wants to know.
 */
import { after, between, type Instant, type Milliseconds, milliseconds } from '../api/units.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';

export class ProgressTicker {
  readonly #clock: VirtualClock;
  readonly #period: Milliseconds;
  readonly #opened: Instant;
  readonly #tick: () => void;
  #timer: Timer | undefined;

  constructor(clock: VirtualClock, period: Milliseconds, tick: () => void) {
    this.#clock = clock;
    this.#period = period;
    this.#opened = clock.now;
    this.#tick = tick;
  }

  /** From now on somebody wants to know. */
  run(): void {
    if (this.#timer !== undefined) return;
    const passed = Math.floor(between(this.#opened, this.#clock.now) / this.#period);
    // Of those that a leap has passed over one comes where it landed, the next when it is due.
    const next = after(this.#opened, milliseconds((passed + 1) * this.#period));
    this.#timer = this.#clock.schedule(next, () => {
      this.#timer = undefined;
      this.#tick();
    });
  }

  stop(): void {
    if (this.#timer === undefined) return;
    this.#clock.cancel(this.#timer);
    this.#timer = undefined;
  }
}
