/** Extends explanations: a call takes effect, a lease goes. */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { type Instant, instant, type Revision, revision } from '../api/units.ts';
import { keysOf, step } from '../model/index.ts';
import { constrain } from './constraints.ts';
import { explainedStep } from './explained-step.ts';
import {
  type Call,
  type Evidence,
  type Explanation,
  isReason,
  type Reason,
} from './explanation.ts';
import { laterOf, type Window, wordInstant } from './windows.ts';

/** Lets `call` take effect, at some instant between it and its return, and at most at `limit`. */
export function takeEffect(
  from: Explanation,
  call: Call,
  limit: Instant,
  evidence: Evidence,
): Explanation | Reason {
  const { command, response } = call;
  const window: Window = { from: call.at, to: instant(Math.min(call.returned, limit)) };
  const late = latest(from, window, evidence);
  if (late !== null) return late;
  const open = from.open.filter((other) => other !== call);
  if (hasWaited(from, call)) return { ...from, open, answered: withToken(from.answered, call) };
  const timed = constrain(from, command, response, window);
  if (isReason(timed)) return timed;
  const performed = perform({ ...timed, open }, command, response, window, evidence);
  return isReason(performed) || !waited(from, call) ? performed : withWait(performed);
}

/** KA-04: a keep-alive that answered 0 for a lease that went while it was under way. */
const waited = ({ gone }: Explanation, { command, response, at }: Call): boolean =>
  command.kind === 'keepAlive' &&
  response.kind === 'keptAlive' &&
  response.ttl === 0 &&
  (gone.get(command.id) ?? -Infinity) >= at;

/** Counts the last effect as one of a keep-alive that waited. */
const withWait = (explanation: Explanation): Explanation => {
  const last = explanation.effects.at(-1);
  if (last === undefined) return explanation;
  const step = { ...last.step, rules: [...last.step.rules, 'KA-04' as const] };
  return { ...explanation, effects: [...explanation.effects.slice(0, -1), { ...last, step }] };
};

/**
 * KA-04: a keep-alive that answered 0 waited for a lease that went meanwhile; by now its id may be
 * in use again. It changes nothing, so where it stands among the other effects does not matter.
 */
const hasWaited = (explanation: Explanation, call: Call): boolean =>
  waited(explanation, call) &&
  call.command.kind === 'keepAlive' &&
  explanation.deadlines.has(call.command.id);

const withToken = (tokens: ReadonlySet<Token>, { command }: Call): ReadonlySet<Token> =>
  new Set(tokens).add(command.token);

/** Lets the server revoke `id` in a turn at some instant up to `limit`. */
export function expire(
  from: Explanation,
  id: LeaseId,
  limit: Instant,
  evidence: Evidence,
): Explanation | Reason {
  const deadline = from.deadlines.get(id) as Window;
  // EXP-03
  if (deadline.from > limit) {
    const expected = `lease ${id} not gone before ${wordInstant(deadline.from)}`;
    return { rule: 'EXP-03', expected, observed: `gone by ${wordInstant(limit)}` };
  }
  const keyed = keysOf(from.state, id).length > 0;
  const delivery = evidence.deliveries[from.delivered];
  if (keyed && delivery === undefined) return unseen(id, 'a watch event for each of its keys');
  const at =
    keyed && delivery !== undefined ? revision(delivery.revision - 1) : from.state.revision;
  if (at < from.state.revision) return unseen(id, `a revision above ${from.state.revision}`);
  const before = { ...from, state: { ...from.state, revision: at } };
  return explainedStep(before, { kind: 'turn', revoked: [id] }, deadline.from, evidence, {
    from: deadline.from,
    to: limit,
  });
}

const unseen = (id: LeaseId, expected: string): Reason => ({
  rule: 'EXP-07',
  expected,
  observed: `lease ${id} went without`,
});

/** EXP-02: no effect after an instant by which some lease must have gone. */
const latest = (from: Explanation, window: Window, { lag }: Evidence): Reason | null => {
  for (const [id, deadline] of from.deadlines) {
    if (deadline.to + lag >= window.from) continue;
    const expected = `lease ${id} gone by ${wordInstant(deadline.to + lag)}`;
    return { rule: 'EXP-02', expected, observed: `still there at ${wordInstant(window.from)}` };
  }
  return null;
};

/** Steps the model at the revision that the answer shows, and compares. */
const perform = (
  from: Explanation,
  command: Command,
  response: Response,
  window: Window,
  evidence: Evidence,
): Explanation | Reason => {
  const { state } = from;
  const at = shownRevision(response);
  const next = evidence.deliveries[from.delivered];
  if (at === null) return explainedStep(from, command, window.from, evidence, window);
  const writes = step(state, command, laterOf(state.now, window.from)).events.length > 0;
  const revisionBefore = revision(writes ? at - 1 : at);
  // What the watch showed up to this revision happened before.
  if (revisionBefore < state.revision || (next !== undefined && next.revision <= revisionBefore)) {
    return {
      rule: writes ? 'EXP-07' : 'REVOKE-02',
      expected: `a revision above ${Math.max(state.revision, next?.revision ?? 0)}`,
      observed: `${at}`,
    };
  }
  const moved = { ...from, state: { ...state, revision: revisionBefore } };
  return explainedStep(moved, command, window.from, evidence, window);
};

/** The revision at which the server served a request, when its answer says so exactly. */
const shownRevision = (response: Response): Revision | null => {
  switch (response.kind) {
    case 'granted':
    case 'revoked':
    case 'putDone':
    case 'rangeResult':
    case 'deleted':
      return response.revision;
    case 'keptAlive':
    case 'remainingTtl':
    case 'leaseList':
    case 'refused':
      return null;
  }
};
