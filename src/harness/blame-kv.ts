/**
 * Which rule an answer about transactions, views, compactions, alarms or watches breaks; the events
 * of a transaction too.
 */
import {
  PLAIN_VIEW,
  type Range,
  type RangeView,
  type RequestOp,
  type Txn,
} from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { RangeResult, Response, ResponseOp, TxnResult, WatchEvent } from '../api/response.ts';
import type { RuleId, State } from '../model/index.ts';
import type { Mismatch } from './mismatch.ts';

/** The rule that a refusal breaks, or an answer in place of one; null: none of these. */
export const blameKvRefusal = (
  { command, observed, state }: Mismatch,
  expected: Reason | null,
  seen: Reason | null,
): RuleId | null => {
  if (expected === 'no-space' || seen === 'no-space') {
    return command.kind === 'revoke' ? 'REVOKE-08' : 'GRANT-09';
  }
  switch (command.kind) {
    case 'range':
      return [expected, seen].includes('key-empty') ? 'KV-05' : 'KV-19';
    case 'compact':
      return 'KV-20';
    case 'alarm':
      return 'KV-21';
    case 'watch':
      if ([expected, seen].includes('compacted')) return 'KV-23';
      return [expected, seen].includes('watch-id-in-use') ? 'KV-25' : 'KV-24';
    case 'cancelWatch':
      return 'KV-26';
    case 'watchProgress':
      return 'KV-27';
    case 'txn':
      // The first thing that is wrong with it is what it is refused for.
      if (expected !== null && seen !== null) return ofTwo(expected, seen);
      return tookOtherBranch(command, expected, observed, state)
        ? 'KV-11'
        : (TXN_REFUSALS[expected ?? seen ?? 'key-empty'] ?? 'KV-05');
    default:
      return null;
  }
};

/** What is told from the request alone comes first, then what is not there (KV-05). */
const ofTwo = (expected: Reason, seen: Reason): RuleId => {
  const either = new Set([expected, seen]);
  if (either.has('too-many-ops')) return 'CONST-16';
  if (either.has('duplicate-key')) return 'KV-09';
  const areOfPut = either.has('key-not-found') && either.has('lease-not-found');
  return areOfPut ? 'KV-05' : 'KV-08';
};

const TXN_REFUSALS: Partial<Record<Reason, RuleId>> = {
  'lease-not-found': 'KV-07',
  'key-not-found': 'KV-08',
  'duplicate-key': 'KV-09',
  'too-many-ops': 'CONST-16',
  compacted: 'KV-19',
  'future-revision': 'KV-19',
};

/**
 * A transaction that should have been refused, and did what has nothing to refuse; or one that was
 * refused, and compares what is not there.
 */
const tookOtherBranch = (
  txn: Omit<Txn, 'token'>,
  expected: Reason | null,
  observed: Response,
  state: State,
): boolean => {
  const reason = expected ?? (observed.kind === 'refused' ? observed.reason : null);
  if (txn.compares.length === 0 || reason === null || !OF_A_BRANCH.has(reason)) return false;
  if (observed.kind === 'txnResult') {
    const ops = observed.succeeded ? txn.success : txn.failure;
    return !ops.some((op) => mayBeRefused(op, reason, state));
  }
  return txn.compares.some(({ key }) => state.kvs.find(key) === undefined);
};

/** What the branch that is not taken is not refused for. */
const OF_A_BRANCH: ReadonlySet<Reason> = new Set([
  'lease-not-found',
  'key-not-found',
  'compacted',
  'future-revision',
]);

const mayBeRefused = (op: RequestOp, reason: Reason, state: State): boolean => {
  switch (op.kind) {
    case 'put':
      if (reason === 'key-not-found') return op.ignoreLease || op.ignoreValue;
      if (reason !== 'lease-not-found' || op.lease === 0n) return false;
      return state.leases.find(op.lease) === undefined;
    case 'range':
      return (reason === 'compacted' || reason === 'future-revision') && op.view.revision !== 0n;
    case 'deleteRange':
      return false;
    case 'txn':
      return [...op.success, ...op.failure].some((each) => mayBeRefused(each, reason, state));
  }
};

/** The rule that a wrong range breaks, where it shows more than the keys as they are now. */
export const blameView = (
  view: RangeView,
  predicted: RangeResult,
  observed: RangeResult,
): RuleId | null => {
  if (predicted.count !== observed.count && view.revision <= 0n) return 'KV-18';
  const seen = new Map(observed.kvs.map((kv) => [kv.key, kv]));
  const hasAll = predicted.kvs.every(({ key }) => seen.has(key));
  const isSame = hasAll && seen.size === predicted.kvs.length;
  if (view.revision > 0n) {
    const isLease = predicted.kvs.some((kv) => seen.get(kv.key)?.lease !== kv.lease);
    if (isSame && isLease) return 'REVOKE-06';
    if (predicted.revision !== observed.revision) return 'KV-19';
    const isSameCount = predicted.count === observed.count;
    if (view.countOnly && !isSameCount) return 'KV-19';
    // The right keys in another order, or of as many keys others than it should show.
    const isOrder = String(keysOf(predicted)) === String(keysOf(observed));
    return isOrder || (isSameCount && !isSame && showsSome(view)) ? 'KV-18' : 'KV-19';
  }
  if (!showsSome(view)) return predicted.more === observed.more ? null : 'KV-18';
  if (!isSame || predicted.more !== observed.more) return 'KV-18';
  const isLease = predicted.kvs.some((kv) => seen.get(kv.key)?.lease !== kv.lease);
  return isLease ? 'KV-12' : 'KV-18';
};

/** True when it does not show all keys of that revision as they were. */
const showsSome = (view: RangeView): boolean =>
  (Object.keys(PLAIN_VIEW) as (keyof RangeView)[]).some(
    (field) => !HARMLESS.has(field) && view[field] !== PLAIN_VIEW[field],
  );

const HARMLESS: ReadonlySet<string> = new Set(['serializable', 'revision']);

/** The rule that a wrong answer to a transaction breaks. */
export const blameTxn = (
  { failure, success }: Omit<Txn, 'token'>,
  predicted: TxnResult,
  observed: TxnResult,
): RuleId => {
  const ops = predicted.succeeded ? success : failure;
  if (predicted.succeeded !== observed.succeeded) return 'KV-11';
  if (predicted.revision !== observed.revision) return 'KV-10';
  for (const [index, expected] of predicted.responses.entries()) {
    const seen = observed.responses[index];
    const op = ops[index];
    const rule = seen === undefined || op === undefined ? 'KV-28' : blameOp(op, expected, seen);
    if (rule !== null) return rule;
  }
  return 'KV-28';
};

/** KV-28 is about which keys there are; what is shown of them is up to the view. */
const blameRangeIn = (
  { view }: Omit<Range, 'token'>,
  expected: RangeResult,
  seen: RangeResult,
): RuleId => {
  const areOthers = String(keysOf(expected)) !== String(keysOf(seen));
  const isOtherCount = view.countOnly && expected.count !== seen.count;
  if (view.revision <= 0n && (areOthers || isOtherCount)) return 'KV-28';
  return blameView(view, expected, seen) ?? 'KV-12';
};

const keysOf = ({ kvs }: RangeResult): readonly string[] =>
  kvs.map(({ key, modRevision }) => `${key}@${modRevision}`).toSorted();

const blameOp = (op: RequestOp, expected: ResponseOp, seen: ResponseOp): RuleId | null => {
  if (text(expected) === text(seen)) return null;
  if (expected.revision !== seen.revision) return 'KV-10';
  if (expected.kind === 'txnResult' && seen.kind === 'txnResult' && op.kind === 'txn') {
    return blameTxn(op, expected, seen);
  }
  if (expected.kind === 'rangeResult' && seen.kind === 'rangeResult' && op.kind === 'range') {
    return blameRangeIn(op, expected, seen);
  }
  if (expected.kind === 'putDone') return 'KV-13';
  if (expected.kind === 'deleted' && seen.kind === 'deleted') {
    return expected.deleted === seen.deleted ? 'KV-13' : 'KV-28';
  }
  return 'KV-28';
};

/** The rule that wrong events of a transaction break. */
export const blameTxnEvents = (
  predicted: readonly WatchEvent[],
  observed: readonly WatchEvent[],
): RuleId => {
  if (predicted.length === 0) return 'KV-07';
  for (const [index, event] of predicted.entries()) {
    const seen = observed[index];
    if (seen === undefined || seen.kv.key !== event.kv.key) return 'KV-10';
    if (seen.kv.modRevision !== event.kv.modRevision) return 'KV-10';
    if (seen.kv.lease !== event.kv.lease) return event.kv.lease === 0n ? 'KV-02' : 'KV-01';
    if (event.kind === 'delete' && seen.kv.version !== event.kv.version) return 'REVOKE-05';
    if (text(seen.prevKv) !== text(event.prevKv)) return 'KV-13';
    if (text(seen) !== text(event)) return 'KV-28';
  }
  return 'KV-10';
};

const text = (value: unknown): string =>
  JSON.stringify(value, (_name, each: unknown) => (typeof each === 'bigint' ? `${each}` : each));
