/** One case of the conformance suite: a story that shows whether a server keeps a rule. */

/** What a case cannot do without; a target that lacks it gets `not-observable`. */
export type Need =
  /** A clock that stands still until it is moved: instants to the millisecond, leaps. */
  | 'virtual clock'
  /** The server can be restarted on its data. */
  | 'restart'
  /** HTTP on the client port. */
  | 'gateway'
  /** More leases at once than a turn can take: nothing to do to a server that others use. */
  | 'disturbance'
  /** Nobody else uses the server: compaction and alarms touch everybody. */
  | 'exclusive server';

export interface Case {
  /** Stable, unique: `granted-against-remaining`. */
  readonly id: string;
  /** The rules it shows; the first is what it is about. */
  readonly rules: readonly [string, ...string[]];
  readonly title: string;
  /** What is expected, and why. */
  readonly why: string;
  /** What of etcd says so: a function of its source. */
  readonly source: string;
  readonly needs: readonly Need[];
  /** The schedule, in text form, without its header. */
  readonly story: string;
}

/** The cases of one section of the rules. */
export type Cases = readonly Case[];
