/** The requests of the KV service: each function answers one, and keeps leases and keys in step. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { Compact, DeleteRange, Put, Range, RequestOp } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { KeyValue, RangeResult, Response } from '../api/response.ts';
import type { Revision } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import { refused } from './lease-requests.ts';
import { shown } from './range-view.ts';
import { reportDeleted, reportPut, type Server } from './server.ts';
import { NO_SLOT } from './slots.ts';
import type { Store } from './store.ts';

/** An operation but a transaction. */
export type PlainOp = Exclude<RequestOp, { readonly kind: 'txn' }>;

/** KV-05: what is wrong with a request itself; it comes before all else, in this order. */
export const edgeRefusal = (op: PlainOp): Reason | undefined => {
  if (op.key === NO_BYTES) return 'key-empty';
  if (op.kind !== 'put') return undefined;
  // KV-04
  if (op.ignoreValue && op.value !== NO_BYTES) return 'value-provided';
  // KV-03
  return op.ignoreLease && op.lease !== 0n ? 'lease-provided' : undefined;
};

export const put = (server: Server, request: Put): Response => {
  const { ids, lessor, space, store } = server;
  const { key, ignoreLease, ignoreValue } = request;
  const reason = edgeRefusal(request);
  if (reason !== undefined) return refused(reason);
  ids.take();
  // KV-05, GRANT-09
  if (space.isExhausted) return refused('no-space');
  // KV-01, KV-05: the lease is looked at before the key. EXP-10: an overdue lease is a lease.
  if (request.lease !== 0n && lessor.find(request.lease) === NO_SLOT) {
    return refused('lease-not-found');
  }
  const previous = store.get(key);
  // KV-03, KV-04
  if (previous === undefined && (ignoreLease || ignoreValue)) return refused('key-not-found');
  const value = ignoreValue && previous !== undefined ? previous.value : request.value;
  const lease = ignoreLease && previous !== undefined ? previous.lease : request.lease;
  const before = store.revision;
  const kv = store.put(key, value, lease, previous);
  if (store.revision !== before + 1 || kv.modRevision !== store.revision) {
    throw new InvariantViolation('a put takes one revision', { before, after: store.revision });
  }
  moveKey(server, previous, kv);
  // KV-13
  const prevKv = previous ?? null;
  reportPut(server, kv, prevKv);
  return {
    kind: 'putDone',
    revision: kv.modRevision,
    prevKv: request.prevKv ? prevKv : null,
  };
};

/** KV-12 */
export const range = (server: Server, request: Range): Response => {
  const reason = edgeRefusal(request) ?? pastRefusal(server.store, request.view.revision);
  return reason === undefined ? rangeResult(server, server.store, request) : refused(reason);
};

/** KV-19: why there is no reading at a revision, if there is not; 0 or less is the current one. */
export const pastRefusal = (store: Store, revision: bigint): Reason | undefined => {
  if (revision <= 0n) return undefined;
  if (revision > store.revision) return 'future-revision';
  return revision < store.history.floor ? 'compacted' : undefined;
};

/** What a range shows, where `now` is what it sees of the present. */
export const rangeResult = (
  { etcd, store }: Server,
  now: { readonly revision: Revision; range(key: Bytes, rangeEnd: Bytes): readonly KeyValue[] },
  { key, rangeEnd, view }: Omit<Range, 'token'>,
): RangeResult => {
  const kvs =
    view.revision <= 0n
      ? now.range(key, rangeEnd)
      : store.rangeAt(key, rangeEnd, Number(view.revision));
  // KV-19: of the past too, the header has the revision of the present.
  return shown(kvs, view, now.revision, etcd);
};

export const deleteRange = (server: Server, request: DeleteRange): Response => {
  const { ids, lessor, store } = server;
  const reason = edgeRefusal(request);
  if (reason !== undefined) return refused(reason);
  ids.take();
  const before = store.revision;
  const deleted = store.delete(store.keys(request.key, request.rangeEnd));
  for (const kv of deleted) {
    // KV-06: the key leaves its lease, and the lease stays.
    if (kv.lease !== 0n) lessor.detach(kv.lease, kv.key);
  }
  if (store.revision !== before + (deleted.length === 0 ? 0 : 1)) {
    throw new InvariantViolation('a delete takes one revision, or none', { before });
  }
  reportDeleted(server, deleted);
  return {
    kind: 'deleted',
    revision: store.revision,
    deleted: deleted.length,
    prevKvs: request.prevKv ? deleted : [],
  };
};

/** KV-20: all at and after the revision can still be read; whether `physical` or not. */
export const compact = ({ etcd, ids, store }: Server, { revision }: Compact): Response => {
  ids.take();
  if (revision <= store.history.floor) return refused('compacted');
  if (revision > store.revision) return refused('future-revision');
  // KV-20: since 3.5.16 a deletion at the revision itself can still be watched.
  store.compact(Number(revision) as Revision, etcd !== '3.4');
  return { kind: 'compacted', revision: store.revision };
};

/** KV-02: takes a key off the lease it had and attaches it to the one it has. */
export const moveKey = ({ lessor }: Server, previous: KeyValue | undefined, kv: KeyValue): void => {
  const last = previous === undefined ? 0n : previous.lease;
  // KV-15: nothing to do when it stays where it is.
  if (last === kv.lease) return;
  if (last !== 0n) lessor.detach(last, kv.key);
  if (kv.lease !== 0n) lessor.attach(lessor.find(kv.lease), kv.key);
};
