/**
 * When the watches of a stream are told their progress (KV-29): every ten minutes from its opening
 * on. etcd adds up to a tenth of that, by chance and once for each stream. It takes no time of a
 * clock on which nobody wants to know.
 */
import { after, between, type Instant, milliseconds } from '../api/units.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';

const PERIOD = milliseconds(600_000);

export class ProgressTicker {
  readonly #clock: VirtualClock;
  readonly #opened: Instant;
  readonly #tick: () => void;
  #timer: Timer | undefined;

  constructor(clock: VirtualClock, tick: () => void) {
    this.#clock = clock;
    this.#opened = clock.now;
    this.#tick = tick;
  }

  /** From now on somebody wants to know. */
  run(): void {
    if (this.#timer !== undefined) return;
    const passed = Math.floor(between(this.#opened, this.#clock.now) / PERIOD);
    // Of those that a leap has passed over one comes where it landed, the next when it is due.
    const next = after(this.#opened, milliseconds((passed + 1) * PERIOD));
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
