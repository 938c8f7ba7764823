/**
 * What a step asks of the key-value store, as commands: puts, ranges, deletions and transactions,
 * with names bound to ids, and keys to the session's share.
 */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../api/bytes.ts';
import {
  type Command,
  type Compare,
  type LeaseId,
  PLAIN_VIEW,
  type Put,
  type RangeView,
  type RequestOp,
  type Token,
} from '../api/command.ts';
import {
  type Action,
  type CompareSpec,
  type LeaseRef,
  PLAIN,
  type RevisionRef,
  type TxnOp,
  type ViewSpec,
} from './schedule.ts';

/** What the names in a schedule stand for just now. */
export interface Bindings {
  /** What the session's keys begin with. */
  readonly keyPrefix: Bytes;
  readonly idOf: (lease: LeaseRef) => LeaseId;
  readonly revisionOf: (revision: RevisionRef) => bigint;
}

export const operationOf = (op: TxnOp, bindings: Bindings): RequestOp => {
  switch (op.kind) {
    case 'put':
      return putOf(op, 0, bindings);
    case 'range': {
      const { key, rangeEnd } = rangeOf(op, bindings);
      const view = op.view === PLAIN ? PLAIN_VIEW : viewOf(op.view, bindings);
      return { kind: 'range', key, rangeEnd, view };
    }
    case 'deleteRange': {
      const { key, rangeEnd } = rangeOf(op, bindings);
      return { kind: 'deleteRange', key, rangeEnd, prevKv: op.prevKv };
    }
    case 'txn':
      return {
        kind: 'txn',
        compares: op.compares.map((compare) => compareOf(compare, bindings)),
        success: op.success.map((each) => operationOf(each, bindings)),
        failure: op.failure.map((each) => operationOf(each, bindings)),
      };
  }
};

/**
 * The operation as a request of its own. Written out field by field: a spread costs more than all
 * else that is done for a request here.
 */
export const requestOf = (token: Token, op: RequestOp): Command => {
  switch (op.kind) {
    case 'put': {
      const { key, value, lease, ignoreLease, ignoreValue, prevKv } = op;
      return { kind: 'put', token, key, value, lease, ignoreLease, ignoreValue, prevKv };
    }
    case 'range':
      return { kind: 'range', token, key: op.key, rangeEnd: op.rangeEnd, view: op.view };
    case 'deleteRange': {
      const { key, rangeEnd, prevKv } = op;
      return { kind: 'deleteRange', token, key, rangeEnd, prevKv };
    }
    case 'txn': {
      const { compares, success, failure } = op;
      return { kind: 'txn', token, compares, success, failure };
    }
  }
};

/** The `index`th put (from 0) of a group. */
export const putOf = (
  action: Action & { kind: 'put' },
  index: number,
  bindings: Bindings,
): Omit<Put, 'token'> => {
  const { value, ignoreLease, ignoreValue, prevKv } = action;
  const name = action.count === 1 ? action.key : asBytes(`${action.key}${index + 1}`);
  const key = prefixed(name, bindings);
  let lease = 0n;
  if (action.lease !== null) {
    const { count, spread } = action;
    lease = bindings.idOf(member({ lease: action.lease, count: spread ? count : 1 }, index));
  }
  return { kind: 'put', key, value, lease, ignoreLease, ignoreValue, prevKv };
};

export const rangeOf = (
  { key, rangeEnd }: { readonly key: Bytes; readonly rangeEnd: Bytes },
  bindings: Bindings,
): { key: Bytes; rangeEnd: Bytes } => {
  const { keyPrefix } = bindings;
  if (keyPrefix === '') return { key, rangeEnd };
  // On a shared server «from here on» ends where the session's keys end.
  const end = rangeEnd === FROM_KEY ? prefixEnd(keyPrefix) : prefixed(rangeEnd, bindings);
  return { key: prefixed(key, bindings), rangeEnd: end };
};

/** What the `index`th lease of a group is called. */
export const member = (
  { lease, count }: { readonly lease: LeaseRef; readonly count: number },
  index: number,
): LeaseRef => (count === 1 ? lease : `${lease}.${index + 1}`);

/** The empty key stays empty: it is there to be refused. */
const prefixed = (key: Bytes, { keyPrefix }: Bindings): Bytes =>
  key === '' ? key : asBytes(keyPrefix + key);

const compareOf = (compare: CompareSpec, bindings: Bindings): Compare => {
  const { key, rangeEnd } = rangeOf(compare, bindings);
  const { result } = compare;
  switch (compare.target) {
    case 'version':
      return { key, rangeEnd, result, target: 'version', operand: compare.operand };
    case 'create':
    case 'mod': {
      const operand = bindings.revisionOf(compare.operand);
      return { key, rangeEnd, result, target: compare.target, operand };
    }
    case 'lease': {
      const operand = compare.operand === null ? 0n : bindings.idOf(compare.operand);
      return { key, rangeEnd, result, target: 'lease', operand };
    }
    case 'value':
      return { key, rangeEnd, result, target: 'value', operand: compare.operand };
  }
};

const viewOf = (view: ViewSpec, { revisionOf }: Bindings): RangeView => ({
  revision: revisionOf(view.revision),
  limit: view.limit,
  sortOrder: view.sortOrder,
  sortTarget: view.sortTarget,
  serializable: view.serializable,
  keysOnly: view.keysOnly,
  countOnly: view.countOnly,
  minModRevision: revisionOf(view.minModRevision),
  maxModRevision: revisionOf(view.maxModRevision),
  minCreateRevision: revisionOf(view.minCreateRevision),
  maxCreateRevision: revisionOf(view.maxCreateRevision),
});
