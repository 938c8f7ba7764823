/** What a step of the model yields. */
import type { Token } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Answer, Delivery, Response, WatchEvent } from '../api/response.ts';
import type { RuleId } from './rules.ts';
import type { State } from './state.ts';

export interface Step {
  readonly state: State;
  /**
   * One for an ordinary command; none while the server holds the request; those that a revoke or a
   * turn frees.
   */
  readonly answers: readonly Answer[];
  /** What a watch over all keys delivers, in order. */
  readonly events: readonly WatchEvent[];
  /** What the watch streams of clients deliver, each in its order. */
  readonly deliveries: readonly Delivery[];
  /** The rules whose branch was taken. */
  readonly rules: readonly RuleId[];
}

/** The state without something, and the events that its going caused. */
export interface Removal {
  readonly state: State;
  readonly events: readonly WatchEvent[];
}

/** Not frozen: loops over lists some of which are frozen are slow. */
export const NONE: readonly never[] = [];

/**
 * The rules of both lists, of which the other one is a constant: each time the same list, so that
 * nearly all steps have one of a few, and whoever counts them need not look into it.
 */
export const joined = (one: readonly RuleId[], other: readonly RuleId[]): readonly RuleId[] => {
  const known = JOINED.get(one)?.get(other);
  if (known !== undefined) return known;
  const both = [...one, ...other];
  JOINED.set(one, new Map(JOINED.get(one)).set(other, both));
  return both;
};

const JOINED = new WeakMap<readonly RuleId[], Map<readonly RuleId[], readonly RuleId[]>>();

/** A step that answers its own request. */
export const answered = (
  state: State,
  token: Token,
  response: Response,
  rules: readonly RuleId[],
  events: readonly WatchEvent[] = NONE,
): Step => ({ state, answers: [{ token, response }], events, deliveries: NONE, rules });

/** A step that answers nothing. */
export const silent = (state: State, rules: readonly RuleId[] = NONE): Step => ({
  state,
  answers: NONE,
  events: NONE,
  deliveries: NONE,
  rules,
});

/** A step that refuses its request. The state stays the very object it was. */
export const refused = (
  state: State,
  token: Token,
  reason: Reason,
  rules: readonly RuleId[],
): Step => answered(state, token, { kind: 'refused', reason }, rules);
