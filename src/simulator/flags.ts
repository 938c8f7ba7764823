/**
 * What etcd derives from its command-line flags and its built-in constants, as far as leases see
 * it.
 */
import type { ServerConfig } from '../api/config.ts';
import { ceilSeconds, type Milliseconds, milliseconds, type Seconds } from '../api/units.ts';

/**
 * The shortest TTL a lease is granted, in seconds (CONST-02): 1.5 election timeouts, counted in
 * whole ticks.
 */
export const minTtl = ({ heartbeat, election }: ServerConfig): Seconds => {
  // CONST-02: two floors and a ceil. The election timeout counts in whole heartbeats ("ticks")…
  const electionTicks = Math.floor(election / heartbeat);
  // …one and a half of it again in whole ticks…
  const ticks = Math.floor((3 * electionTicks) / 2);
  // …and only the result in whole seconds.
  return ceilSeconds(milliseconds(ticks * heartbeat));
};

/** How long a member waits before it stands for election (CONST-11): whole heartbeats. */
export const electionTime = ({ heartbeat, election }: ServerConfig): Milliseconds =>
  milliseconds(Math.floor(election / heartbeat) * heartbeat);

/** How long a request waits for its answer (CONST-09): 5 s, and two election timeouts. */
export const requestTimeout = (config: ServerConfig): Milliseconds =>
  milliseconds(5000 + 2 * electionTime(config));

/** From one tick of a stream to the next (KV-29); etcd adds up to a tenth, by chance. */
export const progressPeriod = ({ progressInterval }: ServerConfig): Milliseconds =>
  progressInterval ?? milliseconds(600_000);

/** The longest TTL that may be requested, in seconds (CONST-01). */
export const MAX_TTL = 9_000_000_000n;

/** From one turn of the expiry loop to the next (CONST-04). */
export const TURN_PERIOD = milliseconds(500);

/** From one checkpoint of a lease to the next (CONST-12). */
export const CHECKPOINT_EVERY_MS = 300_000;

/** How many leases one turn revokes at most (CONST-05). */
export const TURN_LIMIT = 500;
