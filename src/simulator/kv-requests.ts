/** The requests of the KV service: each function answers one, and keeps leases and keys in step. */
import { NO_BYTES } from '../api/bytes.ts';
import type { DeleteRange, Put, Range } from '../api/command.ts';
import type { KeyValue, Response } from '../api/response.ts';
import { InvariantViolation } from '../invariant.ts';
import { NO_SLOT } from './slots.ts';
import { refused } from './lease-requests.ts';
import { reportDeleted, type Server } from './server.ts';

export const put = (server: Server, request: Put): Response => {
  const { ids, lessor, store } = server;
  const { key, ignoreLease, ignoreValue } = request;
  // KV-05: what is wrong with the request itself comes first, in this order.
  if (key === NO_BYTES) return refused('key-empty');
  // KV-04
  if (ignoreValue && request.value !== NO_BYTES) return refused('value-provided');
  // KV-03
  if (ignoreLease && request.lease !== 0n) return refused('lease-provided');
  ids.take();
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
  server.watch?.(kv.modRevision, [{ kind: 'put', kv, prevKv }]);
  return {
    kind: 'putDone',
    revision: kv.modRevision,
    prevKv: request.prevKv ? prevKv : null,
  };
};

/** KV-12 */
export const range = ({ store }: Server, { key, rangeEnd }: Range): Response =>
  key === NO_BYTES
    ? refused('key-empty')
    : { kind: 'rangeResult', revision: store.revision, kvs: store.range(key, rangeEnd) };

export const deleteRange = (server: Server, request: DeleteRange): Response => {
  const { ids, lessor, store } = server;
  if (request.key === NO_BYTES) return refused('key-empty');
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

/** KV-02: takes a key off the lease it had and attaches it to the one it has. */
const moveKey = ({ lessor }: Server, previous: KeyValue | undefined, kv: KeyValue): void => {
  const last = previous === undefined ? 0n : previous.lease;
  // KV-15: nothing to do when it stays where it is.
  if (last === kv.lease) return;
  if (last !== 0n) lessor.detach(last, kv.key);
  if (kv.lease !== 0n) lessor.attach(lessor.find(kv.lease), kv.key);
};
