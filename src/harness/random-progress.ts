/** The time that watches need to be told their progress unasked (KV-29). */
import type { State } from '../model/index.ts';
import type { Random } from '../seed.ts';
import { previous } from './moments.ts';
import type { Action, PlannedStep } from './schedule.ts';

/** Now and then, where a watch wants to be told: a few steps with that time between them. */
export const progressWaits = (
  random: Random,
  { settings: { server }, streams }: State,
  clock: 'virtual' | 'real',
  put: () => Action,
): PlannedStep[] => {
  const wants = streams.some(({ watchers }) =>
    watchers.some(({ command, ended }) => command.progressNotify && !ended),
  );
  // With checkpoints a real etcd is moved turn by turn, which takes too long for that.
  if (!wants || clock === 'real' || server.leaseCheckpoint === true) return [];
  if (!random.chance(1, 3)) return [];
  return Array.from({ length: random.pick([1, 2, 3]) }, () => ({
    at: previous(random.pick([599_000, 600_000, 660_000, 1_320_000])),
    action: random.chance(1, 3) ? put() : { kind: 'leases' },
  }));
};
