/** Which operations a transaction comes to: its comparisons, made of the store as it is before. */
import type { Compare, Txn } from '../api/command.ts';
import type { KeyValue } from '../api/response.ts';
import type { PlainOp } from './kv-requests.ts';
import type { Store } from './store.ts';

/** A transaction with the branch it takes. */
export interface Taken {
  readonly kind: 'taken';
  readonly succeeded: boolean;
  readonly ops: readonly (PlainOp | Taken)[];
}

/** Takes a branch of a transaction and, in it, of each transaction inside (KV-08). */
export const taken = (store: Store, txn: Omit<Txn, 'token'>): Taken => {
  const succeeded = txn.compares.every((compare) => holds(store, compare));
  const ops = (succeeded ? txn.success : txn.failure).map((op) =>
    op.kind === 'txn' ? taken(store, op) : op,
  );
  return { kind: 'taken', succeeded, ops };
};

/** KV-11: all keys of a range have to satisfy it; none at all are compared as zero. */
const holds = (store: Store, compare: Compare): boolean => {
  const kvs = store.range(compare.key, compare.rangeEnd);
  if (kvs.length > 0) return kvs.every((kv) => agrees(compare, order(kv, compare)));
  // Nothing is not the empty value.
  return compare.target !== 'value' && agrees(compare, sign(0n, compare.operand));
};

const agrees = ({ result }: Compare, compared: number): boolean => {
  switch (result) {
    case 'equal':
      return compared === 0;
    case 'notEqual':
      return compared !== 0;
    case 'greater':
      return compared > 0;
    case 'less':
      return compared < 0;
  }
};

const order = (kv: KeyValue, compare: Compare): number => {
  switch (compare.target) {
    case 'value':
      return sign(kv.value, compare.operand);
    case 'version':
      return sign(BigInt(kv.version), compare.operand);
    case 'create':
      return sign(BigInt(kv.createRevision), compare.operand);
    case 'mod':
      return sign(BigInt(kv.modRevision), compare.operand);
    case 'lease':
      return sign(kv.lease, compare.operand);
  }
};

const sign = <T extends bigint | string>(left: T, right: T): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};
