/**
 * Every pair of raft flags whose minimum TTL is known from real servers (CONST-02), in turn with
 * each version.
 */
import { MINOR_VERSIONS, type ServerConfig } from '../src/api/config.ts';
import { milliseconds } from '../src/api/units.ts';
import { MINIMUM_TTLS } from './predicates/constants-and-grant.ts';

export const FLAGS: readonly ServerConfig[] = Object.keys(MINIMUM_TTLS).map((flags, index) => {
  const [heartbeat = 0, election = 0] = flags.split('/').map(Number);
  const etcd = MINOR_VERSIONS[index % MINOR_VERSIONS.length] ?? '3.5';
  return { etcd, heartbeat: milliseconds(heartbeat), election: milliseconds(election) };
});
