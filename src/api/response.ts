/** What etcd answers. A refusal is an answer like any other. */
import type { Bytes } from './bytes.ts';
import type { LeaseId, Token } from './command.ts';
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
  /** In ascending order of the keys. */
  readonly kvs: readonly KeyValue[];
}

export interface Deleted {
  readonly kind: 'deleted';
  readonly revision: Revision;
  readonly deleted: number;
  /** What the keys held, in ascending order, when the request asked for it. */
  readonly prevKvs: readonly KeyValue[];
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
