/**
 * What a client asks of etcd: the lease API, and as much of the KV API as attaches keys to leases.
 */
import type { Bytes } from './bytes.ts';

/** An int64; negative ids are legal, 0 asks the server to choose one (CONST-14, CONST-15). */
export type LeaseId = bigint;

/** Names one request within a history; whoever calls chooses it, and the answer carries it. */
export type Token = number;

/**
 * Names one LeaseKeepAlive stream of one client; requests on a stream are served strictly in order
 * (KA-01).
 */
export type StreamId = number;

export interface Grant {
  readonly kind: 'grant';
  readonly token: Token;
  /** 0: the server chooses. */
  readonly id: LeaseId;
  /** Requested TTL in seconds: any int64, also 0 and negative (GRANT-02). */
  readonly ttl: bigint;
}

export interface Revoke {
  readonly kind: 'revoke';
  readonly token: Token;
  readonly id: LeaseId;
}

export interface KeepAlive {
  readonly kind: 'keepAlive';
  readonly token: Token;
  readonly id: LeaseId;
  readonly stream: StreamId;
}

export interface TimeToLive {
  readonly kind: 'timeToLive';
  readonly token: Token;
  readonly id: LeaseId;
  /** Asks for the attached keys as well (TTL-04). */
  readonly keys: boolean;
}

export interface Leases {
  readonly kind: 'leases';
  readonly token: Token;
}

export interface Put {
  readonly kind: 'put';
  readonly token: Token;
  readonly key: Bytes;
  readonly value: Bytes;
  /** 0: no lease, which detaches the key from the one it had (KV-02). */
  readonly lease: LeaseId;
  readonly ignoreLease: boolean;
  readonly ignoreValue: boolean;
  readonly prevKv: boolean;
}

export interface Range {
  readonly kind: 'range';
  readonly token: Token;
  readonly key: Bytes;
  /** Empty: the single key. One zero byte: every key from `key` on. Otherwise exclusive. */
  readonly rangeEnd: Bytes;
}

export interface DeleteRange {
  readonly kind: 'deleteRange';
  readonly token: Token;
  readonly key: Bytes;
  /** As in `Range`. */
  readonly rangeEnd: Bytes;
  readonly prevKv: boolean;
}

export type Command = Grant | Revoke | KeepAlive | TimeToLive | Leases | Put | Range | DeleteRange;
