/** A step of the model whose answers and events must be those of a real-clock history. */
import type { Command, LeaseId } from '../../api/command.ts';
import type { Input } from '../../api/input.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import { type Instant, instant, type Seconds, secondsToMilliseconds } from '../../api/units.ts';
import {
  mismatch,
  type RuleId,
  type State,
  sameEvent,
  step,
  withDeadline,
} from '../../model/index.ts';
import { shownPresent } from './absence.ts';
import { blame, blameEvents } from '../blame.ts';
import { latestDeadline } from './constraints.ts';
import { wordEvent, wordResponse } from '../describe.ts';
import {
  type Call,
  type Deadline,
  type Delivery,
  type Evidence,
  type Explanation,
  type Inference,
  nextDelivery,
  type PastLife,
  type Reason,
  reason,
} from './explanation.ts';
import { looksBack } from './judged.ts';
import { laterOf, shift, type Window } from './windows.ts';

/**
 * Applies an input to the model, at some instant in `window`; its answers and events must be those
 * of the history. `inferred`: why a lease is taken to have gone.
 */
export function explainedStep(
  from: Explanation,
  input: Input,
  evidence: Evidence,
  window: Window,
  inferred: Inference | null = null,
): Explanation | Reason {
  const assigned = assign(from.state, input, evidence);
  if ('rule' in assigned) return assigned;
  const now = laterOf(assigned.now, window.from);
  const result = step(assigned, input, now);
  const deadlines = new Map(from.deadlines);
  const answered = new Set(from.answered);
  let { freeUntil } = from;
  for (const { token, response } of result.answers) {
    const call = evidence.calls.get(token);
    if (call === undefined) continue;
    const differs = compare(assigned, result.state, call, response, now, evidence);
    if (differs !== null) return stillThere(from, call) ?? differs;
    answered.add(token);
    if (response.kind === 'granted') {
      const life = shift(window, secondsToMilliseconds(response.ttl));
      deadlines.set(response.id, { ...life, replaced: null });
      freeUntil = new Map(freeUntil).set(response.id, window.to);
    } else if (response.kind === 'keptAlive' && response.ttl > 0) {
      deadlines.set(response.id, renewed(from, response.id, response.ttl, window));
    }
  }
  let { pastLives } = from;
  for (const id of from.deadlines.keys()) {
    if (result.state.leases.find(id) !== undefined) continue;
    deadlines.delete(id);
    const life = { ...ended(from, id, input, window), revision: result.state.revision, inferred };
    pastLives = new Map(pastLives).set(id, [...(pastLives.get(id) ?? []), life]);
  }
  const delivered = deliver(from, input, result.events, evidence);
  if (typeof delivered !== 'number') return delivered;
  const state = restore(result.state, deadlines);
  const before = restore(assigned, from.deadlines);
  const effects = [...from.effects, { before, input, now, step: result }];
  return { ...from, state, deadlines, pastLives, freeUntil, answered, delivered, effects };
}

/** CONST-14: the id that the server chose is known from the answer. */
const assign = (state: State, input: Input, evidence: Evidence): State | Reason => {
  if (input.kind !== 'grant' || input.id !== 0n) return state;
  const call = evidence.calls.get(input.token);
  if (call?.response.kind !== 'granted') return state;
  const { id } = call.response;
  if (id > call.idFloor && state.leases.find(id) === undefined) {
    return step(state, { kind: 'assignId', id }, state.now).state;
  }
  return reason('CONST-14', `an id above ${call.idFloor} that is not in use`, `${id}`);
};

/** KA-02: a renewal does not come after the deadline, and never shortens a life. */
const renewed = (from: Explanation, id: LeaseId, ttl: Seconds, window: Window): Deadline => {
  const to = instant(Math.min(window.to, latestDeadline(from, id)));
  const life = shift({ from: window.from, to }, secondsToMilliseconds(ttl));
  const replaced = from.deadlines.get(id) as Window;
  return {
    from: laterOf(life.from, replaced.from),
    to: laterOf(life.to, replaced.from),
    replaced: { from: replaced.from, to: replaced.to },
  };
};

/** The life of a lease that goes within `window`. */
const ended = (
  from: Explanation,
  id: LeaseId,
  input: Input,
  window: Window,
): Pick<PastLife, 'granted' | 'gone' | 'renewable'> => {
  const granted = from.state.leases.find(id)?.granted as Seconds;
  const deadline = latestDeadline(from, id);
  // An expired lease was renewed its TTL before, or earlier.
  const last = input.kind === 'turn' ? window.to - secondsToMilliseconds(granted) : window.to;
  return { granted, gone: window.to, renewable: instant(Math.min(last, deadline)) };
};

/**
 * The differences that other sessions and the real clock make are taken out; the rest must agree.
 */
const compare = (
  before: State,
  after: State,
  { command, response: seen }: Call,
  predicted: Response,
  now: Instant,
  evidence: Evidence,
): Reason | null => {
  const observed = ownPart(after, seen, evidence);
  const expected = levelled(unseenAsSeen(predicted, command, observed, evidence), observed);
  const state =
    'revision' in observed
      ? { ...after, revision: laterOf(after.revision, observed.revision) }
      : after;
  const field = mismatch(state, expected, observed);
  if (field === null) return null;
  const past = undefined;
  const rule = blame({ state: before, now, command, predicted: expected, observed, field, past });
  return reason(rule, wordResponse(expected), wordResponse(observed));
};

/** An answer that shows a lease which was taken to have gone. */
const stillThere = ({ state, pastLives }: Explanation, call: Call): Reason | null => {
  for (const id of shownPresent(call)) {
    const life = pastLives.get(id)?.at(-1);
    if (life === undefined || life.inferred === null) continue;
    if (state.leases.find(id) !== undefined) continue;
    const { rule, expected } = life.inferred;
    return reason(rule, expected, `${wordResponse(call.response)}, as if it were there`);
  }
  return null;
};

/** A list without the leases of other sessions. */
const ownPart = (state: State, response: Response, { ids }: Evidence): Response => {
  if (response.kind !== 'leaseList') return response;
  const own = (id: LeaseId): boolean => ids.has(id) || state.leases.find(id) !== undefined;
  return { ...response, ids: response.ids.filter(own) };
};

/**
 * Where no watch shows all that was deleted up to the answer's revision, nobody knows at which
 * revisions it was: then what an older revision shows is taken as it was seen.
 */
const unseenAsSeen = (
  predicted: Response,
  command: Command,
  observed: Response,
  { deliveries }: Evidence,
): Response => {
  if (!looksBack(command) || predicted.kind !== observed.kind) return predicted;
  if (observed.kind === 'rangeResult' || observed.kind === 'txnResult') {
    const shown = deliveries.at(-1)?.revision ?? 0;
    return shown >= observed.revision ? predicted : observed;
  }
  return predicted;
};

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
  if (predicted.kind === 'alarms' && observed.kind === 'alarms') {
    return { ...predicted, revision: observed.revision };
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
  const delivery = nextDelivery(from, evidence);
  if (events.length === 0 || delivery === undefined) return from.delivered;
  const same =
    delivery.events.length === events.length &&
    events.every((event, index) => sameEvent(event, delivery.events[index] as WatchEvent));
  if (same) return from.delivered + 1;
  const rule = ruleOfEvents(from, input, events, delivery);
  return reason(rule, wordEvents(events), wordEvents(delivery.events));
};

/** The rule that wrong events break. */
const ruleOfEvents = (
  { state, deadlines }: Explanation,
  input: Input,
  expected: readonly WatchEvent[],
  seen: Delivery,
): RuleId => {
  const extra = seen.events.find(({ kv }) => !expected.some((event) => event.kv.key === kv.key));
  const kv = extra === undefined ? undefined : state.kvs.find(extra.kv.key);
  if (kv !== undefined && (input.kind === 'turn' || input.kind === 'revoke')) {
    // The key of another lease that went with this one, or one that had left it.
    const isDue = (deadlines.get(kv.lease)?.from ?? Infinity) <= seen.at;
    return isDue ? 'EXP-07' : 'KV-02';
  }
  return blameEvents(input.kind === 'turn' ? 'turn' : (input as Command), expected, seen.events);
};

export const wordEvents = (events: readonly WatchEvent[]): string =>
  events.map((event) => `${wordEvent(event)} at ${event.kv.modRevision}`).join(', ');

/** Puts the deadlines in the model back to what is known of them. */
const restore = (state: State, deadlines: ReadonlyMap<LeaseId, Window>): State => {
  let restored = state;
  for (const [id, { from }] of deadlines) restored = withDeadline(restored, id, from);
  return restored;
};
