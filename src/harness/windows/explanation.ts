/**
 * One way to explain the part of a real-clock history seen so far: which calls have taken effect,
 * the model's state after them, and what is known of each deadline. Extending it by one effect
 * gives another explanation, or the reason why not.
 *
 * The model runs on revisions that the history shows: other sessions write to the same server, so
 * before each effect the revision is moved to where the answer or the watch says it was.
 */
import type { Command, LeaseId, Token } from '../../api/command.ts';
import type { Input } from '../../api/input.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import type { Instant, Revision, Seconds } from '../../api/units.ts';
import { keysOf, type RuleId, type State, type Step } from '../../model/index.ts';
import type { Window } from './windows.ts';

export interface Explanation {
  readonly state: State;
  readonly deadlines: ReadonlyMap<LeaseId, Deadline>;
  /** The lives that are over, the last one at the end. */
  readonly pastLives: ReadonlyMap<LeaseId, readonly PastLife[]>;
  /** Of an id that was granted: the latest instant at which it can have been free before. */
  readonly freeUntil: ReadonlyMap<LeaseId, Instant>;
  /** Called, and not in effect yet. */
  readonly open: readonly Call[];
  /** In effect, and not returned yet. */
  readonly answered: ReadonlySet<Token>;
  /** How many deliveries the effects account for. */
  readonly delivered: number;
  /** The effects since the last entry, for the coverage. */
  readonly effects: readonly Effect[];
}

/** A lease that existed once; nobody saw exactly until when. */
export interface PastLife {
  readonly granted: Seconds;
  /** The latest instant at which it can have gone. */
  readonly gone: Instant;
  /** The latest instant at which it can have been renewed. */
  readonly renewable: Instant;
  /** The revision after it had gone. */
  readonly revision: Revision;
  /** Null where a revoke or a watch showed it. */
  readonly inferred: Inference | null;
}

/** Why a lease is taken to have gone that nobody saw go. */
export interface Inference {
  /** The rule that is broken if the lease is there after all. */
  readonly rule: RuleId;
  /** As reasons word it: `lease 7 gone by …`. */
  readonly expected: string;
}

/** What is known of when a lease expires. */
export interface Deadline extends Window {
  /** What was known before the last renewal; null: there was none. */
  readonly replaced: Window | null;
}

/** A call of the history, with what came of it. */
export interface Call {
  readonly command: Command;
  readonly at: Instant;
  readonly returned: Instant;
  readonly response: Response;
  /** CONST-14: an id that the server chooses is above this one, chosen before the call. */
  readonly idFloor: LeaseId;
}

/** The events of one revision that a watch delivered. */
export interface Delivery {
  readonly at: Instant;
  readonly revision: Revision;
  readonly events: readonly WatchEvent[];
}

/** What a component's explanations have in common. */
export interface Evidence {
  readonly calls: ReadonlyMap<Token, Call>;
  /** By revision. */
  readonly deliveries: readonly Delivery[];
  /** The ids that were granted here; a list of the server may hold others. */
  readonly ids: ReadonlySet<LeaseId>;
  /** How long after its deadline a lease may still be there, in milliseconds. */
  readonly lag: number;
}

export interface Effect {
  readonly before: State;
  readonly input: Input;
  readonly now: Instant;
  readonly step: Step;
}

/** Why an explanation cannot be extended. */
export interface Reason {
  readonly rule: RuleId;
  readonly expected: string;
  readonly observed: string;
  /** True when something else may have to come first: what forbids that is the better reason. */
  readonly isOrder: boolean;
}

export const isReason = (result: Explanation | Reason): result is Reason => 'rule' in result;

/** A reason of its own, whatever else may have come first. */
export const reason = (rule: RuleId, expected: string, observed: string): Reason => ({
  rule,
  expected,
  observed,
  isOrder: false,
});

/** The next delivery that no effect accounts for yet; undefined when the watches show no more. */
export const nextDelivery = (
  { delivered }: Explanation,
  { deliveries }: Evidence,
): Delivery | undefined => deliveries[delivered];

/** Whether the lease goes with a delivery: it has keys, and the watches have not ended. */
export const goesSeen = (from: Explanation, id: LeaseId, evidence: Evidence): boolean =>
  keysOf(from.state, id).length > 0 && nextDelivery(from, evidence) !== undefined;
