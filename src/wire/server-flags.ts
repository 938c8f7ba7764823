/** The flags of a served etcd, in the hand of whoever starts it. */
import { isLegalConfig, type ServerConfig } from '../api/config.ts';

/** Times are milliseconds, whole. */
export interface ServerFlags {
  /** `--heartbeat-interval`; otherwise 100. */
  readonly heartbeat?: number;
  /** `--election-timeout`; otherwise 1000. The smallest TTL follows from both (CONST-02). */
  readonly election?: number;
  /** Whether remaining TTLs are written down now and then (CONST-13); otherwise not. */
  readonly leaseCheckpoint?: boolean;
  /** Whether they outlive a restart; needs the other switch. */
  readonly leaseCheckpointPersist?: boolean;
  /** `--watch-progress-notify-interval` (KV-29); otherwise ten minutes. */
  readonly progressInterval?: number;
}

/** The settings with these flags. Throws a RangeError where etcd would not start. */
export const withFlags = (config: ServerConfig, flags: ServerFlags = {}): ServerConfig => {
  const next = { ...config, ...flags } as ServerConfig;
  if (isLegalConfig(next)) return next;
  throw new RangeError(`etcd does not start with ${JSON.stringify(flags)}: ${WANTED}`);
};

const WANTED =
  'whole milliseconds are needed, 5 heartbeats ≤ election ≤ 50000, progressInterval ≥ 100, and ' +
  'leaseCheckpoint for leaseCheckpointPersist';
