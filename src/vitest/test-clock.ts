/** The clock of a test: the server's and that of the code under test, which move as one. */
import { instant } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Lockstep } from '../pace/lockstep.ts';

/** All times are in milliseconds, whole. */
export class TestClock {
  readonly #clock: VirtualClock;
  readonly #lockstep: Lockstep;
  readonly #stir: () => void;

  constructor(clock: VirtualClock, lockstep: Lockstep, stir: () => void) {
    this.#clock = clock;
    this.#lockstep = lockstep;
    this.#stir = stir;
  }

  /** Since the test's etcd began. */
  get now(): number {
    return this.#clock.now;
  }

  /** When something is due next: a turn of etcd's expiry loop, or a timer of the code. */
  get next(): number | undefined {
    return this.#lockstep.next;
  }

  /**
   * Lets `by` milliseconds pass. When it resolves, all that was due has happened, each at its
   * instant: timers ran, leases expired, clients know of it.
   */
  async advance(by: number): Promise<void> {
    await this.#lockstep.advance(by);
  }

  /** Lets time pass until `to`. */
  async advanceTo(to: number): Promise<void> {
    await this.#lockstep.advanceTo(to);
  }

  /** Lets everything happen that can without time passing. */
  async settle(): Promise<void> {
    await this.#lockstep.settle();
  }

  /** Does `act` at the instant `at`, as time passes over it: a fault, or another client's doing. */
  at(at: number, act: () => void): void {
    this.#clock.schedule(instant(at), () => {
      this.#stir();
      act();
    });
  }

  /**
   * Lets as much time pass as `promise` needs, and gives what it resolves to. Rejects when that
   * takes more than `atMost`, 10 minutes unless told.
   */
  async until<T>(promise: Promise<T>, { atMost = 600_000 } = {}): Promise<T> {
    const state = { isSettled: false };
    const settled = (): void => {
      state.isSettled = true;
    };
    promise.then(settled, settled);
    const limit = this.now + atMost;
    await this.settle();
    while (!state.isSettled) {
      const next = this.next ?? Infinity;
      if (next > limit) throw new Error(`what is waited for has not come within ${atMost} ms`);
      await this.advanceTo(next);
    }
    return promise;
  }
}
