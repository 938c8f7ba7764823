/**
 * Which rule an answer about transactions, views, compactions, alarms or watches breaks; the events
 * of a transaction too.
 */
import {
  type Command,
  PLAIN_VIEW,
  type RangeView,
  type RequestOp,
  type Txn,
} from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { KeyValue, RangeResult, ResponseOp, TxnResult, WatchEvent } from '../api/response.ts';
import type { RuleId } from '../model/index.ts';

/** The rule that a refusal breaks, or an answer in place of one; null: none of these. */
export const blameKvRefusal = (
  command: Command,
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
      return [expected, seen].includes('watch-id-in-use') ? 'KV-25' : 'KV-24';
    case 'cancelWatch':
      return 'KV-26';
    case 'watchProgress':
      return 'KV-27';
    case 'txn':
      // The first thing that is wrong with it is what it is refused for.
      if (expected !== null && seen !== null) return ofTwo(expected, seen);
      return TXN_REFUSALS[expected ?? seen ?? 'key-empty'] ?? 'KV-05';
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
    if (!isSame) return 'KV-19';
    const differs = (kv: KeyValue): boolean => text(seen.get(kv.key)) !== text(kv);
    // The same in another order.
    if (!predicted.kvs.some(differs)) return 'KV-18';
    const isLease = predicted.kvs.some((kv) => seen.get(kv.key)?.lease !== kv.lease);
    return isLease ? 'REVOKE-06' : 'KV-19';
  }
  const isPlain = (Object.keys(PLAIN_VIEW) as (keyof RangeView)[]).every(
    (field) => field === 'serializable' || view[field] === PLAIN_VIEW[field],
  );
  if (isPlain) return predicted.more === observed.more ? null : 'KV-18';
  if (!isSame || predicted.more !== observed.more) return 'KV-18';
  const isLease = predicted.kvs.some((kv) => seen.get(kv.key)?.lease !== kv.lease);
  return isLease ? 'KV-12' : 'KV-18';
};

/** The rule that a wrong answer to a transaction breaks. */
export const blameTxn = (
  txn: Pick<Txn, 'success' | 'failure'>,
  predicted: TxnResult,
  observed: TxnResult,
): RuleId => {
  if (predicted.succeeded !== observed.succeeded) return 'KV-11';
  if (predicted.revision !== observed.revision) return 'KV-10';
  const ops = predicted.succeeded ? txn.success : txn.failure;
  for (const [index, expected] of predicted.responses.entries()) {
    const [op, seen] = [ops[index], observed.responses[index]];
    const rule = op === undefined || seen === undefined ? 'KV-28' : blameOp(op, expected, seen);
    if (rule !== null) return rule;
  }
  return 'KV-28';
};

const blameOp = (op: RequestOp, expected: ResponseOp, seen: ResponseOp): RuleId | null => {
  if (text(expected) === text(seen)) return null;
  const looksBack = op.kind === 'range' && op.view.revision > 0n;
  if (expected.revision !== seen.revision) return looksBack ? 'KV-19' : 'KV-10';
  if (op.kind === 'txn' && expected.kind === 'txnResult' && seen.kind === 'txnResult') {
    return blameTxn(op, expected, seen);
  }
  if (op.kind === 'range' && expected.kind === 'rangeResult' && seen.kind === 'rangeResult') {
    const isOfNow = op.view.revision <= 0n;
    if (isOfNow && expected.count !== seen.count) return 'KV-28';
    return blameView(op.view, expected, seen) ?? 'KV-28';
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
