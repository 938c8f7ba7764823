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
import { ClockPair, type FakeClockLike } from './clock-pair.ts';

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
