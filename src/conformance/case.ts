/** One case of the conformance suite: a story that shows whether a server keeps a rule. */

/** What a case cannot do without; a target that lacks it gets `not-observable`. */
export type Need =
  /** A clock that stands still until it is moved: instants to the millisecond, leaps. */
  | 'virtual clock'
  /** The server can be restarted on its data. */
  | 'restart'
  /** The server can lose its leader, and lead again. */
  | 'leader loss'
  /** The server can be kept from applying what it has committed. */
  | 'slow apply'
  /** HTTP on the client port. */
  | 'gateway'
  /** A clock that runs by itself. */
  | 'running clock'
  /** It is behind gRPC, and not within this process. */
  | 'gRPC'
  /** More leases at once than a turn can take: nothing to do to a server that others use. */
  | 'disturbance'
  /** Users of the server can be made, and one be asked as. */
  | 'users'
  /** Nobody else uses the server: compaction and alarms touch everybody. */
  | 'exclusive server';

/** What all cases have. */
interface AnyCase {
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
}

/** A case in the words of schedules. */
export interface StoryCase extends AnyCase {
  /** The schedule, in text form, without its header. */
  readonly story: string;
}

/** A case in requests to the JSON gateway. */
export interface GatewayCase extends AnyCase {
  readonly exchanges: readonly Exchange[];
}

/**
 * A request and what must come of it. In the body, `{id N}` stands for a lease id of the case's
 * own, `{key TEXT}` for a key of its own in base64, `{revision}` for the revision of its last
 * put.
 */
export interface Exchange {
  /** POST unless it says otherwise. */
  readonly method?: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
  /** The answer does not end by itself. */
  readonly streams?: true;
  /** What is asked once the first line of the answer is there. */
  readonly meanwhile?: { readonly path: string; readonly body: string };
  /** Who asks, in a case that needs users; the administrator unless it says otherwise. */
  readonly as?: Member;
  readonly expect: Expected;
  /** What comes of it before 3.6: always in 3.4, in 3.5 up to some patch. */
  readonly before?: Expected;
}

/** Bob may read and write the key `a` of the case, Eve has no permission, nobody no name. */
export type Member = 'bob' | 'eve' | 'nobody';

/**
 * The two generations of gateways differ in how they word errors (WIRE-05, WIRE-06): a number or a
 * shape for each, or one for both.
 */
export type Either<T> = T | { readonly v1: T; readonly v2: T };

export interface Expected {
  readonly status: Either<number>;
  /**
   * What the JSON of the body must hold, line by line: every member named, with that value; null:
   * no such member. Of a stream that does not end by itself only so many are read.
   */
  readonly lines?: readonly Members[];
  /** The gRPC code and message of an error, in the generation's own envelope. */
  readonly error?: { readonly code: number; readonly message: string };
  /** The whole body, as text; empty: there is none. */
  readonly text?: Either<string>;
}

export interface Members {
  readonly [name: string]: string | number | boolean | null | Members | readonly Members[];
}

export type Case = StoryCase | GatewayCase;

/** The cases of one section of the rules. */
export type Cases = readonly Case[];
