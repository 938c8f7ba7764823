/** A step of the model whose answers and events must be those of a real-clock history. */
import type { Command, LeaseId } from '../api/command.ts';
import type { Input } from '../api/input.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import { type Instant, instant } from '../api/units.ts';
import { breach, mismatch, type State, sameEvent, step, withDeadline } from '../model/index.ts';
import { blame, blameEvents } from './blame.ts';
import { wordResponse } from './describe.ts';
import type { Call, Evidence, Explanation, Reason } from './explanation.ts';
import { laterOf, shift, type Window } from './windows.ts';

/** Applies an input to the model; its answers and events must be those of the history. */
export const explainedStep = (
  from: Explanation,
  input: Input,
  at: Instant,
  evidence: Evidence,
  window: Window,
): Explanation | Reason => {
  const assigned = assign(from.state, input, at, evidence);
  if ('rule' in assigned) return assigned;
  const now = laterOf(assigned.now, at);
  const result = step(assigned, input, now);
  const deadlines = new Map(from.deadlines);
  const answered = new Set(from.answered);
  for (const answer of result.answers) {
    const call = evidence.calls.get(answer.token);
    if (call === undefined) continue;
    const differs = compare(assigned, result.state, call, answer.response, now);
    if (differs !== null) return differs;
    answered.add(answer.token);
    const life = lifeAfter(call, answer.response, window);
    if (life !== null) deadlines.set(life.id, life.deadline);
  }
  const gone = new Map(from.gone);
  for (const id of deadlines.keys()) {
    if (result.state.leases.find(id) !== undefined) continue;
    deadlines.delete(id);
    gone.set(id, window.to);
  }
  const delivered = deliver(from, input, result.events, evidence);
  if (typeof delivered !== 'number') return delivered;
  const state = restore(result.state, deadlines);
  const before = restore(assigned, from.deadlines);
  const effects = [...from.effects, { before, input, now, step: result }];
  return { ...from, state, deadlines, gone, answered, delivered, effects };
};

/** CONST-14: the id that the server chose is known from the answer. */
const assign = (state: State, input: Input, at: Instant, evidence: Evidence): State | Reason => {
  if (input.kind !== 'grant' || input.id !== 0n) return state;
  const response = evidence.calls.get(input.token)?.response;
  if (response?.kind !== 'granted') return state;
  const choice = { kind: 'assignId', id: response.id } as const;
  const now = laterOf(state.now, at);
  if (breach(state, choice, now) === null) return step(state, choice, now).state;
  return {
    rule: 'CONST-14',
    expected: `an id above ${state.lastAutoId}`,
    observed: `${choice.id}`,
  };
};

/** GRANT-07, KA-02: the life that a grant or a renewal within `window` gives. */
const lifeAfter = (
  call: Call,
  response: Response,
  window: Window,
): { id: LeaseId; deadline: Window } | null => {
  const gives = response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0);
  if (!gives) return null;
  const from = instant(Math.max(call.at, window.from));
  const to = instant(Math.min(call.returned, window.to));
  return { id: response.id, deadline: shift({ from, to }, response.ttl * 1000) };
};

/**
 * The differences that other sessions and the real clock make are taken out; the rest must agree.
 */
const compare = (
  before: State,
  after: State,
  call: Call,
  predicted: Response,
  now: Instant,
): Reason | null => {
  const { command, response: seen } = call;
  const observed = ownPart(after, seen);
  const expected = levelled(predicted, observed);
  const state =
    'revision' in observed
      ? { ...after, revision: laterOf(after.revision, observed.revision) }
      : after;
  const field = mismatch(state, expected, observed);
  if (field === null) return null;
  const past = undefined;
  const rule = blame({ state: before, now, command, predicted: expected, observed, field, past });
  return { rule, expected: wordResponse(expected), observed: wordResponse(observed) };
};

/** A list without the leases of other sessions. */
const ownPart = (state: State, response: Response): Response =>
  response.kind === 'leaseList'
    ? { ...response, ids: response.ids.filter((id) => state.leases.find(id) !== undefined) }
    : response;

/**
 * The prediction with what `constrain` has judged already, or what others move, as it was observed.
 */
const levelled = (predicted: Response, observed: Response): Response => {
  if (predicted.kind === 'leaseList' && observed.kind === 'leaseList') {
    return { ...predicted, revision: observed.revision };
  }
  if (predicted.kind === 'remainingTtl' && observed.kind === 'remainingTtl') {
    const known = predicted.grantedTtl > 0 && observed.grantedTtl > 0;
    return { ...predicted, revision: observed.revision, ttl: known ? observed.ttl : predicted.ttl };
  }
  if (predicted.kind === 'keptAlive' && observed.kind === 'keptAlive') {
    // KA-06: read before the renewal, and others may have written since.
    return { ...predicted, revision: observed.revision };
  }
  return predicted;
};

/**
 * How many deliveries are accounted for after these events; the last ones may not have come any
 * more.
 */
const deliver = (
  from: Explanation,
  input: Input,
  events: readonly WatchEvent[],
  evidence: Evidence,
): number | Reason => {
  if (events.length === 0) return from.delivered;
  const delivery = evidence.deliveries[from.delivered];
  if (delivery === undefined) return from.delivered;
  const same =
    delivery.events.length === events.length &&
    events.every((event, index) => sameEvent(event, delivery.events[index] as WatchEvent));
  if (same) return from.delivered + 1;
  const command = input.kind === 'turn' ? 'turn' : (input as Command);
  const rule = blameEvents(command, events, delivery.events);
  return { rule, expected: wordEvents(events), observed: wordEvents(delivery.events) };
};

const wordEvents = (events: readonly WatchEvent[]): string =>
  events.map(({ kind, kv }) => `${kind} ${kv.key} at ${kv.modRevision}`).join(', ');

/** Puts the deadlines in the model back to what is known of them. */
const restore = (state: State, deadlines: ReadonlyMap<LeaseId, Window>): State => {
  let restored = state;
  for (const [id, { from }] of deadlines) restored = withDeadline(restored, id, from);
  return restored;
};
