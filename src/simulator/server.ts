/**
 * What the requests of a simulated server share, and how it takes a lease away, whoever wants that.
 */
import type { MinorVersion } from '../api/config.ts';
import type { KeyValue, WatchEvent } from '../api/response.ts';
import type { Revision, Seconds } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation, invariant } from '../invariant.ts';
import { asList } from './history.ts';
import { NO_SLOT, type Slot } from './slots.ts';
import type { Checkpoints } from './checkpoints.ts';
import type { RequestIds } from './ids.ts';
import type { Lessor } from './lessor.ts';
import type { Space } from './space.ts';
import type { Store } from './store.ts';
import type { Watches } from './watches.ts';

export interface Server {
  readonly clock: VirtualClock;
  readonly lessor: Lessor;
  readonly store: Store;
  readonly etcd: MinorVersion;
  readonly space: Space;
  readonly watches: Watches;
  /** What follows is another one after a restart. */
  ids: RequestIds;
  checkpoints: Checkpoints;
  minTtl: Seconds;
  /** Receives the events of one revision; undefined when nobody watches. */
  readonly watch: ((revision: Revision, events: readonly WatchEvent[]) => void) | undefined;
}

/**
 * Takes a lease away and deletes its keys: the same for a revoke and for an expiry (EXP-08), and
 * whether there is space or not (REVOKE-08, EXP-12).
 */
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

/** Checks that a key is attached to a lease as often as a lease has a key. */
export const scanAttachments = ({ lessor, store }: Server): void => {
  const leased = store.scan((id, key) => {
    const slot = lessor.find(id);
    return slot !== NO_SLOT && lessor.isAttached(slot, key);
  });
  const attached = lessor.scan((key, id) => store.get(key)?.lease === id);
  invariant(attached === leased, 'key in lease as often as lease in key', { attached, leased });
};

/** Reports a put, which is the latest change of the store. */
export const reportPut = (server: Server, kv: KeyValue, prevKv: KeyValue | null): void => {
  if (isUnwatched(server)) return;
  report(server, [{ kind: 'put', kv, prevKv }]);
};

/** Reports the deletion of keys that held this, which is the latest change of the store. */
export const reportDeleted = (server: Server, deleted: readonly KeyValue[]): void => {
  if (deleted.length === 0 || isUnwatched(server)) return;
  const changes = asList(server.store.history.latest);
  report(
    server,
    deleted.map((prevKv, index) => ({ kind: 'delete', kv: changes[index] as KeyValue, prevKv })),
  );
};

export const isUnwatched = ({ watch, watches }: Server): boolean =>
  watch === undefined && watches.isEmpty;

/** Reports the events of the revision that is the store's now. */
export const report = ({ store, watch, watches }: Server, events: readonly WatchEvent[]): void => {
  watch?.(store.revision, events);
  watches.notify(store.revision, events);
};
