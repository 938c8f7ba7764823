/** What etcd answers. A refusal is an answer like any other. */
import type { Bytes } from './bytes.ts';
import type { LeaseId, StreamId, Token, WatchId } from './command.ts';
import type { Reason } from './refusal.ts';
import type { Revision, Seconds } from './units.ts';

/** One key with all that etcd keeps about it. */
export interface KeyValue {
  readonly key: Bytes;
  readonly value: Bytes;
  readonly createRevision: Revision;
  readonly modRevision: Revision;
  /** How often the key was put since it was created; 1 after the first put. */
  readonly version: number;
  /** The lease the key is attached to; 0: none. */
  readonly lease: LeaseId;
}

export interface Granted {
  readonly kind: 'granted';
  readonly revision: Revision;
  readonly id: LeaseId;
  /** The granted TTL: the requested one, raised to the minimum (GRANT-02). */
  readonly ttl: Seconds;
}

export interface Revoked {
  readonly kind: 'revoked';
  readonly revision: Revision;
}

export interface KeptAlive {
  readonly kind: 'keptAlive';
  /**
   * Read before the renewal (KA-06): a lower bound of the revision at which the lease was renewed.
   */
  readonly revision: Revision;
  readonly id: LeaseId;
  /** The granted TTL, or 0: there is no such lease (any more) (KA-02, KA-03). */
  readonly ttl: Seconds;
}

export interface RemainingTtl {
  readonly kind: 'remainingTtl';
  readonly revision: Revision;
  readonly id: LeaseId;
  /**
   * Remaining TTL, truncated toward zero (TTL-01); -1 with `grantedTtl` 0: no such lease (TTL-03).
   */
  readonly ttl: Seconds;
  readonly grantedTtl: Seconds;
  /** The attached keys in any order; empty unless asked for (TTL-04). */
  readonly keys: readonly Bytes[];
}

export interface LeaseList {
  readonly kind: 'leaseList';
  readonly revision: Revision;
  /** Soonest to expire first, ties in any order (LIST-03). */
  readonly ids: readonly LeaseId[];
}

export interface PutDone {
  readonly kind: 'putDone';
  readonly revision: Revision;
  /** What the key held before, when the put asked for it and there was something. */
  readonly prevKv: KeyValue | null;
}

export interface RangeResult {
  readonly kind: 'rangeResult';
  readonly revision: Revision;
  /** In ascending order of the keys, unless the request asked for another. */
  readonly kvs: readonly KeyValue[];
  /** There are more than the limit let through. */
  readonly more: boolean;
  /** How many keys the range names, whatever the limit. */
  readonly count: number;
}

export interface Deleted {
  readonly kind: 'deleted';
  readonly revision: Revision;
  readonly deleted: number;
  /** What the keys held, in ascending order, when the request asked for it. */
  readonly prevKvs: readonly KeyValue[];
}

/** What an operation of a transaction came to; a nested transaction has revision 0 (KV-10). */
export type ResponseOp = PutDone | RangeResult | Deleted | TxnResult;

export interface TxnResult {
  readonly kind: 'txnResult';
  readonly revision: Revision;
  /** All comparisons held. */
  readonly succeeded: boolean;
  /** One for each operation of the branch taken. */
  readonly responses: readonly ResponseOp[];
}

export interface Compacted {
  readonly kind: 'compacted';
  readonly revision: Revision;
}

export interface Alarms {
  readonly kind: 'alarms';
  readonly revision: Revision;
  /** Whether NOSPACE is among those that the answer names. */
  readonly noSpace: boolean;
}

export interface WatchCreated {
  readonly kind: 'watchCreated';
  readonly revision: Revision;
  readonly watch: WatchId;
}

/**
 * A watch has ended because its client asked for it. One that the server ends is a `Delivery`.
 */
export interface WatchCanceled {
  readonly kind: 'watchCanceled';
  readonly revision: Revision;
  readonly watch: WatchId;
}

/** All events up to the revision have been delivered on the stream. */
export interface Progress {
  readonly kind: 'progress';
  readonly revision: Revision;
}

export interface Refused {
  readonly kind: 'refused';
  readonly reason: Reason;
}

export type Response =
  | Granted
  | Revoked
  | KeptAlive
  | RemainingTtl
  | LeaseList
  | PutDone
  | RangeResult
  | Deleted
  | TxnResult
  | Compacted
  | Alarms
  | WatchCreated
  | WatchCanceled
  | Progress
  | Refused;

/** The response to the request named by `token`. */
export interface Answer {
  readonly token: Token;
  readonly response: Response;
}

/** One change of the store, as a watch over all keys with prev_kv delivers it (REVOKE-05). */
export interface WatchEvent {
  readonly kind: 'put' | 'delete';
  /**
   * After a put: the key as it is now. After a delete: only `key` and `modRevision` have a meaning.
   */
  readonly kv: KeyValue;
  readonly prevKv: KeyValue | null;
}

/**
 * What a watch stream delivers to its client, beside answers: events of one revision or, to a watch
 * that catches up, of several; that the server has ended the watch; or, without events, that the
 * watch has been told all there is up to the revision (KV-29).
 */
export interface Delivery {
  readonly stream: StreamId;
  readonly watch: WatchId;
  /** Of the header; 0 with a compacted start (KV-17). */
  readonly revision: Revision;
  readonly events: readonly WatchEvent[];
  /** Other than 0: the server ended the watch, since its start had been compacted up to there. */
  readonly compactRevision: Revision;
}

/** Whether it is the server's word, unasked, on how far the watch is (KV-29). */
export const isNotice = ({ events, compactRevision }: Delivery): boolean =>
  events.length === 0 && compactRevision === 0;
