/** What makes a backlog of leases worth the time it takes. */
import { asBytes } from '../api/bytes.ts';
import type { ServerConfig } from '../api/config.ts';
import { milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { previous } from './moments.ts';
import { CROWD_SIZES, TTLS } from './pools.ts';
import { restartOf } from './random-restart.ts';
import { type Action, PLAIN_PUT, type PlannedStep, putWith } from './schedule.ts';

/** What comes after its grant; `config`: of a server that may be restarted. */
export function backlogStory(
  random: Random,
  lease: string,
  count: number,
  config: ServerConfig | null,
): PlannedStep[] {
  const story: PlannedStep[] = [];
  if (random.chance(1, 3)) story.push({ at: previous(0), action: spreadPut(lease, count) });
  if (config !== null && random.chance(1, 2)) {
    story.push({ at: previous(1000), action: restartOf(random, config) });
  }
  if (random.chance(2, 3)) {
    const one = `${lease}.${count}`;
    const offset = milliseconds(random.pick([999, 1000, 1400]));
    const action = { kind: 'timeToLive', lease: one, count: 1, keys: true } as const;
    story.push({ at: { from: 'turn', lease: one, offset }, action });
  }
  return story;
}

/** A few leases at once. */
export const crowdOf = (random: Random, lease: string): Action => ({
  kind: 'grant',
  lease,
  count: random.pick(CROWD_SIZES),
  ttl: random.pick(TTLS),
  id: 0n,
});

/** A key on each of its leases. */
const spreadPut = (lease: string, count: number): Action =>
  putWith(PLAIN_PUT, { key: asBytes('m'), count, lease, spread: true });
