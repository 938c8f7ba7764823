/**
 * One way to explain the part of a real-clock history seen so far: which calls have taken effect,
 * the model's state after them, and what is known of each deadline. Extending it by one effect
 * gives another explanation, or the reason why not.
 *
 * The model runs on revisions that the history shows: other sessions write to the same server, so
 * before each effect the revision is moved to where the answer or the watch says it was.
 */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Input } from '../api/input.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import type { RuleId, State, Step } from '../model/index.ts';
import type { Window } from './windows.ts';

/** A call of the history, with what came of it. */
export interface Call {
  readonly command: Command;
  readonly at: Instant;
  readonly returned: Instant;
  readonly response: Response;
}

/** The events of one revision that a session's watch delivered. */
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
  /** How long after its deadline a lease may still be there, in milliseconds. */
  readonly lag: number;
}

export interface Effect {
  readonly before: State;
  readonly input: Input;
  readonly now: Instant;
  readonly step: Step;
}

export interface Explanation {
  readonly state: State;
  readonly deadlines: ReadonlyMap<LeaseId, Window>;
  /** The latest instant at which a lease that existed once can have gone. */
  readonly gone: ReadonlyMap<LeaseId, Instant>;
  /** Called, and not in effect yet. */
  readonly open: readonly Call[];
  /** In effect and answered by the model, and not returned yet. */
  readonly answered: ReadonlySet<Token>;
  /** How many deliveries the effects account for. */
  readonly delivered: number;
  /** The effects since the last entry, for the coverage. */
  readonly effects: readonly Effect[];
}

/** Why an explanation cannot be extended. */
export interface Reason {
  readonly rule: RuleId;
  readonly expected: string;
  readonly observed: string;
}

export const isReason = (result: Explanation | Reason): result is Reason => 'rule' in result;
