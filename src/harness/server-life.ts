/**
 * What a schedule can have done to the server itself, in words: `restart`, `restart kill down=3s`,
 * with other flags for the time after, `restart heartbeat=500ms election=5s`.
 */
import { type ServerConfig, isLegalConfig } from '../api/config.ts';
import { type Milliseconds, milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { printDuration } from './duration.ts';

/** The server's process ends, and another one begins on the same data. */
export interface RestartAction {
  readonly kind: 'restart';
  /** True: by SIGKILL; else it ends in good order. */
  readonly kill: boolean;
  /** From its end until the new process leads. */
  readonly down: Milliseconds;
  /** The flags that change. */
  readonly flags: Flags;
}

export type Flags = Partial<Omit<ServerConfig, 'etcd'>>;

/** How long a restart takes unless it says so. An election takes that long, so none is shorter. */
export const RESTART_TAKES = milliseconds(1000);

/** The settings after a restart; null when etcd would not start with them. */
export const configAfter = (
  config: ServerConfig,
  { flags }: RestartAction,
): ServerConfig | null => {
  const next = { ...config, ...flags };
  return isLegalConfig(next) ? next : null;
};

export const printRestart = ({ kill, down, flags }: RestartAction): string => {
  const words = ['restart'];
  if (kill) words.push('kill');
  if (down !== RESTART_TAKES) words.push(`down=${printDuration(down)}`);
  return [...words, ...printFlags(flags)].join(' ');
};

/** Settings as `name=value`, those that are there. */
export const printFlags = (flags: Flags): string[] => {
  const { heartbeat, election, leaseCheckpoint, leaseCheckpointPersist } = flags;
  return [
    ...(heartbeat === undefined ? [] : [`heartbeat=${printDuration(heartbeat)}`]),
    ...(election === undefined ? [] : [`election=${printDuration(election)}`]),
    ...(leaseCheckpoint === undefined ? [] : [`checkpoint=${onOff(leaseCheckpoint)}`]),
    ...(leaseCheckpointPersist === undefined ? [] : [`persist=${onOff(leaseCheckpointPersist)}`]),
  ];
};

const onOff = (value: boolean): string => (value ? 'on' : 'off');

/** Plainer ones, for shrinking. */
export function* smallerRestarts(action: RestartAction): Generator<RestartAction> {
  if (action.kill) yield { ...action, kill: false };
  if (action.down > RESTART_TAKES) yield { ...action, down: RESTART_TAKES };
  for (const name of Object.keys(action.flags) as (keyof Flags)[]) {
    const kept = Object.entries(action.flags).filter(([other]) => other !== name);
    yield { ...action, flags: Object.fromEntries(kept) };
  }
}

/** The flags in which two settings differ, as the second one has them. */
export const changedFlags = (before: ServerConfig, after: ServerConfig): Flags => {
  const { leaseCheckpoint = false, leaseCheckpointPersist = false } = after;
  const was = { leaseCheckpoint: false, leaseCheckpointPersist: false, ...before };
  return {
    ...(after.heartbeat === was.heartbeat ? {} : { heartbeat: after.heartbeat }),
    ...(after.election === was.election ? {} : { election: after.election }),
    ...(leaseCheckpoint === was.leaseCheckpoint ? {} : { leaseCheckpoint }),
    ...(leaseCheckpointPersist === was.leaseCheckpointPersist ? {} : { leaseCheckpointPersist }),
  };
};

/** Restarts of a generated schedule at most. */
export const RESTARTS = 2;

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
