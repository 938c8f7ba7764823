/**
 * What the requests of a simulated server share, and how it takes a lease away, whoever wants that.
 */
import { NO_BYTES } from '../api/bytes.ts';
import type { KeyValue, WatchEvent } from '../api/response.ts';
import { type Revision, revision as toRevision, type Seconds } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation } from '../invariant.ts';
import type { Slot } from './slots.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { RequestIds } from './ids.ts';
import type { Lessor } from './lessor.ts';
import type { Store } from './store.ts';

export interface Server {
  readonly clock: VirtualClock;
  readonly lessor: Lessor;
  readonly store: Store;
  /** What follows is another one after a restart. */
  ids: RequestIds;
  checkpoints: Checkpoints;
  minTtl: Seconds;
  /** Receives the events of one revision; undefined when nobody watches. */
  readonly watch: ((revision: Revision, events: readonly WatchEvent[]) => void) | undefined;
}

/** Takes a lease away and deletes its keys: the same for a revoke and for an expiry (EXP-08). */
export const removeLease = (server: Server, slot: Slot): void => {
  // An expiry is a raft request too (CONST-14).
  server.ids.take();
  const keys = server.lessor.revoke(slot);
  // REVOKE-03, EXP-07
  if (keys.length === 0) return;
  // REVOKE-02, EXP-07: one revision for all keys of the lease, in ascending order.
  const before = server.store.revision;
  reportDeleted(server, server.store.delete(keys));
  const { revision } = server.store;
  if (revision !== before + 1) {
    throw new InvariantViolation('a lease goes at one revision', { before, revision });
  }
};

/** Reports keys that were deleted at the revision that is the store's now. */
export const reportDeleted = ({ store, watch }: Server, deleted: readonly KeyValue[]): void => {
  if (watch === undefined || deleted.length === 0) return;
  const { revision } = store;
  watch(
    revision,
    deleted.map((prevKv) => deleteEvent(prevKv, revision)),
  );
};

/** REVOKE-05: the key and the revision of its deletion; all else is zero or empty. */
const deleteEvent = (prevKv: KeyValue, modRevision: Revision): WatchEvent => ({
  kind: 'delete',
  kv: {
    key: prevKv.key,
    value: NO_BYTES,
    createRevision: toRevision(0),
    modRevision,
    version: 0,
    lease: 0n,
  },
  prevKv,
});
