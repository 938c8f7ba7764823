/** Which kinds of command a generated schedule has, and how often. */
import type { Random } from '../seed.ts';
import type { Ability, Action } from './schedule.ts';

export type Kind = Exclude<Action['kind'], 'turn' | 'wait'> | 'backlog';

/** How often a kind of command occurs, before some are switched off. */
const WEIGHTS: Readonly<Record<Kind, number>> = {
  grant: 20,
  revoke: 7,
  keepAlive: 16,
  timeToLive: 14,
  leases: 5,
  put: 22,
  range: 8,
  deleteRange: 4,
  jump: 3,
  backlog: 2,
  restart: 2,
};

const KINDS = Object.keys(WEIGHTS) as readonly Kind[];

/**
 * Each kind as often as its weight says; each but the grants switched off in one schedule of five.
 */
export const chooseKinds = (
  random: Random,
  clock: 'virtual' | 'real',
  abilities: readonly Ability[],
): readonly Kind[] => {
  return KINDS.flatMap((kind) => {
    // Restarts are slow, so most schedules have none.
    const chances = kind === 'restart' ? random.chance(7, 8) : random.chance(1, 5);
    const off = chances && kind !== 'grant';
    const unable = kind === 'restart' && !abilities.includes(kind);
    const impossible = unable || (clock === 'real' && VIRTUAL_ONLY.has(kind));
    return off || impossible ? [] : Array.from({ length: WEIGHTS[kind] }, () => kind);
  });
};

/** What a real clock has no time for. */
const VIRTUAL_ONLY: ReadonlySet<Kind> = new Set(['jump', 'backlog']);

/** What has little to do while there is no lease. */
export const NEED_LEASES: ReadonlySet<Kind> = new Set(['revoke', 'keepAlive', 'timeToLive', 'put']);
