/**
 * When the leases of a server expire that has just become the leader. Nothing of the time before
 * counts (RESTART-02).
 */
import type { ServerConfig } from '../api/config.ts';
import type { LeaseId } from '../api/command.ts';
import { type Instant, instant, type Seconds } from '../api/units.ts';
import { Checkpoints } from './checkpoints.ts';
import { electionTime } from './flags.ts';
import type { Lessor } from './lessor.ts';
import type { Server } from './server.ts';
import type { Slot } from './slots.ts';

/** When a lease expires that was granted so many seconds. */
export interface LeaseDeadline {
  readonly id: LeaseId;
  readonly deadline: Instant;
  readonly ttl: Seconds;
}

/** So many leases could pile up, and are spread (RESTART-04). */
const MANY = 1000;
/** Three quarters of the leases that can be revoked in a second. */
const IN_A_SECOND = 750;

/** Makes the server the leader, with nothing planned yet; its leases, the soonest first. */
export const takeLead = (server: Server, config: ServerConfig): readonly LeaseId[] => {
  const { clock, lessor } = server;
  server.checkpoints = new Checkpoints(lessor, config);
  promote(lessor, config, clock.now);
  for (const slot of lessor.slots()) server.checkpoints.plan(slot, clock.now);
  return lessor.list();
};

/** The deadlines that all leases have. */
export const deadlinesOf = (lessor: Lessor): readonly LeaseDeadline[] =>
  lessor.slots().map((slot) => ({
    id: lessor.idOf(slot),
    deadline: lessor.deadlineOf(slot),
    ttl: lessor.grantedTtl(slot),
  }));

/** Gives each lease its deadline; those that it lists, the soonest first, where there are many. */
const promote = (lessor: Lessor, config: ServerConfig, now: Instant): void => {
  // CONST-11
  const extension = electionTime(config);
  const rests = lessor.slots().map((slot) => ({ slot, rest: restOf(lessor, slot) }));
  rests.sort((left, right) => left.rest - right.rest);
  const delays = rests.length < MANY ? rests.map(() => 0) : delaysOf(rests.map(({ rest }) => rest));
  for (const [index, { slot, rest }] of rests.entries()) {
    const delay = delays[index] as number;
    lessor.extend(slot, instant(now + rest + extension + delay));
  }
};

/** RESTART-02, CKPT-05: in milliseconds. CKPT-01: without a checkpoint all of the TTL. */
const restOf = (lessor: Lessor, slot: Slot): number => {
  const { ttl, left } = lessor.termOf(slot);
  return (left > 0 ? left : ttl) * 1000;
};

/** RESTART-04: how much longer each lives, given the rests in ascending order. */
const delaysOf = (rests: readonly number[]): number[] => {
  let first = rests[0] ?? 0;
  let until = first + 1000;
  let inWindow = 0;
  return rests.map((rest) => {
    if (rest > until) {
      first = rest;
      until = rest + 1000;
      inWindow = 1;
      return 0;
    }
    inWindow += 1;
    if (inWindow <= IN_A_SECOND) return 0;
    // etcd counts in whole nanoseconds.
    const nanoseconds = 1e9 * (inWindow / IN_A_SECOND) - 1e6 * (rest - first);
    const delay = Math.trunc(nanoseconds) / 1e6;
    until = first + delay;
    return delay;
  });
};
