/** Why etcd refuses a request, and what it says on the wire (WIRE-09). */

export type Reason =
  | 'lease-not-found'
  | 'lease-exists'
  | 'ttl-too-large'
  | 'key-empty'
  | 'value-provided'
  | 'lease-provided'
  | 'key-not-found';

export interface Refusal {
  /** The gRPC status code. */
  readonly code: number;
  /** etcd's exact message. */
  readonly message: string;
}

/** Reason → gRPC code and message. The same in every version from 3.4 to 3.7 (WIRE-09). */
export const REFUSALS: Readonly<Record<Reason, Refusal>> = {
  'lease-not-found': { code: 5, message: 'etcdserver: requested lease not found' },
  'lease-exists': { code: 9, message: 'etcdserver: lease already exists' },
  'ttl-too-large': { code: 11, message: 'etcdserver: too large lease TTL' },
  'key-empty': { code: 3, message: 'etcdserver: key is not provided' },
  'value-provided': { code: 3, message: 'etcdserver: value is provided' },
  'lease-provided': { code: 3, message: 'etcdserver: lease is provided' },
  'key-not-found': { code: 3, message: 'etcdserver: key not found' },
};

export const REASONS = Object.keys(REFUSALS) as readonly Reason[];

/**
 * The reason that etcd's code and message stand for, or undefined when they are none of the
 * table's.
 */
export const reasonOf = (code: number, message: string): Reason | undefined =>
  REASONS.find((reason) => REFUSALS[reason].code === code && REFUSALS[reason].message === message);
