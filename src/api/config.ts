/** The settings of an etcd member that decide how leases behave. */
import { type Milliseconds, milliseconds } from './units.ts';

/** The minor versions whose semantics are known. */
export type MinorVersion = '3.4' | '3.5' | '3.6' | '3.7';

export const MINOR_VERSIONS: readonly MinorVersion[] = ['3.4', '3.5', '3.6', '3.7'];

export interface ServerConfig {
  readonly etcd: MinorVersion;
  /** `--heartbeat-interval`, in milliseconds. */
  readonly heartbeat: Milliseconds;
  /** `--election-timeout`, in milliseconds. */
  readonly election: Milliseconds;
  /** Whether remaining TTLs are written down now and then (CONST-13); absent: no. */
  readonly leaseCheckpoint?: boolean;
  /** Whether they outlive a restart; needs the other switch. */
  readonly leaseCheckpointPersist?: boolean;
  /** `--watch-progress-notify-interval` (KV-29), in milliseconds; absent: ten minutes. */
  readonly progressInterval?: Milliseconds;
}

export const DEFAULT_CONFIG: ServerConfig = {
  etcd: '3.5',
  heartbeat: milliseconds(100),
  election: milliseconds(1000),
};

/** KV-29: what etcd has where nothing is said. */
export const DEFAULT_PROGRESS_INTERVAL = milliseconds(600_000);

/** KV-29: etcd takes a shorter one for this. */
export const SHORTEST_PROGRESS_INTERVAL = milliseconds(100);

/**
 * CONST-03: what etcd accepts: both positive whole numbers, and 5 heartbeats ≤ election timeout ≤
 * 50 s; and checkpoints that are to persist only where there are checkpoints (CONST-13).
 */
export const isLegalConfig = (config: ServerConfig): boolean =>
  hasLegalTiming(config) &&
  isLegalInterval(config.progressInterval ?? SHORTEST_PROGRESS_INTERVAL) &&
  (config.leaseCheckpoint === true || config.leaseCheckpointPersist !== true);

const isLegalInterval = (interval: Milliseconds): boolean =>
  Number.isSafeInteger(interval) && interval >= SHORTEST_PROGRESS_INTERVAL;

const hasLegalTiming = ({ heartbeat, election }: ServerConfig): boolean =>
  Number.isSafeInteger(heartbeat) &&
  Number.isSafeInteger(election) &&
  heartbeat > 0 &&
  5 * heartbeat <= election &&
  election <= 50_000;
