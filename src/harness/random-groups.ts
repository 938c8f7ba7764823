/** Many leases at once, and what is done with them next. */
import { asBytes, NO_BYTES } from '../api/bytes.ts';
import type { ServerConfig } from '../api/config.ts';
import { milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { previous } from './moments.ts';
import { BACKLOG_SIZES, CROWD_SIZES, TTLS } from './pools.ts';
import { restartOf } from './random-restart.ts';
import type { Action, ScheduleStep } from './schedule.ts';

type Planned = Pick<ScheduleStep, 'at' | 'action'>;

/** More than one turn can take. `config`: of a server that may be restarted; else null. */
export const backlog = (
  random: Random,
  number: number,
  config: ServerConfig | null,
): readonly [Action, readonly Planned[]] => {
  const lease = `Z${number}`;
  const count = random.pick(BACKLOG_SIZES);
  const plan: Planned[] = [];
  if (random.chance(1, 3)) {
    const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
    const put = { kind: 'put', key: asBytes('m'), value: NO_BYTES, ...flags } as const;
    plan.push({ at: previous(0), action: { ...put, count, lease, spread: true } });
  }
  if (config !== null && random.chance(1, 2)) {
    plan.push({ at: previous(1000), action: restartOf(random, config) });
  }
  if (random.chance(2, 3)) {
    const one = `${lease}.${count}`;
    const offset = milliseconds(random.pick([999, 1000, 1400]));
    const action = { kind: 'timeToLive', lease: one, count: 1, keys: true } as const;
    plan.push({ at: { from: 'turn', lease: one, offset }, action });
  }
  return [{ kind: 'grant', lease, count, ttl: random.pick([2n, 3n, 5n]), id: 0n }, plan];
};

/** A few. */
export const crowd = (random: Random, number: number): Action => {
  const count = random.pick(CROWD_SIZES);
  return { kind: 'grant', lease: `Y${number}`, count, ttl: random.pick(TTLS), id: 0n };
};
