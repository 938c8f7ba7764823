/** When the leader of a generated schedule is lost, and when it comes back. */
import type { Random } from '../seed.ts';
import { previous } from './moments.ts';
import type { ScheduleStep } from './schedule.ts';

/** Losses of a generated schedule at most. */
export const LOSSES = 3;

/** How many steps it stays away: long enough for some requests to wait. */
export const stepsWithout = (random: Random): number => 1 + random.below(12);

/** At once, around a look for a leader, or around the end of the patience (CONST-09). */
export const leaderBack = (random: Random): Pick<ScheduleStep, 'at' | 'action'> => {
  const wait = random.pick([0, 1, 500, 999, 1000, 1001, 5999, 6000, 6999, 7000, 7001, 14_000]);
  return {
    at: previous(wait),
    action: { kind: 'leader', change: 'back' },
  };
};
