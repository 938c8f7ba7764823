/** What a client asks of etcd: the lease, key-value and watch APIs, and alarms. */
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
  /** Of which revision, in what order, and how much of it. */
  readonly view: RangeView;
}

/** What a range shows of the keys it names; all zero and false: everything, as it is now. */
export interface RangeView {
  /** 0 or less: the current one. */
  readonly revision: bigint;
  /** 0 or less: no limit. */
  readonly limit: bigint;
  readonly sortOrder: SortOrder;
  readonly sortTarget: SortTarget;
  /** Answered by the member itself, without asking the others. */
  readonly serializable: boolean;
  readonly keysOnly: boolean;
  readonly countOnly: boolean;
  /** Bounds on the revisions of the keys shown, both included; 0: none. */
  readonly minModRevision: bigint;
  readonly maxModRevision: bigint;
  readonly minCreateRevision: bigint;
  readonly maxCreateRevision: bigint;
}

export type SortOrder = 'none' | 'ascend' | 'descend';
export type SortTarget = 'key' | 'version' | 'create' | 'mod' | 'value';

/** Everything, as it is now, in the order of the keys. */
export const PLAIN_VIEW: RangeView = {
  revision: 0n,
  limit: 0n,
  sortOrder: 'none',
  sortTarget: 'key',
  serializable: false,
  keysOnly: false,
  countOnly: false,
  minModRevision: 0n,
  maxModRevision: 0n,
  minCreateRevision: 0n,
  maxCreateRevision: 0n,
};

export interface DeleteRange {
  readonly kind: 'deleteRange';
  readonly token: Token;
  readonly key: Bytes;
  /** As in `Range`. */
  readonly rangeEnd: Bytes;
  readonly prevKv: boolean;
}

/** One thing that a transaction compares; of a range, every key has to satisfy it (KV-11). */
export type Compare = {
  readonly key: Bytes;
  /** As in `Range`. */
  readonly rangeEnd: Bytes;
  readonly result: 'equal' | 'greater' | 'less' | 'notEqual';
} & (
  | { readonly target: 'version' | 'create' | 'mod' | 'lease'; readonly operand: bigint }
  | { readonly target: 'value'; readonly operand: Bytes }
);

/** What a transaction does in one of its branches. */
export type RequestOp =
  | Omit<Range, 'token'>
  | Omit<Put, 'token'>
  | Omit<DeleteRange, 'token'>
  | Omit<Txn, 'token'>;

export interface Txn {
  readonly kind: 'txn';
  readonly token: Token;
  /** All of them have to hold; none: they do. */
  readonly compares: readonly Compare[];
  readonly success: readonly RequestOp[];
  readonly failure: readonly RequestOp[];
}

export interface Compact {
  readonly kind: 'compact';
  readonly token: Token;
  readonly revision: bigint;
  /** Answered only once the old revisions are gone from the disk. */
  readonly physical: boolean;
}

/** The one alarm that matters to leases: NOSPACE (GRANT-09, EXP-12). */
export interface Alarm {
  readonly kind: 'alarm';
  readonly token: Token;
  readonly action: 'list' | 'raise' | 'clear';
}

/** An int64 that names a watch on its stream. */
export type WatchId = bigint;

/** Begins a watch on a Watch stream of the client. */
export interface Watch {
  readonly kind: 'watch';
  readonly token: Token;
  readonly stream: StreamId;
  /** 0: the server chooses, from 0 on. */
  readonly watch: WatchId;
  readonly key: Bytes;
  /** As in `Range`. */
  readonly rangeEnd: Bytes;
  /** The first revision to deliver; 0: the next one. Negative ones: KV-23. */
  readonly startRevision: bigint;
  readonly prevKv: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
  readonly progressNotify: boolean;
  readonly fragment: boolean;
}

/** All that comes from now on, and nothing about it that has to be asked for. */
export const PLAIN_WATCH = {
  watch: 0n,
  startRevision: 0n,
  prevKv: false,
  noPut: false,
  noDelete: false,
  progressNotify: false,
  fragment: false,
} as const satisfies Partial<Watch>;

export interface CancelWatch {
  readonly kind: 'cancelWatch';
  readonly token: Token;
  readonly stream: StreamId;
  readonly watch: WatchId;
}

/** Asks how far the watches of the stream have come. */
export interface WatchProgress {
  readonly kind: 'watchProgress';
  readonly token: Token;
  readonly stream: StreamId;
}

export type Command =
  | Grant
  | Revoke
  | KeepAlive
  | TimeToLive
  | Leases
  | Put
  | Range
  | DeleteRange
  | Txn
  | Compact
  | Alarm
  | Watch
  | CancelWatch
  | WatchProgress;
