/**
 * What a schedule can have done to the server itself, in words: `restart`, `restart kill down=3s`,
 * with other flags for the time after, `restart heartbeat=500ms election=5s`; `leader lost` and
 * `leader back`; `slow apply` and `apply catches up`.
 */
import { DEFAULT_PROGRESS_INTERVAL, type ServerConfig, isLegalConfig } from '../api/config.ts';
import { type Milliseconds, milliseconds } from '../api/units.ts';
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

/** The server knows of no leader from here on, or leads again; nothing where that is so already. */
export interface LeaderAction {
  readonly kind: 'leader';
  readonly change: 'lost' | 'back';
}

/**
 * From here on the server is busy with an entry of its log, or has applied all of it; nothing where
 * that is so already, or nobody leads. Before a restart or the loss of the leader it catches up.
 */
export interface ApplyAction {
  readonly kind: 'apply';
  readonly change: 'slow' | 'caught up';
}

export const printApply = ({ change }: ApplyAction): string =>
  change === 'slow' ? 'slow apply' : 'apply catches up';

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
  const { heartbeat, election, leaseCheckpoint, leaseCheckpointPersist, progressInterval } = flags;
  return [
    ...(heartbeat === undefined ? [] : [`heartbeat=${printDuration(heartbeat)}`]),
    ...(election === undefined ? [] : [`election=${printDuration(election)}`]),
    ...(leaseCheckpoint === undefined ? [] : [`checkpoint=${onOff(leaseCheckpoint)}`]),
    ...(leaseCheckpointPersist === undefined ? [] : [`persist=${onOff(leaseCheckpointPersist)}`]),
    ...(progressInterval === undefined ? [] : [`progress=${printDuration(progressInterval)}`]),
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
  const { progressInterval = DEFAULT_PROGRESS_INTERVAL } = after;
  return {
    ...(after.heartbeat === was.heartbeat ? {} : { heartbeat: after.heartbeat }),
    ...(after.election === was.election ? {} : { election: after.election }),
    ...(leaseCheckpoint === was.leaseCheckpoint ? {} : { leaseCheckpoint }),
    ...(leaseCheckpointPersist === was.leaseCheckpointPersist ? {} : { leaseCheckpointPersist }),
    ...(progressInterval === (was.progressInterval ?? DEFAULT_PROGRESS_INTERVAL)
      ? {}
      : { progressInterval }),
  };
};

/** Whether etcd starts after each of several restarts. */
export const keepsLegal = (config: ServerConfig, restarts: readonly RestartAction[]): boolean => {
  let current: ServerConfig | null = config;
  for (const each of restarts) if (current !== null) current = configAfter(current, each);
  return current !== null;
};
