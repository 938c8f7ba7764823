/** Restarts of generated schedules, and what makes them worth the time they take. */
import type { ServerConfig } from '../api/config.ts';
import { milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { previous } from './moments.ts';
import type { LeaseRef, PlannedStep } from './schedule.ts';
import { type Flags, RESTART_TAKES, type RestartAction } from './server-life.ts';

/** Restarts of a generated schedule at most. */
export const RESTARTS = 3;

/** A random restart; now and then the flags change, from the usual ones to slow ones and back. */
export const restartOf = (random: Random, config: ServerConfig): RestartAction => {
  const kill = random.chance(1, 2);
  const down = milliseconds(random.pick([1000, 1000, 1499, 2000, 2001, 5000, 12_000]));
  const flags = !kill && random.chance(1, 2) ? flagsAfter(random, config) : {};
  return { kind: 'restart', kill, down, flags };
};

/** Slow elections and fast ones, or checkpoints switched on and off. */
const flagsAfter = (random: Random, config: ServerConfig): Flags => {
  if (random.chance(1, 2)) {
    const leaseCheckpoint = random.chance(3, 4);
    return { leaseCheckpoint, leaseCheckpointPersist: leaseCheckpoint && random.chance(1, 2) };
  }
  const isSlow = config.election > 1000;
  const timings = isSlow ? [USUAL] : TIMINGS;
  const [heartbeat, election] = random.pick(timings);
  return { heartbeat: milliseconds(heartbeat), election: milliseconds(election) };
};

const USUAL: readonly [number, number] = [100, 1000];
const TIMINGS: readonly (readonly [number, number])[] = [
  [500, 5000],
  [333, 1700],
  [10, 100],
];

/** What may follow the grant of a long lease where there are checkpoints, step by step. */
export const checkpointStory = (random: Random, lease: LeaseRef): readonly PlannedStep[] => {
  const now = previous(0);
  const off = { leaseCheckpoint: false, leaseCheckpointPersist: false };
  const flags = random.chance(1, 2) ? {} : off;
  const renewal = { kind: 'keepAlive', lease, count: 1, stream: 1 } as const;
  const remaining = { kind: 'timeToLive', lease, count: 1, keys: true } as const;
  return [
    ...(random.chance(1, 2) ? [{ at: previous(100_000), action: renewal }] : []),
    { at: previous(random.pick([200_000, 300_500, 300_900])), action: restartWith(flags) },
    { at: now, action: remaining },
    ...(random.chance(1, 2)
      ? [
          { at: now, action: renewal },
          { at: now, action: remaining },
        ]
      : []),
  ];
};

const restartWith = (flags: Flags): RestartAction => ({
  kind: 'restart',
  kill: false,
  down: RESTART_TAKES,
  flags,
});
