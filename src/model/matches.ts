/**
 * Whether an observed response is one that the model allows: the freedom that leaves the state
 * alone.
 */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type {
  LeaseList,
  RangeResult,
  RemainingTtl,
  Response,
  TxnResult,
  WatchEvent,
} from '../api/response.ts';
import { sameKv, sameKvs, sameRange } from './same-range.ts';
import type { State } from './state.ts';

/**
 * True when `observed` is what the model predicted, up to the order of keys in a time-to-live
 * (TTL-04), the order of leases that expire together in a list (LIST-03), that of many keys which
 * are equal in what a range was sorted by (KV-18), and the revision of a keep-alive, which is at
 * least the predicted one (KA-06) and at most the revision of `state`, the state after the step.
 */
export function matches(state: State, predicted: Response, observed: Response): boolean {
  return mismatch(state, predicted, observed) === null;
}

/** The field in which `observed` is not what was predicted, or null. */
export function mismatch(state: State, predicted: Response, observed: Response): string | null {
  // Read once: what has so many shapes is slow to read.
  const { kind } = predicted;
  if (kind !== observed.kind) return 'kind';
  if (kind === 'refused') {
    return unless(predicted.reason === (observed as typeof predicted).reason, 'reason');
  }
  const { revision } = observed as Answered;
  if (kind === 'keptAlive') {
    if (revision < predicted.revision || revision > state.revision) return 'revision';
  } else if (predicted.revision !== revision) return 'revision';
  return mismatchInside(state, predicted, observed as Answered);
}

/** Of two answers of one kind and revision. */
const mismatchInside = (state: State, predicted: Answered, observed: Answered): string | null => {
  switch (predicted.kind) {
    case 'granted':
    case 'keptAlive': {
      const { id, ttl } = observed as typeof predicted;
      return unless(predicted.id === id, 'id') ?? unless(Object.is(predicted.ttl, ttl), 'ttl');
    }
    case 'remainingTtl':
      return mismatchOfRemaining(predicted, observed as RemainingTtl);
    case 'leaseList':
      return mismatchOfList(state, predicted, observed as LeaseList);
    case 'putDone':
      return unless(sameKv(predicted.prevKv, (observed as typeof predicted).prevKv), 'prevKv');
    case 'rangeResult':
      return mismatchOfRange(predicted, observed as RangeResult);
    case 'deleted': {
      const { deleted, prevKvs } = observed as typeof predicted;
      return (
        unless(Object.is(predicted.deleted, deleted), 'deleted') ??
        unless(sameKvs(predicted.prevKvs, prevKvs), 'prevKvs')
      );
    }
    case 'txnResult':
      return mismatchOfTxn(state, predicted, observed as TxnResult);
    case 'alarms':
      return unless(predicted.noSpace === (observed as typeof predicted).noSpace, 'noSpace');
    case 'watchCreated':
    case 'watchCanceled':
      return unless(predicted.watch === (observed as typeof predicted).watch, 'watch');
    case 'revoked':
    case 'compacted':
    case 'progress':
      return null;
  }
};

const mismatchOfRemaining = (predicted: RemainingTtl, observed: RemainingTtl): string | null =>
  unless(predicted.id === observed.id, 'id') ??
  unless(Object.is(predicted.ttl, observed.ttl), 'ttl') ??
  unless(Object.is(predicted.grantedTtl, observed.grantedTtl), 'grantedTtl') ??
  unless(sameSet(predicted.keys, observed.keys), 'keys');

const mismatchOfRange = (predicted: RangeResult, observed: RangeResult): string | null =>
  unless(Object.is(predicted.count, observed.count), 'count') ??
  unless(predicted.more === observed.more, 'more') ??
  unless(sameRange(predicted, observed), 'kvs');

/**
 * Numbers are compared by `Object.is`: it tells 0 from JavaScript's -0, which no server means to
 * say.
 */
const unless = (isSame: boolean, field: string): string | null => (isSame ? null : field);

type Answered = Exclude<Response, { readonly kind: 'refused' }>;

/** True when two watch events are the same in every field. */
export const sameEvent = (left: WatchEvent, right: WatchEvent): boolean =>
  left.kind === right.kind && sameKv(left.kv, right.kv) && sameKv(left.prevKv, right.prevKv);

const mismatchOfTxn = (state: State, predicted: TxnResult, observed: TxnResult): string | null => {
  if (predicted.succeeded !== observed.succeeded) return 'succeeded';
  if (predicted.responses.length !== observed.responses.length) return 'responses';
  for (const [index, response] of predicted.responses.entries()) {
    const field = mismatch(state, response, observed.responses[index] as Response);
    if (field !== null) return `responses[${index}].${field}`;
  }
  return null;
};

/** The same leases, and none before one that expires earlier. */
const mismatchOfList = (state: State, predicted: LeaseList, observed: LeaseList): string | null => {
  if (predicted.ids.length !== observed.ids.length) return 'ids';
  if (predicted.ids.every((id, index) => id === observed.ids[index])) return null;
  const seen = new Set<LeaseId>();
  let last = -Infinity;
  let ordered = true;
  for (const id of observed.ids) {
    const lease = state.leases.find(id);
    if (lease === undefined || seen.has(id)) return 'ids';
    seen.add(id);
    if (lease.deadline < last) ordered = false;
    last = lease.deadline;
  }
  return ordered ? null : 'order';
};

const sameSet = (left: readonly Bytes[], right: readonly Bytes[]): boolean => {
  if (left.length !== right.length) return false;
  if (left.length < 2) return left[0] === right[0];
  const set = new Set(left);
  return set.size === new Set(right).size && right.every((key) => set.has(key));
};
