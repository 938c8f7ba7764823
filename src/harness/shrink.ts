/** Makes a failing schedule smaller for as long as the same rule is still broken. */
import { LIMITS } from '../limits.ts';
import type { Schedule } from './schedule.ts';
import { smaller } from './smaller.ts';
import { TargetError } from './target.ts';

export interface ShrinkOptions {
  /** Candidates that are tried at most. */
  readonly attempts?: number;
  /** Asked before each candidate; true ends the search with what was found so far. */
  readonly stopped?: (() => boolean) | undefined;
  /** Awaited before each candidate. */
  readonly breathe?: (() => Promise<void> | undefined) | undefined;
}

export interface Shrunk {
  readonly schedule: Schedule;
  readonly attempts: number;
  /** False when the search ended before every candidate was tried. */
  readonly complete: boolean;
}

/**
 * Takes each smaller schedule that still fails, until none does. `fails` must not depend on
 * anything but its argument.
 */
export async function shrink(
  schedule: Schedule,
  fails: (candidate: Schedule) => Promise<boolean>,
  options: ShrinkOptions = {},
): Promise<Shrunk> {
  const { attempts: limit = LIMITS.shrinkAttempts, stopped = () => false } = options;
  let best = schedule;
  let attempts = 0;
  for (;;) {
    let improved = false;
    for (const candidate of smaller(best)) {
      if (attempts >= limit || stopped()) return { schedule: best, attempts, complete: false };
      attempts += 1;
      const breath = options.breathe?.();
      if (breath !== undefined) await breath;
      const still = await fails(candidate).catch((error: unknown) => {
        if (error instanceof TargetError) return null;
        throw error;
      });
      // The target is gone: what was found so far is all there is.
      if (still === null) return { schedule: best, attempts, complete: false };
      if (still) {
        best = candidate;
        improved = true;
        break;
      }
    }
    if (!improved) return { schedule: best, attempts, complete: true };
  }
}
