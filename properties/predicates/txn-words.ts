/** What can be told of a transaction from the store before it, without model and simulator. */
import type { Compare, RequestOp, Txn } from '../../src/api/command.ts';
import type { KeyValue, ResponseOp, TxnResult } from '../../src/api/response.ts';
import type { Chronicle, Request, Store } from '../chronicle.ts';
import { inRange } from './key-value.ts';

export type TxnRequest = Request & { readonly command: Txn };
export type Branches = Omit<Txn, 'token'>;
export type SimpleOp = Exclude<RequestOp, { readonly kind: 'txn' }>;

export const txns = ({ requests }: Chronicle): readonly TxnRequest[] =>
  requests.filter((request): request is TxnRequest => request.command.kind === 'txn');

/** KV-11 */
export const holds = (store: Store, compare: Compare): boolean => {
  const kvs = inRange(store, compare.key, compare.rangeEnd);
  if (kvs.length === 0 && compare.target === 'value') return false;
  const found = kvs.length === 0 ? [0n] : kvs.map((kv) => valueOf(kv, compare.target));
  return found.every((value) => {
    const sign = value < compare.operand ? -1 : value > compare.operand ? 1 : 0;
    const { result } = compare;
    if (result === 'equal') return sign === 0;
    if (result === 'notEqual') return sign !== 0;
    return sign === (result === 'less' ? -1 : 1);
  });
};

const valueOf = (kv: KeyValue, target: Compare['target']): bigint | string => {
  if (target === 'value') return kv.value;
  if (target === 'lease') return kv.lease;
  const numbers = { version: kv.version, create: kv.createRevision, mod: kv.modRevision };
  return BigInt(numbers[target]);
};

export const succeeds = (store: Store, { compares }: Branches): boolean =>
  compares.every((compare) => holds(store, compare));

/** The operations of the branches that the store chooses. */
export const taken = (store: Store, txn: Branches): readonly SimpleOp[] =>
  (succeeds(store, txn) ? txn.success : txn.failure).flatMap((op) =>
    op.kind === 'txn' ? taken(store, op) : [op],
  );

/** All operations of all branches. */
export const allOps = (txn: Branches): readonly SimpleOp[] =>
  [...txn.success, ...txn.failure].flatMap((op) => (op.kind === 'txn' ? allOps(op) : [op]));

/** Every transaction in an answer, the outermost first, each with what was asked. */
export function* answeredTxns(
  txn: Branches,
  result: TxnResult,
): Generator<readonly [Branches, TxnResult]> {
  yield [txn, result];
  for (const [op, response] of answeredOps(txn, result)) {
    if (op.kind === 'txn' && response.kind === 'txnResult') yield* answeredTxns(op, response);
  }
}

/** The operations of the branch that was taken, each with its answer. */
export const answeredOps = (
  { failure, success }: Branches,
  { responses, succeeded }: TxnResult,
): (readonly [RequestOp, ResponseOp])[] =>
  (succeeded ? success : failure).flatMap((op, index) => {
    const response = responses[index];
    return response === undefined ? [] : [[op, response] as const];
  });
