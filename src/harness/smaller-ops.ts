/** Smaller puts, ranges, deletions, transactions and watches, the boldest cuts first. */
import { asBytes, NO_BYTES } from '../api/bytes.ts';
import { type Action, PLAIN, type TxnOp, type ViewSpec } from './schedule.ts';

export function* smallerOps(op: TxnOp): Generator<TxnOp> {
  switch (op.kind) {
    case 'put':
      yield* smallerPuts(op);
      return;
    case 'range':
      if (op.rangeEnd !== '') yield { ...op, rangeEnd: NO_BYTES };
      for (const view of smallerViews(op.view)) yield { ...op, view };
      return;
    case 'deleteRange':
      if (op.rangeEnd !== '') yield { ...op, rangeEnd: NO_BYTES };
      if (op.prevKv) yield { ...op, prevKv: false };
      return;
    case 'txn':
      yield* smallerTxns(op);
      return;
  }
}

export function* smallerWatches(action: Action & { kind: 'watch' }): Generator<Action> {
  if (action.startRevision !== '0') yield { ...action, startRevision: '0' };
  for (const flag of ['prevKv', 'noPut', 'noDelete', 'progressNotify', 'fragment'] as const) {
    if (action[flag]) yield { ...action, [flag]: false };
  }
  if (action.id !== 0n) yield { ...action, id: 0n };
  if (action.stream > 1) yield { ...action, stream: 1 };
  if (action.rangeEnd !== '') yield { ...action, rangeEnd: NO_BYTES };
}

/** One of its operations alone, then without each part, then with each part smaller. */
function* smallerTxns(txn: TxnOp & { kind: 'txn' }): Generator<TxnOp> {
  yield* txn.success;
  yield* txn.failure;
  for (const part of ['failure', 'success', 'compares'] as const) {
    if (txn[part].length > 1) yield { ...txn, [part]: [] };
    for (const index of txn[part].keys()) {
      yield { ...txn, [part]: (txn[part] as readonly unknown[]).toSpliced(index, 1) };
    }
  }
  for (const branch of ['success', 'failure'] as const) {
    const ops = txn[branch];
    for (const [index, op] of ops.entries()) {
      // What a nested transaction does, without it.
      if (op.kind === 'txn') {
        for (const inner of [op.success, op.failure]) {
          if (inner.length > 0) yield { ...txn, [branch]: ops.toSpliced(index, 1, ...inner) };
        }
      }
      for (const smaller of smallerOps(op)) yield { ...txn, [branch]: ops.with(index, smaller) };
    }
  }
  for (const [index, compare] of txn.compares.entries()) {
    if (compare.rangeEnd === '') continue;
    yield { ...txn, compares: txn.compares.with(index, { ...compare, rangeEnd: NO_BYTES }) };
  }
}

function* smallerViews(view: ViewSpec): Generator<ViewSpec> {
  const fields = Object.keys(PLAIN) as (keyof ViewSpec)[];
  const changed = fields.filter((field) => view[field] !== PLAIN[field]);
  if (changed.length > 1) yield PLAIN;
  for (const field of changed) yield { ...view, [field]: PLAIN[field] };
}

function* smallerPuts(put: TxnOp & { kind: 'put' }): Generator<TxnOp & { kind: 'put' }> {
  if (put.ignoreLease) yield { ...put, ignoreLease: false };
  if (put.ignoreValue) yield { ...put, ignoreValue: false };
  if (put.prevKv) yield { ...put, prevKv: false };
  if (put.value !== '') yield { ...put, value: NO_BYTES };
  if (put.key !== 'a' && put.key !== '') yield { ...put, key: asBytes('a') };
}
