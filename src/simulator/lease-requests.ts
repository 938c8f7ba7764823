/** The requests of the lease service but keep-alives: each function answers one. */
import type { Bytes } from '../api/bytes.ts';
import type { Grant, Revoke, TimeToLive } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import { between, seconds, truncSeconds } from '../api/units.ts';
import { NO_SLOT } from './slots.ts';
import { MAX_TTL } from './flags.ts';
import { removeLease, type Server } from './server.ts';

const NO_KEYS: readonly Bytes[] = [];

export const refused = (reason: Reason): Response => ({ kind: 'refused', reason });

export const grant = (server: Server, request: Grant): Response => {
  const { checkpoints, clock, ids, lessor, minTtl, space, store } = server;
  // CONST-14, CONST-15
  const id = request.id === 0n ? ids.takeLeaseId() : request.id;
  ids.take();
  // GRANT-01, GRANT-09
  if (space.isExhausted) return refused('no-space');
  // GRANT-01: the TTL is looked at before the id. GRANT-03
  if (request.ttl > MAX_TTL) return refused('ttl-too-large');
  // GRANT-04: also while the lease is overdue.
  if (lessor.find(id) !== NO_SLOT) return refused('lease-exists');
  // GRANT-02
  const asked = seconds(Number(request.ttl));
  const ttl = asked < minTtl ? minTtl : asked;
  checkpoints.plan(lessor.grant(id, ttl, clock.now), clock.now);
  // GRANT-06
  return { kind: 'granted', revision: store.revision, id, ttl };
};

export const revoke = (server: Server, { id }: Revoke): Response => {
  const slot = server.lessor.find(id);
  if (slot === NO_SLOT) {
    server.ids.take();
    // REVOKE-01
    return refused('lease-not-found');
  }
  // REVOKE-07: an overdue lease is a lease.
  removeLease(server, slot);
  // REVOKE-04
  return { kind: 'revoked', revision: server.store.revision };
};

/** Changes nothing (TTL-10). */
export const timeToLive = (server: Server, { id, keys }: TimeToLive): Response => {
  const { clock, lessor, store } = server;
  const { revision } = store;
  const slot = lessor.find(id);
  if (slot === NO_SLOT) {
    // TTL-03
    const ttl = seconds(-1);
    return { kind: 'remainingTtl', revision, id, ttl, grantedTtl: seconds(0), keys: NO_KEYS };
  }
  return {
    kind: 'remainingTtl',
    revision,
    id,
    // TTL-01, TTL-02
    ttl: truncSeconds(between(clock.now, lessor.deadlineOf(slot))),
    grantedTtl: lessor.grantedTtl(slot),
    // TTL-04: any order will do; this is the order of attachment.
    keys: keys ? lessor.keysOf(slot) : NO_KEYS,
  };
};

/** LIST-01, LIST-02, LIST-03 */
export const leases = ({ lessor, store }: Server): Response => ({
  kind: 'leaseList',
  revision: store.revision,
  ids: lessor.list(),
});
