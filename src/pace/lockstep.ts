/**
 * Moves a virtual clock, and the timers of the code under test if they are in hand, one event at a
 * time. After each event the process settles (`Settler`): all that it causes, over connections in
 * memory too, happens at the same virtual instant, before anything else may.
 *
 * At the same instant the server's events come before client timers; among themselves each keep
 * the order in which they were scheduled.
 */
import { after, type Instant, instant, milliseconds } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { LIMITS } from '../limits.ts';
import { ClockPair, type FakeClockLike } from './clock-pair.ts';
import type { Settler } from './settle.ts';

export interface LockstepOptions {
  /** Its timers are the server's events. */
  readonly clock: VirtualClock;
  /** The fake clock of the code under test. */
  readonly timers?: FakeClockLike;
  readonly settler: Settler;
}

export class Lockstep {
  readonly #clock: VirtualClock;
  readonly #pair: ClockPair | undefined;
  readonly #settler: Settler;
  #isMoving = false;

  constructor({ clock, timers, settler }: LockstepOptions) {
    this.#clock = clock;
    this.#pair = timers === undefined ? undefined : new ClockPair(clock, timers);
    this.#settler = settler;
  }

  get now(): Instant {
    return this.#clock.now;
  }

  /** When something is due next, on the server or in the code under test. */
  get next(): Instant | undefined {
    const next = Math.min(this.#clock.next ?? Infinity, this.#pair?.nextClient ?? Infinity);
    return next === Infinity ? undefined : instant(next);
  }

  /** The process under test stands still: none of its timers runs until `thaw`. */
  freeze(): void {
    this.#pair?.freeze();
  }

  /** What came due meanwhile runs now. */
  thaw(): void {
    this.#pair?.thaw();
  }

  /** Lets everything happen that can without time passing. */
  async settle(): Promise<void> {
    await this.#settler.settle();
  }

  /** `by`: milliseconds, whole. */
  async advance(by: number): Promise<void> {
    await this.advanceTo(after(this.#clock.now, milliseconds(by)));
  }

  /** Moves time to `to`; whatever is due on the way happens at its own instant. */
  async advanceTo(to: number, each?: () => void): Promise<void> {
    const end = this.#begin(to);
    try {
      await this.#settler.settle();
      each?.();
      while (this.#runOne(end)) {
        await this.#settler.settleIfStirred();
        each?.();
      }
      if (this.#pair === undefined) this.#clock.advanceTo(end);
      else this.#pair.moveTo(end);
    } finally {
      this.#isMoving = false;
    }
  }

  #begin(to: number): Instant {
    const { now } = this.#clock;
    const ahead = to - now;
    if (!(Number.isSafeInteger(to) && ahead >= 0)) {
      throw new RangeError(`time moves forward by whole milliseconds: ${now} to ${to} is not that`);
    }
    if (ahead > LIMITS.advance) {
      throw new RangeError(`time moves by ${LIMITS.advance} ms at most at once: ${ahead} is more`);
    }
    if (this.#isMoving) throw new Error('one advance has to end before the next begins: await it');
    this.#isMoving = true;
    return instant(to);
  }

  /** Runs the next event, if one is due by `end`. */
  #runOne(end: Instant): boolean {
    const server = this.#clock.next ?? Infinity;
    const client = this.#pair?.nextClient ?? Infinity;
    if (Math.min(server, client) > end) return false;
    if (this.#pair === undefined) return this.#clock.runNext(end);
    if (server <= client) return this.#pair.runServer(end);
    this.#pair.runClient();
    // What a client's timer does need not stir anything that is counted.
    this.#settler.stir();
    return true;
  }
}
