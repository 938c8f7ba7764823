/** Why a transaction is refused before anything of it is applied. */
import type { Put, RequestOp, Txn } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import { allHold } from './compare.ts';
import { malformation } from './key-value.ts';
import { unreadable } from './range.ts';
import type { RuleId } from './rules.ts';
import type { State } from './state.ts';
import { hasDuplicateKey } from './txn-keys.ts';
import { PROFILES } from './versions.ts';

/** CONST-16 */
export const MAXIMUM_OPS = 128;

export type Op = RequestOp;
type Branches = Omit<Txn, 'token'>;

export interface Wrong {
  readonly reason: Reason;
  readonly rules: readonly RuleId[];
}

/** What the request alone, or the alarm, speaks against, or null. */
export const unfit = (state: State, txn: Txn): Wrong | null => {
  const malformed = malformedTxn(txn, MAXIMUM_OPS);
  if (malformed !== null) {
    return { reason: malformed, rules: malformed === 'too-many-ops' ? TOO_MANY : MALFORMED };
  }
  // KV-09: in either branch, be it taken or not.
  if (hasDuplicateKey(txn.success) || hasDuplicateKey(txn.failure)) {
    return { reason: 'duplicate-key', rules: DUPLICATE };
  }
  // GRANT-09: a put in either branch will do.
  const countsNested = PROFILES[state.settings.server.etcd].nestedPuts === 'need space';
  return state.noSpace && hasPut(txn, countsNested)
    ? { reason: 'no-space', rules: NO_SPACE }
    : null;
};

/** What the state before the transaction speaks against in the branches taken, or null. */
export const obstacle = (state: State, txn: Txn): Wrong | null => {
  const { txnChecks } = PROFILES[state.settings.server.etcd];
  const ops = takenOps(state, txn);
  if (txnChecks === 'in order') return firstWrong(state, ops);
  const among = (kind: PlainOp['kind']): Wrong | null =>
    firstWrong(
      state,
      ops.filter((op) => op.kind === kind),
    );
  return among('put') ?? among('range');
};

const firstWrong = (state: State, ops: readonly PlainOp[]): Wrong | null => {
  for (const op of ops) {
    const wrong = op.kind === 'put' ? wrongPut(state, op) : wrongRange(state, op);
    if (wrong !== null) return wrong;
  }
  return null;
};

/** The operations of the branches taken, those of nested transactions in their place. */
export const takenOps = (state: State, txn: Branches): readonly PlainOp[] => {
  const ops = allHold(state, txn.compares) ? txn.success : txn.failure;
  if (ops.every(isPlainOp)) return ops;
  const taken: PlainOp[] = [];
  for (const op of ops) {
    if (isPlainOp(op)) taken.push(op);
    else for (const nested of takenOps(state, op)) taken.push(nested);
  }
  return taken;
};

type PlainOp = Exclude<Op, Branches>;

const isPlainOp = (op: Op): op is PlainOp => op.kind !== 'txn';

const malformedTxn = (txn: Branches, room: number): Reason | null => {
  const { compares, failure, success } = txn;
  // CONST-16: the longest list counts, and leaves the rest to what is nested in any of them.
  const longest = Math.max(compares.length, success.length, failure.length);
  if (longest > room) return 'too-many-ops';
  if (compares.some(({ key }) => key === '')) return 'key-empty';
  return malformedIn(success, room - longest) ?? malformedIn(failure, room - longest);
};

const malformedIn = (ops: readonly Op[], room: number): Reason | null => {
  for (const op of ops) {
    const malformed = malformedOp(op, room);
    if (malformed !== null) return malformed;
  }
  return null;
};

const malformedOp = (op: Op, room: number): Reason | null => {
  switch (op.kind) {
    case 'range':
    case 'deleteRange':
      return op.key === '' ? 'key-empty' : null;
    case 'put':
      return malformation(op);
    case 'txn':
      return malformedTxn(op, room);
  }
};

const hasPut = ({ failure, success }: Branches, countsNested: boolean): boolean => {
  const puts = (op: Op): boolean =>
    op.kind === 'put' || (countsNested && op.kind === 'txn' && hasPut(op, true));
  return success.some(puts) || failure.some(puts);
};

/** KV-07, KV-08; KV-05: which comes first depends on the version. */
const wrongPut = (state: State, put: Omit<Put, 'token'>): Wrong | null => {
  const needsKey = put.ignoreLease || put.ignoreValue;
  const noKey = needsKey && state.kvs.find(put.key) === undefined ? NO_KEY : null;
  const noLease = put.lease !== 0n && state.leases.find(put.lease) === undefined ? NO_LEASE : null;
  const leaseFirst = PROFILES[state.settings.server.etcd].putInTxn === 'lease first';
  return leaseFirst ? (noLease ?? noKey) : (noKey ?? noLease);
};

const wrongRange = (state: State, op: Op): Wrong | null => {
  const reason = op.kind === 'range' ? unreadable(state, op.view.revision) : null;
  return reason === null ? null : { reason, rules: UNREADABLE };
};

const TOO_MANY: readonly RuleId[] = ['CONST-16'];
const MALFORMED: readonly RuleId[] = ['KV-05'];
const DUPLICATE: readonly RuleId[] = ['KV-09'];
const NO_SPACE: readonly RuleId[] = ['GRANT-09'];
const UNREADABLE: readonly RuleId[] = ['KV-19'];
const NO_KEY: Wrong = { reason: 'key-not-found', rules: ['KV-05', 'KV-08'] };
const NO_LEASE: Wrong = { reason: 'lease-not-found', rules: ['KV-05', 'KV-07'] };
