/**
 * The time and chance of the code under test, in hand: global timers and dates that stand still
 * until they are moved, those of `node:timers` and `node:timers/promises` with them, and
 * `Math.random` from a seed.
 *
 * Immediates, ticks and microtasks stay real: they are how a process comes to rest.
 */
import { syncBuiltinESMExports } from 'node:module';
import { install } from '@sinonjs/fake-timers';
import type { FakeClockLike } from './clock-pair.ts';
import { seedMathRandom } from './seeded-random.ts';

export interface FakeGlobals {
  readonly timers: FakeClockLike;
  /** Puts back what was there; timers that are set are dropped. */
  restore(): void;
}

export interface FakeGlobalsOptions {
  /** What dates show at first. */
  readonly date: Date;
  readonly seed: bigint;
}

/** Throws when timers are faked already. */
export function fakeGlobals({ date, seed }: FakeGlobalsOptions): FakeGlobals {
  if ('isFake' in Date || 'clock' in setTimeout) {
    throw new Error(
      'timers are faked already: a process has one etcd in lockstep at a time, without ' +
        "useFakeTimers() beside it; clientTime: 'real' leaves timers alone",
    );
  }
  const timers = install({
    now: date,
    toFake: [
      'setTimeout',
      'clearTimeout',
      'setInterval',
      'clearInterval',
      'Date',
      'performance',
      'hrtime',
    ],
    // Nothing is lost by it: timers that were set before the fakes came are cleared by their own.
    ignoreMissingTimers: true,
    shouldClearNativeTimers: true,
  });
  // What modules import by name is a copy, which the library does not know of.
  syncBuiltinESMExports();
  const restoreRandom = seedMathRandom(seed);
  return {
    timers,
    restore: () => {
      restoreRandom();
      timers.uninstall();
      syncBuiltinESMExports();
    },
  };
}
