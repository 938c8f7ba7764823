/**
 * A fake clock of `@sinonjs/fake-timers` and a `VirtualClock` that move as one, for code under
 * test that uses timers.
 *
 * Both hop from event to event: server turns and client timers happen in the order of time, each
 * at its own instant on both clocks. At the same instant the server comes first; what a client's
 * timer schedules on the server for that very instant comes after the client timers of that
 * instant. Time is never moved past the end of an advance.
 *
 * This file does not import the library: a clock is handed in. It does not replace global timers
 * either; that is for the library's `install()`.
 */
import { type Instant, instant, type Milliseconds } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { invariant } from '../invariant.ts';

/** What is needed of a fake clock: `createClock()` and `install()` of fake-timers 15 return one. */
export interface FakeClockLike {
  now: number;
  tick(time: number): number;
  tickAsync(time: number): Promise<number>;
  setTimeout(run: () => void, delay: number): unknown;
  clearTimeout(id: unknown): void;
}

/** Two clocks that move as one. */
export interface JoinedClock {
  /** The virtual clock's instant. The fake clock keeps the offset to it that it had when joined. */
  readonly now: Instant;
  /**
   * Moves both clocks. The promises of the code under test settle before time moves, between any
   * two timers, and after the last event.
   */
  advance(by: Milliseconds): Promise<void>;
  /** The same in one go: no promise settles on the way. */
  advanceSync(by: Milliseconds): void;
}

/**
 * Joins the two clocks. From here on only the result moves them: when one was moved by itself
 * (`timers.tick()`, `timers.setSystemTime()`, `clock.advanceTo()`), the next advance refuses, for
 * what was due in between can no longer happen in order. To go on with clocks that were moved
 * apart on purpose, join them anew.
 *
 * A callback that throws ends the advance with its error, at its instant; a later advance goes on
 * from there.
 */
export function joinFakeTimers(clock: VirtualClock, timers: FakeClockLike): JoinedClock {
  const pair = new ClockPair(clock, timers);
  let advancing = false;

  const begin = (by: Milliseconds): Instant => {
    invariant(!advancing, 'one advance ends before the next begins', { by });
    invariant(Number.isSafeInteger(by) && by >= 0, 'an advance is a whole number, not negative', {
      by,
    });
    advancing = true;
    return instant(clock.now + by);
  };

  return {
    get now() {
      return clock.now;
    },

    async advance(by) {
      const end = begin(by);
      try {
        // The first stop is the present: promises settle, and may set timers, before time moves.
        for (let at: Instant | undefined = clock.now; at !== undefined; at = pair.nextStop(end)) {
          pair.moveTo(at);
          await timers.tickAsync(0);
        }
      } finally {
        advancing = false;
      }
    },

    advanceSync(by) {
      const end = begin(by);
      try {
        for (let at: Instant | undefined = clock.now; at !== undefined; at = pair.nextStop(end)) {
          pair.moveTo(at);
          timers.tick(0);
        }
      } finally {
        advancing = false;
      }
    },
  };
}

/** Both clocks, and where they stop next. */
class ClockPair {
  readonly #clock: VirtualClock;
  readonly #timers: FakeClockLike;
  /** What the fake clock shows when the virtual clock shows 0. */
  readonly #offset: number;

  constructor(clock: VirtualClock, timers: FakeClockLike) {
    invariant(Number.isSafeInteger(timers.now), 'a fake clock shows whole milliseconds', {
      now: timers.now,
    });
    invariant(showsItsTimers(timers), 'the timers of the fake clock can be read');
    this.#clock = clock;
    this.#timers = timers;
    this.#offset = timers.now - clock.now;
  }

  /** Sets both clocks to `at`, before which nothing is due, and runs what the server has there. */
  moveTo(at: Instant): void {
    invariant(this.#timers.now === this.#clock.now + this.#offset, 'joined clocks move together', {
      virtual: this.#clock.now,
      fake: this.#timers.now,
      offset: this.#offset,
    });
    // No tick: it would run the client timers of this instant ahead of the server's events.
    this.#timers.now = at + this.#offset;
    this.#clock.advanceTo(at);
  }

  /** The next event's instant, or `end` if that is earlier; undefined when all is done by `end`. */
  nextStop(end: Instant): Instant | undefined {
    const server = this.#clock.next ?? Infinity;
    const client = nextCallAt(this.#timers) - this.#offset;
    const next = Math.min(server, client);
    if (next <= end) return instant(next);
    return this.#clock.now < end ? end : undefined;
  }
}

/** No method of the library tells when the next timer is due: this reads the table it keeps. */
function nextCallAt(timers: FakeClockLike): number {
  let first = Infinity;
  for (const { callAt } of pendingTimers(timers)) {
    // A timer of the past never runs; the library passes over it as well.
    if (callAt >= timers.now && callAt < first) first = callAt;
  }
  return first;
}

/** A `Map` by id in fake-timers 15.5, a plain object in 15.0. */
function pendingTimers(clock: FakeClockLike): Iterable<{ readonly callAt: number }> {
  const { timers } = clock as { readonly timers?: object };
  if (timers === undefined) return [];
  return timers instanceof Map ? timers.values() : Object.values(timers);
}

/** Sets a timer, looks whether it is where it is looked for, and takes it back. */
function showsItsTimers(timers: FakeClockLike): boolean {
  const id = timers.setTimeout(() => {}, 1);
  let found = false;
  for (const { callAt } of pendingTimers(timers)) found ||= callAt === timers.now + 1;
  timers.clearTimeout(id);
  return found;
}
