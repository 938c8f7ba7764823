/**
 * What etcd finds wrong with a transaction before it looks at the store: too many operations,
 * operations that would be refused by themselves, and keys that are written twice (KV-09).
 */
import { asBytes, type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { RequestOp, Txn } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import { edgeRefusal } from './kv-requests.ts';
import { RangeTree } from './range-tree.ts';

type Branches = Omit<Txn, 'token'>;

/** CONST-16 */
const MAX_OPS = 128;

/** Why a transaction is refused at once, if it is. */
export const shapeRefusal = (txn: Branches): Reason | undefined => {
  const reason = opsRefusal(txn, MAX_OPS);
  if (reason !== undefined) return reason;
  return isDistinct(txn.success) && isDistinct(txn.failure) ? undefined : 'duplicate-key';
};

/** The longest of the three lists counts, and leaves that much less to the transactions inside. */
const opsRefusal = (txn: Branches, allowed: number): Reason | undefined => {
  const longest = Math.max(txn.compares.length, txn.success.length, txn.failure.length);
  if (longest > allowed) return 'too-many-ops';
  if (txn.compares.some(({ key }) => key === NO_BYTES)) return 'key-empty';
  for (const ops of [txn.success, txn.failure]) {
    for (const op of ops) {
      const reason = op.kind === 'txn' ? opsRefusal(op, allowed - longest) : edgeRefusal(op);
      if (reason !== undefined) return reason;
    }
  }
  return undefined;
};

/** KV-09: no key is written twice. What stands alone has nothing to be compared with. */
const isDistinct = (ops: readonly RequestOp[]): boolean =>
  ops.length === 0 || (ops.length === 1 && ops[0]?.kind !== 'txn') || writtenBy(ops) !== undefined;

interface Written {
  readonly puts: ReadonlySet<Bytes>;
  /** From a key to another, which is exclusive. */
  readonly deletes: readonly (readonly [start: Bytes, end: Bytes])[];
}

/**
 * What a branch writes, the transactions in it included; undefined when it writes a key twice.
 * KV-09: those inside are compared with what is deleted beside or before them, not after; the two
 * branches of one may put the same key; and the end of a range is taken as it is written, so that
 * one without an end contains no key.
 */
const writtenBy = (ops: readonly RequestOp[]): Written | undefined => {
  const puts = new Set<Bytes>();
  const deletes: (readonly [start: Bytes, end: Bytes])[] = [];
  const deleted = new RangeTree<number>();
  const addDelete = (start: Bytes, end: Bytes): void => {
    if (start >= end) return;
    deleted.add(start, end, deletes.length);
    deletes.push([start, end]);
  };
  const isFree = (key: Bytes): boolean => !puts.has(key) && !deleted.contains(key);
  for (const op of ops) {
    if (op.kind !== 'deleteRange') continue;
    addDelete(op.key, op.rangeEnd === NO_BYTES ? asBytes(`${op.key}\0`) : op.rangeEnd);
  }
  for (const op of ops) {
    if (op.kind !== 'txn') continue;
    const success = writtenBy(op.success);
    const failure = writtenBy(op.failure);
    if (success === undefined || failure === undefined) return undefined;
    if (![...success.puts].every(isFree)) return undefined;
    for (const key of failure.puts) {
      if (puts.has(key) || deleted.contains(key)) return undefined;
    }
    for (const key of success.puts) puts.add(key);
    for (const key of failure.puts) puts.add(key);
    for (const [start, end] of [...success.deletes, ...failure.deletes]) addDelete(start, end);
  }
  for (const op of ops) {
    if (op.kind !== 'put') continue;
    if (!isFree(op.key)) return undefined;
    puts.add(op.key);
  }
  return { puts, deletes };
};
