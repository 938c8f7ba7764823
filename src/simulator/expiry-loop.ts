/** When the turns of the expiry loop are (CONST-04). What a turn does is not decided here. */
import type { MinorVersion } from '../api/config.ts';
import { after, type Instant, instant } from '../api/units.ts';
import type { Timer, VirtualClock } from '../clock/virtual-clock.ts';
import { TURN_PERIOD } from './flags.ts';

export interface ExpiryLoopOptions {
  readonly clock: VirtualClock;
  readonly etcd: MinorVersion;
  readonly first: Instant;
  readonly turn: () => void;
  /**
   * Whether a turn then finds something to do. Turns that do not are passed over while the clock
   * advances; null: none is.
   */
  readonly finds: ((at: Instant) => boolean) | null;
}

export class ExpiryLoop {
  readonly #clock: VirtualClock;
  readonly #etcd: MinorVersion;
  readonly #first: Instant;
  readonly #turn: () => void;
  readonly #finds: ExpiryLoopOptions['finds'];
  readonly #timer: Timer;
  #stopped = false;

  constructor({ clock, etcd, first, turn, finds }: ExpiryLoopOptions) {
    this.#clock = clock;
    this.#etcd = etcd;
    this.#first = first;
    this.#turn = turn;
    this.#finds = finds;
    this.#timer = clock.schedule(first, () => this.#runTurn());
  }

  /** No turn runs any more. Safe to call twice. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#clock.cancel(this.#timer);
  }

  #runTurn(): void {
    const { now, horizon } = this.#clock;
    const isIdle = this.#isIdle(now, horizon);
    let next = this.#next(now);
    if (isIdle) while (this.#isIdle(next, horizon)) next = this.#next(next);
    // Scheduled before the turn: a turn that stops the loop then has a timer to cancel.
    this.#clock.repeat(this.#timer, next);
    if (!isIdle) this.#turn();
  }

  #isIdle(at: Instant, horizon: Instant): boolean {
    return this.#finds !== null && at < horizon && !this.#finds(at);
  }

  /**
   * The instant of the turn after the one that runs now. They differ only when the clock has
   * jumped.
   */
  #next(now: Instant): Instant {
    switch (this.#etcd) {
      case '3.4':
      case '3.5':
        // CONST-04: the wait starts after the work.
        return after(now, TURN_PERIOD);
      case '3.6':
      case '3.7': {
        // CONST-04: a fixed ticker; the ticks it lost are not made up for.
        const periods = Math.floor((now - this.#first) / TURN_PERIOD) + 1;
        return instant(this.#first + periods * TURN_PERIOD);
      }
    }
  }
}
