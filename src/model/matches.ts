/**
 * Whether an observed response is one that the model allows: the freedom that leaves the state
 * alone.
 */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { Delivery, LeaseList, Response, TxnResult, WatchEvent } from '../api/response.ts';
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
  if (predicted.kind !== observed.kind) return 'kind';
  if (predicted.kind === 'refused' || observed.kind === 'refused') {
    return sameField(predicted, observed, 'reason');
  }
  if (predicted.kind === 'keptAlive') {
    const { revision } = observed;
    if (revision < predicted.revision || revision > state.revision) return 'revision';
  } else if (predicted.revision !== observed.revision) return 'revision';
  return mismatchInside(state, predicted, observed);
}

/** Of two answers of one kind and revision. */
const mismatchInside = (state: State, predicted: Answered, observed: Answered): string | null => {
  switch (predicted.kind) {
    case 'granted':
    case 'keptAlive':
      return sameField(predicted, observed, 'id') ?? sameField(predicted, observed, 'ttl');
    case 'remainingTtl':
      return (
        sameField(predicted, observed, 'id') ??
        sameField(predicted, observed, 'ttl') ??
        sameField(predicted, observed, 'grantedTtl') ??
        (sameSet(predicted.keys, (observed as typeof predicted).keys) ? null : 'keys')
      );
    case 'leaseList':
      return mismatchOfList(state, predicted, observed as LeaseList);
    case 'putDone':
      return sameKv(predicted.prevKv, (observed as typeof predicted).prevKv) ? null : 'prevKv';
    case 'rangeResult':
      return (
        sameField(predicted, observed, 'count') ??
        sameField(predicted, observed, 'more') ??
        (sameRange(predicted, observed as typeof predicted) ? null : 'kvs')
      );
    case 'deleted':
      return (
        sameField(predicted, observed, 'deleted') ??
        (sameKvs(predicted.prevKvs, (observed as typeof predicted).prevKvs) ? null : 'prevKvs')
      );
    case 'txnResult':
      return mismatchOfTxn(state, predicted, observed as TxnResult);
    case 'alarms':
      return sameField(predicted, observed, 'noSpace');
    case 'watchCreated':
    case 'watchCanceled':
      return sameField(predicted, observed, 'watch');
    case 'revoked':
    case 'compacted':
    case 'progress':
      return null;
  }
};

type Answered = Exclude<Response, { readonly kind: 'refused' }>;

/** True when two watch events are the same in every field. */
export const sameEvent = (left: WatchEvent, right: WatchEvent): boolean =>
  left.kind === right.kind && sameKv(left.kv, right.kv) && sameKv(left.prevKv, right.prevKv);

/** True when two watches deliver the same, in every field of every event. */
export const sameDelivery = (left: Delivery, right: Delivery): boolean =>
  left.stream === right.stream &&
  left.watch === right.watch &&
  left.revision === right.revision &&
  left.compactRevision === right.compactRevision &&
  left.events.length === right.events.length &&
  left.events.every((event, index) => sameEvent(event, right.events[index] as WatchEvent));

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

const sameField = <Field extends string>(left: object, right: object, field: Field) =>
  // Tells 0 from JavaScript's -0, which no server means to say.
  Object.is((left as Record<string, unknown>)[field], (right as Record<string, unknown>)[field])
    ? null
    : field;

const sameSet = (left: readonly Bytes[], right: readonly Bytes[]): boolean => {
  if (left.length !== right.length) return false;
  if (left.length < 2) return left[0] === right[0];
  const set = new Set(left);
  return set.size === new Set(right).size && right.every((key) => set.has(key));
};
