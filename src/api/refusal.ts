/** Why etcd refuses a request, and what it says on the wire (WIRE-09). */
import type { MinorVersion } from './config.ts';

export type Reason =
  | 'lease-not-found'
  | 'lease-exists'
  | 'ttl-too-large'
  | 'key-empty'
  | 'value-provided'
  | 'lease-provided'
  | 'key-not-found'
  | 'duplicate-key'
  | 'too-many-ops'
  | 'invalid-sort'
  | 'compacted'
  | 'future-revision'
  | 'no-space'
  | 'watch-id-in-use'
  | 'empty-range'
  | 'no-leader'
  | 'leader-changed'
  | 'request-timed-out'
  | 'proposal-timed-out'
  | 'apply-timed-out'
  | 'too-many-requests';

export interface Refusal {
  /** The gRPC status code; 0: no status, but a message on a stream says so. */
  readonly code: number;
  /** etcd's exact message. */
  readonly message: string;
  /** Where a version has another code. */
  readonly codes?: Partial<Record<MinorVersion, number>>;
}

/** Reason → gRPC code and message. One code differs between 3.4 and 3.7 (WIRE-09). */
export const REFUSALS: Readonly<Record<Reason, Refusal>> = {
  'lease-not-found': { code: 5, message: 'etcdserver: requested lease not found' },
  'lease-exists': { code: 9, message: 'etcdserver: lease already exists' },
  'ttl-too-large': { code: 11, message: 'etcdserver: too large lease TTL' },
  'key-empty': { code: 3, message: 'etcdserver: key is not provided' },
  'value-provided': { code: 3, message: 'etcdserver: value is provided' },
  'lease-provided': { code: 3, message: 'etcdserver: lease is provided' },
  'key-not-found': { code: 3, message: 'etcdserver: key not found' },
  'duplicate-key': { code: 3, message: 'etcdserver: duplicate key given in txn request' },
  'too-many-ops': { code: 3, message: 'etcdserver: too many operations in txn request' },
  'invalid-sort': { code: 3, message: 'etcdserver: invalid sort option' },
  compacted: { code: 11, message: 'etcdserver: mvcc: required revision has been compacted' },
  'future-revision': {
    code: 11,
    message: 'etcdserver: mvcc: required revision is a future revision',
  },
  'no-space': { code: 8, message: 'etcdserver: mvcc: database space exceeded' },
  // On the wire these two are no status: the stream says them in `cancel_reason`, and goes on.
  'watch-id-in-use': { code: 0, message: 'mvcc: duplicate watch ID provided on the WatchStream' },
  'empty-range': { code: 0, message: 'mvcc: watcher range is empty' },
  'no-leader': { code: 14, message: 'etcdserver: no leader' },
  'leader-changed': { code: 14, message: 'etcdserver: leader changed' },
  'request-timed-out': { code: 14, message: 'etcdserver: request timed out' },
  // RESTART-07
  'proposal-timed-out': { code: 4, message: 'context deadline exceeded', codes: { '3.4': 2 } },
  'apply-timed-out': {
    code: 14,
    message: 'etcdserver: request timed out, waiting for the applied index took too long',
  },
  // CONST-16
  'too-many-requests': { code: 2, message: 'etcdserver: too many requests' },
};

/**
 * Those that leave open whether the request takes effect after all, so that whoever meets them on
 * the wire knows nothing. Only who knows what became of the server can expect them.
 */
const OPEN: ReadonlySet<Reason> = new Set([
  'no-leader',
  'leader-changed',
  'request-timed-out',
  'proposal-timed-out',
  'apply-timed-out',
  'too-many-requests',
]);

export const REASONS = Object.keys(REFUSALS) as readonly Reason[];

/**
 * The reason that etcd's code and message stand for, or undefined when they are none of the
 * table's.
 */
export const reasonOf = (code: number, message: string): Reason | undefined =>
  REASONS.find(
    (reason) =>
      REFUSALS[reason].code === code && REFUSALS[reason].message === message && !OPEN.has(reason),
  );

/**
 * The reason that an error is due to what was done to the server, in whose text etcd's message
 * stands: for who knows that.
 */
export const reasonOfLoss = (text: string): Reason | undefined =>
  [...OPEN].find((reason) => text.endsWith(`: ${REFUSALS[reason].message}`));

/** The reason that a message on a stream stands for, where no code comes with it. */
export const reasonSaid = (message: string): Reason | undefined =>
  REASONS.find((reason) => REFUSALS[reason].message === message);
