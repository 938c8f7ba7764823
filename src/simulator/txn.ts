/**
 * Transactions: the branch to take is chosen and checked on the store as it is before, then its
 * operations are staged, and what they changed is applied at one revision, or nothing is.
 */
import type { Put, Txn } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { Reason } from '../api/refusal.ts';
import type { PutDone, Response, ResponseOp, WatchEvent } from '../api/response.ts';
import { revision as toRevision } from '../api/units.ts';
import { moveKey, pastRefusal, type PlainOp, rangeResult } from './kv-requests.ts';
import { refused } from './lease-requests.ts';
import { isUnwatched, report, type Server } from './server.ts';
import { NO_SLOT } from './slots.ts';
import { Staged } from './staged.ts';
import type { Store } from './store.ts';
import { type Taken, taken } from './txn-compare.ts';
import { shapeRefusal } from './txn-shape.ts';

export const txn = (server: Server, request: Txn): Response => {
  const shape = shapeRefusal(request);
  if (shape !== undefined) return refused(shape);
  const { etcd, ids, space, store } = server;
  if (!isReadOnly(request)) {
    ids.take();
    // GRANT-09
    if (space.isExhausted && hasPut(request, etcd)) return refused('no-space');
  }
  const branch = taken(store, request);
  const reason = branchRefusal(server, branch);
  if (reason !== undefined) return refused(reason);
  const staged = new Staged(store);
  const responses = run(server, staged, branch);
  if (responses === undefined) return refused('key-not-found');
  const { revision } = staged;
  commit(server, staged);
  return { kind: 'txnResult', revision, succeeded: branch.succeeded, responses };
};

/** Only ranges, in both branches: such a one does not go through raft. */
export const isReadOnly = ({ success, failure }: Txn): boolean =>
  [success, failure].every((ops) => ops.every(({ kind }) => kind === 'range'));

/** Whether a branch, taken or not, puts; up to 3.5 a put in a transaction inside costs nothing. */
const hasPut = ({ success, failure }: Omit<Txn, 'token'>, etcd: MinorVersion): boolean =>
  [success, failure].some((ops) =>
    ops.some((op) => {
      if (op.kind === 'txn') return etcd !== '3.4' && etcd !== '3.5' && hasPut(op, etcd);
      return op.kind === 'put';
    }),
  );

/**
 * Why the branch taken is refused, if it is: by the first operation that is. Up to 3.5 all puts are
 * looked at before the ranges.
 */
const branchRefusal = (server: Server, branch: Taken): Reason | undefined => {
  switch (server.etcd) {
    case '3.4':
    case '3.5':
      return firstRefusal(server, branch, ['put']) ?? firstRefusal(server, branch, ['range']);
    case '3.6':
    case '3.7':
      return firstRefusal(server, branch, ['put', 'range']);
  }
};

const firstRefusal = (
  server: Server,
  { ops }: Taken,
  kinds: readonly PlainOp['kind'][],
): Reason | undefined => {
  for (const op of ops) {
    let reason: Reason | undefined;
    if (op.kind === 'taken') reason = firstRefusal(server, op, kinds);
    else if (kinds.includes(op.kind)) reason = opRefusal(server, op);
    if (reason !== undefined) return reason;
  }
  return undefined;
};

const opRefusal = (server: Server, op: PlainOp): Reason | undefined => {
  switch (op.kind) {
    case 'put':
      return putRefusal(server, op);
    case 'range':
      return viewRefusal(server.store, op.view.revision);
    case 'deleteRange':
      return undefined;
  }
};

/** KV-05, KV-08: unlike in a put by itself, up to 3.6 the key is looked at before the lease. */
const putRefusal = (
  { etcd, lessor, store }: Server,
  { ignoreLease, ignoreValue, key, lease }: Omit<Put, 'token'>,
): Reason | undefined => {
  const isMissing = (ignoreLease || ignoreValue) && store.get(key) === undefined;
  if (isMissing && etcd !== '3.7') return 'key-not-found';
  // KV-07
  if (lease !== 0n && lessor.find(lease) === NO_SLOT) return 'lease-not-found';
  return isMissing ? 'key-not-found' : undefined;
};

/** KV-19: unlike in a range by itself, a negative revision below the compacted one is compacted. */
const viewRefusal = (store: Store, revision: bigint): Reason | undefined =>
  revision < 0n && revision < store.history.floor ? 'compacted' : pastRefusal(store, revision);

/** Stages the operations of a branch; undefined: what one of them needs, another has deleted. */
const run = (server: Server, staged: Staged, { ops }: Taken): ResponseOp[] | undefined => {
  const responses: ResponseOp[] = [];
  for (const op of ops) {
    const response = runOp(server, staged, op);
    if (response === undefined) return undefined;
    responses.push(response);
  }
  return responses;
};

const runOp = (server: Server, staged: Staged, op: PlainOp | Taken): ResponseOp | undefined => {
  switch (op.kind) {
    case 'taken': {
      const responses = run(server, staged, op);
      if (responses === undefined) return undefined;
      // KV-10: without a header.
      const revision = toRevision(0);
      return { kind: 'txnResult', revision, succeeded: op.succeeded, responses };
    }
    case 'put':
      return runPut(staged, op);
    case 'range':
      return rangeResult(server, staged, op);
    case 'deleteRange': {
      const deleted = staged.delete(op.key, op.rangeEnd);
      const prevKvs = op.prevKv ? deleted : [];
      return { kind: 'deleted', revision: staged.revision, deleted: deleted.length, prevKvs };
    }
  }
};

const runPut = (staged: Staged, op: Omit<Put, 'token'>): PutDone | undefined => {
  const previous = staged.get(op.key);
  if (previous === undefined && (op.ignoreLease || op.ignoreValue)) return undefined;
  const value = op.ignoreValue && previous !== undefined ? previous.value : op.value;
  const lease = op.ignoreLease && previous !== undefined ? previous.lease : op.lease;
  staged.put(op.key, value, lease);
  const prevKv = op.prevKv ? (previous ?? null) : null;
  return { kind: 'putDone', revision: staged.revision, prevKv };
};

const commit = (server: Server, staged: Staged): void => {
  const { changes } = staged;
  if (changes.length === 0) return;
  const { store } = server;
  const events = isUnwatched(server) ? undefined : eventsOf(store, staged);
  const moves = staged.latest().map((kv) => ({ kv, previous: store.get(kv.key) }));
  store.apply(changes);
  for (const { kv, previous } of moves) moveKey(server, previous, kv);
  if (events !== undefined) report(server, events);
};

/** What a watch sees before each change is what there was before the transaction (KV-13). */
const eventsOf = (store: Store, { changes }: Staged): WatchEvent[] =>
  changes.map((kv) => {
    const isCreated = kv.createRevision === kv.modRevision;
    const prevKv = isCreated ? null : (store.get(kv.key) ?? null);
    return { kind: kv.version === 0 ? 'delete' : 'put', kv, prevKv };
  });
