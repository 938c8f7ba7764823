/** The turns of the expiry loop, and what they take away. */
import type { LeaseId } from '../api/command.ts';
import type { Turn } from '../api/input.ts';
import type { Answer, KeyValue, WatchEvent } from '../api/response.ts';
import { type Instant, nextRevision } from '../api/units.ts';
import { copyOf } from './changes.ts';
import { checkpointsAt } from './checkpoint.ts';
import { release } from './keep-alive.ts';
import { deleted } from './key-value.ts';
import { removeLease } from './lease.ts';
import { joined, NONE, type Removal, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { type Attachment, attachmentsOf, isOverdue, type Lease, type State } from './state.ts';
import { phaseAfterTurn } from './turns.ts';

/** From so many leases on it is worth while to take them away together. */
const MANY = 32;

/**
 * Revokes the given leases in the given order; those that do not exist are passed over, as etcd
 * does (REVOKE-07).
 */
export function turn(state: State, step: Turn, now: Instant): Step {
  const passed = turnPassed(state, now);
  // Where keep-alives wait, they are served in between.
  const isTogether = step.revoked.length >= MANY && state.waiting.length === 0;
  const expired = (isTogether ? removeTogether : removeEach)(passed, step.revoked, now);
  const { answers, events } = expired;
  const rules = rulesOfTurn(step, expired.state, answers, now);
  return { state: expired.state, answers, events, deliveries: NONE, rules };
}

/** What is left, and whom it frees. EXP-07, EXP-08: each lease by itself, as by a revoke. */
interface Expiry extends Removal {
  readonly answers: readonly Answer[];
}

const removeEach = (state: State, revoked: readonly LeaseId[], now: Instant): Expiry => {
  let current = state;
  const answers: Answer[] = [];
  const events: WatchEvent[] = [];
  for (const id of revoked) {
    const lease = current.leases.find(id);
    if (lease === undefined) continue;
    const removed = removeLease(current, lease, now);
    const freed = release(removed.state, now);
    current = freed.state;
    for (const event of removed.events) events.push(event);
    for (const answer of freed.answers) answers.push(answer);
  }
  return { state: current, answers, events };
};

/** Those of these leases that exist. */
const leasesOf = ({ queue, leases }: State, ids: readonly LeaseId[]): readonly Lease[] => {
  const { first } = queue;
  if (first === undefined) return NONE;
  // Nearly always they are the soonest ones, in that order.
  let compared = 0;
  const found = queue.takeFrom(first, ({ id }) => {
    compared += 1;
    return id === ids[compared - 1];
  });
  for (const id of ids.slice(found.length)) {
    const lease = leases.find(id);
    if (lease !== undefined) found.push(lease);
  }
  return found;
};

/** What `removeEach` does where nobody waits, in half the time. */
const removeTogether = (state: State, revoked: readonly LeaseId[], now: Instant): Expiry => {
  const gone = new Set(leasesOf(state, revoked));
  const next = copyOf(state);
  next.now = now;
  next.leases = state.leases.withoutAll(gone);
  next.queue = state.queue.withoutAll(gone);
  const goneKvs = new Set<KeyValue>();
  const goneAttachments = new Set<Attachment>();
  const all: WatchEvent[] = [];
  for (const { id } of gone) {
    const attachments = attachmentsOf(state, id);
    // REVOKE-03
    if (attachments.length === 0) continue;
    next.revision = nextRevision(next.revision);
    const events: WatchEvent[] = [];
    for (const attachment of attachments) {
      const kv = state.kvs.find(attachment.key) as KeyValue;
      goneAttachments.add(attachment);
      goneKvs.add(kv);
      events.push(deleted(kv, next.revision));
    }
    for (const event of events) all.push(event);
    next.past = { revision: next.revision, events, before: next.past };
  }
  next.kvs = state.kvs.withoutAll(goneKvs);
  next.attachments = state.attachments.withoutAll(goneAttachments);
  return { state: next, answers: NONE, events: all };
};

/** The state in which a turn has run, but for what it does. */
export const turnPassed = (state: State, now: Instant): State => {
  const made = state.landing ? checkpointsAt(state, now) : state;
  const passed = copyOf(made);
  passed.now = now;
  passed.lastTurn = phaseAfter(state, now);
  passed.landing = false;
  return passed;
};

/**
 * From where the turns after this one count. Nobody knows on a real clock, so there it is this one.
 */
const phaseAfter = (state: State, now: Instant): Instant =>
  state.settings.turns === 'free'
    ? now
    : phaseAfterTurn(state.settings.server.etcd, state.lastTurn, now);

const rulesOfTurn = (
  { revoked }: Turn,
  after: State,
  answers: readonly Answer[],
  now: Instant,
): readonly RuleId[] => {
  if (revoked.length === 0) return TURN;
  let rules = EXPIRY;
  const first = after.queue.first;
  if (first !== undefined && isOverdue(first, now)) rules = joined(rules, LEAVES_SOME);
  if (answers.length > 0) rules = joined(rules, FREES);
  // EXP-12: the alarm does not matter.
  return after.noSpace ? joined(rules, NO_SPACE) : rules;
};

const TURN: readonly RuleId[] = ['CONST-04'];
const EXPIRY: readonly RuleId[] = [
  ...TURN,
  ...(['EXP-01', 'EXP-02', 'EXP-03', 'EXP-04', 'EXP-07', 'EXP-08'] as const),
];
const LEAVES_SOME: readonly RuleId[] = ['CONST-05', 'EXP-05', 'EXP-06'];
const FREES: readonly RuleId[] = ['KA-04', 'KA-06'];
const NO_SPACE: readonly RuleId[] = ['EXP-12'];
