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
  leader: 2,
  apply: 2,
  txn: 14,
  compact: 3,
  alarm: 2,
  watch: 6,
  cancelWatch: 2,
  watchProgress: 2,
};

/** Each kind, and itself as often as its weight says. */
const CROWDS: readonly (readonly [Kind, readonly Kind[]])[] = (
  Object.keys(WEIGHTS) as readonly Kind[]
).map((kind) => [kind, Array.from({ length: WEIGHTS[kind] }, () => kind)]);

export interface SwarmOptions {
  readonly clock: 'virtual' | 'real';
  /** What the target can have done to its server; default: nothing. */
  readonly abilities?: readonly Ability[];
  /** No alarms in schedules that may restart the server; default: both. */
  readonly alarmsForbidRestarts?: boolean;
}

/**
 * Each kind as often as its weight says. Each but the grants is switched off in one schedule of
 * five; what is not about leases in one of two, and alarms in three of four.
 */
export const chooseKinds = (
  random: Random,
  { clock, abilities = [], alarmsForbidRestarts = false }: SwarmOptions,
): readonly Kind[] => {
  const chosen: Kind[] = [];
  for (const [kind, crowd] of CROWDS) {
    // First: what a target cannot do takes no chance away from what it can.
    if ((kind === 'leader' || kind === 'apply') && !abilities.includes(kind)) continue;
    // Restarts are slow, and without a leader all waits, so most schedules have none.
    const chances =
      kind === 'restart' || kind === 'leader'
        ? ([7, 8] as const)
        : (OFF[kind] ?? ([1, 5] as const));
    const off = random.chance(...chances) && kind !== 'grant';
    const unable = kind === 'restart' && !abilities.includes(kind);
    const impossible = unable || (clock === 'real' && VIRTUAL_ONLY.has(kind));
    if (!off && !impossible) chosen.push(...crowd);
  }
  if (!alarmsForbidRestarts || !chosen.includes('restart')) return chosen;
  return chosen.filter((kind) => kind !== 'alarm');
};

const OFF: Partial<Record<Kind, readonly [number, number]>> = {
  txn: [1, 2],
  compact: [1, 2],
  alarm: [3, 4],
  apply: [3, 4],
  watch: [1, 2],
};

/** What a real clock has no time for, or what concerns all who share a server. */
const VIRTUAL_ONLY: ReadonlySet<Kind> = new Set([
  ...(['jump', 'backlog'] as const),
  ...(['compact', 'alarm', 'watchProgress'] as const),
]);

/** What has little to do while there is no lease. */
export const NEED_LEASES: ReadonlySet<Kind> = new Set(['revoke', 'keepAlive', 'timeToLive', 'put']);
