/** Extends explanations: a call takes effect, a lease goes. */
import type { LeaseId } from '../../api/command.ts';
import type { Response } from '../../api/response.ts';
import { type Instant, instant, type Revision, revision } from '../../api/units.ts';
import { keysOf, type RuleId, step } from '../../model/index.ts';
import { absence, shownAbsent, shownPresent } from './absence.ts';
import { constrain, latestDeadline } from './constraints.ts';
import { explainedStep } from './explained-step.ts';
import {
  type Call,
  type Deadline,
  type Evidence,
  type Explanation,
  goesSeen,
  type Inference,
  isReason,
  nextDelivery,
  type Reason,
  reason,
} from './explanation.ts';
import { ruleOfRevision, servedAt, takenBy } from './revisions.ts';
import { laterOf, type Window, wordInstant } from './windows.ts';

/**
 * Lets `call`, which is open no more, take effect at some instant in `window`, after leases have
 * gone unseen: those that its answer does not know any more, and those that must have gone by then.
 */
export function takeEffect(
  from: Explanation,
  call: Call,
  window: Window,
  evidence: Evidence,
): Explanation | Reason {
  let current = from;
  for (const [id, inferred] of unseenBefore(from, call, window, evidence)) {
    const expired = goesSeen(current, id, evidence)
      ? notYetSeen(current, id, window.to)
      : expire(current, id, window.to, evidence, inferred);
    if (isReason(expired)) return { ...expired, rule: ruleOfEarly(call, expired.rule) };
    current = expired;
  }
  const timed = constrain(current, call, window);
  if (isReason(timed)) return timed;
  return overstay(timed, window, evidence) ?? perform(timed, call, window, evidence);
}

/**
 * Lets the server revoke `id` in a turn at some instant up to `limit`. `inferred`: why, where no
 * watch shows it.
 */
export function expire(
  from: Explanation,
  id: LeaseId,
  limit: Instant,
  evidence: Evidence,
  inferred: Inference | null,
): Explanation | Reason {
  const deadline = from.deadlines.get(id) as Deadline;
  // EXP-03
  if (deadline.from > limit) return tooEarly(id, deadline, limit);
  const { state } = from;
  const delivery = goesSeen(from, id, evidence) ? nextDelivery(from, evidence) : undefined;
  if (delivery === undefined) return expireUnseen(from, id, limit, evidence, inferred);
  const at = revision(delivery.revision - 1);
  if (at < state.revision) {
    const expected = `a revision above ${state.revision} for lease ${id}`;
    return reason('EXP-07', expected, `revision ${delivery.revision}`);
  }
  return revokeInTurn(
    { ...from, state: { ...state, revision: at } },
    id,
    limit,
    evidence,
    inferred,
  );
}

/**
 * A lease that goes where no watch shows that. Nobody knows when, so whatever revision it took, the
 * last one that was seen may be later.
 */
const expireUnseen = (
  from: Explanation,
  id: LeaseId,
  limit: Instant,
  evidence: Evidence,
  inferred: Inference | null,
): Explanation | Reason => {
  const { state } = from;
  const taken = keysOf(state, id).length > 0 ? 1 : 0;
  const earlier = { ...state, revision: revision(state.revision - taken) };
  return revokeInTurn({ ...from, state: earlier }, id, limit, evidence, inferred);
};

const revokeInTurn = (
  from: Explanation,
  id: LeaseId,
  limit: Instant,
  evidence: Evidence,
  inferred: Inference | null,
): Explanation | Reason => {
  const { from: due } = from.deadlines.get(id) as Deadline;
  const turn = { kind: 'turn', revoked: [id] } as const;
  return explainedStep(from, turn, evidence, { from: due, to: limit }, inferred);
};

/** A lease that is shown absent has to go first, with its keys, where a watch shows that. */
const notYetSeen = (from: Explanation, id: LeaseId, limit: Instant): Reason => {
  const deadline = from.deadlines.get(id) as Deadline;
  if (deadline.from > limit) return { ...tooEarly(id, deadline, limit), isOrder: true };
  const expected = `a watch event for each key of lease ${id}`;
  return { ...reason('EXP-07', expected, 'the lease gone without'), isOrder: true };
};

const tooEarly = (id: LeaseId, deadline: Deadline, limit: Instant): Reason => {
  const expected = `lease ${id} not gone before ${wordInstant(deadline.from)}`;
  // Due by the deadline that the last renewal should have replaced.
  const asBefore = deadline.replaced !== null && deadline.replaced.from <= limit;
  return reason(asBefore ? 'KA-02' : 'EXP-03', expected, `gone by ${wordInstant(limit)}`);
};

/** GRANT-04: a grant that succeeds says of a lease with its id that it has gone. */
const ruleOfEarly = ({ command }: Call, rule: RuleId): RuleId =>
  command.kind === 'grant' && rule === 'EXP-03' ? 'GRANT-04' : rule;

/** The leases that have gone when the call takes effect, and that nobody has seen go. */
const unseenBefore = (
  from: Explanation,
  call: Call,
  window: Window,
  evidence: Evidence,
): ReadonlyMap<LeaseId, Inference> => {
  const gone = new Map<LeaseId, Inference>();
  const present = shownPresent(call);
  for (const id of overdueTooLong(from, window, evidence)) {
    if (present.includes(id) || goesSeen(from, id, evidence)) continue;
    gone.set(id, { rule: 'EXP-02', expected: goneBy(from, id, evidence) });
  }
  for (const id of shownAbsent(call, from)) gone.set(id, absence(call, id));
  return gone;
};

/** EXP-02: no effect after an instant by which some lease must have gone. */
const overstay = (from: Explanation, window: Window, evidence: Evidence): Reason | null => {
  const [id] = overdueTooLong(from, window, evidence);
  if (id === undefined) return null;
  const observed = `still there at ${wordInstant(window.from)}`;
  return reason('EXP-02', goneBy(from, id, evidence), observed);
};

const goneBy = (from: Explanation, id: LeaseId, { lag }: Evidence): string =>
  `lease ${id} gone by ${wordInstant(latestDeadline(from, id) + lag)}`;

const overdueTooLong = (
  from: Explanation,
  window: Window,
  { lag }: Evidence,
): readonly LeaseId[] => {
  const ids: LeaseId[] = [];
  for (const [id, deadline] of from.deadlines) {
    if (deadline.to + lag >= window.from) continue;
    if (latestDeadline(from, id) + lag < window.from) ids.push(id);
  }
  return ids;
};

/** Steps the model at the revision that the answer shows, and compares. */
const perform = (
  from: Explanation,
  { command, response }: Call,
  window: Window,
  evidence: Evidence,
): Explanation | Reason => {
  const { state } = from;
  const at = servedAt(response);
  if (at === null) return explainedStep(from, command, evidence, window);
  // KV-19: others may have written up to there, and what it asks for need not be in the future.
  const ahead = { ...state, revision: revision(Math.max(state.revision, at)) };
  const predicted = step(ahead, command, laterOf(state.now, window.from));
  const same = predicted.answers.some((answer) => answer.response.kind === response.kind);
  if (!same) return explainedStep(from, command, evidence, window);
  const writes = predicted.events.length > 0;
  const revisionBefore = revision(writes ? at - 1 : at);
  const first = firstUpTo(from, revisionBefore, evidence);
  if (first !== null) {
    const expected = `what took revision ${first} to happen first`;
    return { ...reason(ruleOfRevision(response), expected, `revision ${at}`), isOrder: true };
  }
  if (revisionBefore < state.revision) return tooLow(from, response, revisionBefore);
  const moved = { ...from, state: { ...state, revision: revisionBefore } };
  return explainedStep(moved, command, evidence, window);
};

/** A revision up to `limit` that something took which has not happened yet. */
const firstUpTo = (from: Explanation, limit: Revision, evidence: Evidence): Revision | null => {
  const next = nextDelivery(from, evidence);
  if (next !== undefined && next.revision <= limit) return next.revision;
  for (const { response } of from.open) {
    const taken = takenBy(response);
    if (taken !== null && taken <= limit) return taken;
  }
  return null;
};

/** An answer that leaves only what happened up to `before` to have come first, when more did. */
const tooLow = (
  { state, pastLives }: Explanation,
  response: Response,
  before: Revision,
): Reason => {
  for (const { revision, inferred } of [...pastLives.values()].flat()) {
    if (revision <= before || inferred === null) continue;
    return reason(inferred.rule, inferred.expected, `it there after revision ${before}`);
  }
  const expected = `an answer at a revision after ${state.revision}, which had been seen`;
  return reason(ruleOfRevision(response), expected, `one after revision ${before}`);
};

/** The instants at which a call can take effect so that something is explained by `limit`. */
export const windowOf = (call: Call, limit: Instant): Window => ({
  from: call.at,
  to: instant(Math.min(call.returned, limit)),
});
