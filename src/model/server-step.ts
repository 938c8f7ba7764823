/** What only the server may do: expire leases at its turns, and choose ids. */
import type { LeaseId } from '../api/command.ts';
import type { AssignId, Jump, ServerStep, Turn } from '../api/input.ts';
import { between, type Instant, instant } from '../api/units.ts';
import { afterLeap, breachOfNotice } from './notices.ts';
import { silent, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { copyOf } from './changes.ts';
import { isOverdue, type Lease, type State } from './state.ts';
import type { Backlog } from './waits.ts';
import { firstTurnFrom, turnAfter, turnUpTo } from './turns.ts';

/** CONST-05 */
export const LEASES_PER_TURN = 500;

export function assignId(state: State, step: AssignId, now: Instant): Step {
  const assigned = copyOf(state);
  assigned.now = now;
  assigned.assignedId = step.id;
  return silent(assigned, AUTO_ID);
}

/**
 * The clock leaps from `step.from` to `now`: a turn that came due on the way runs where it landed.
 */
export function jump(state: State, step: Jump, now: Instant): Step {
  const landing = turnAfter(state.lastTurn, step.from) <= now;
  const lastTurn = turnUpTo(state.lastTurn, step.from);
  const leapt = copyOf(state);
  leapt.now = now;
  leapt.lastTurn = lastTurn;
  leapt.landing = landing;
  leapt.streams = afterLeap(state, between(step.from, now));
  return silent(leapt);
}

/** What the server may do now, and what it has to do before the clock passes now. */
export interface ServerSteps {
  readonly may: readonly ServerChoice[];
  readonly must: readonly ServerChoice[];
}

/** The legal server steps of one kind, in symbols: they are not enumerated. */
export type ServerChoice =
  /**
   * A turn that revokes `count` of these leases, which are overdue: the soonest ones, up to ties.
   */
  | { readonly kind: 'turn'; readonly of: readonly LeaseId[]; readonly count: number }
  /** An id above this one that is not in use. */
  | { readonly kind: 'assignId'; readonly above: LeaseId };

export function serverSteps(state: State, now: Instant): ServerSteps {
  const assign: ServerChoice = { kind: 'assignId', above: state.lastAutoId };
  if (state.settings.turns === 'exact' && !state.landing && turnUpTo(state.lastTurn, now) !== now) {
    return { may: [assign], must: [] };
  }
  const of = overdueLeases(state, now).map((lease) => lease.id);
  const due: ServerChoice = { kind: 'turn', of, count: Math.min(of.length, LEASES_PER_TURN) };
  const must = state.settings.turns === 'exact' && (state.landing || of.length > 0);
  return { may: [due, assign], must: must ? [due] : [] };
}

/**
 * The first instant up to `by` at which a turn has something to revoke, or has to run where the
 * clock landed; null: there is none. On a virtual clock the clock does not pass it without that
 * turn (EXP-02).
 */
export function nextExpiry(state: State, by = instant(Infinity)): Instant | null {
  if (state.landing) return state.now;
  const first = nextToGo(state);
  // RESTART-07: nothing expires while nobody leads.
  if (first === undefined || !state.leads) return null;
  const due = dueIn(state, first);
  // Mostly it is not due for long.
  if (due > by) return null;
  const turn = firstTurnFrom(state.lastTurn, due);
  return turn <= by ? turn : null;
}

/** The lease that a turn has to revoke before all others. */
export function nextToGo(state: State): Lease | undefined {
  const { queue, backlog } = state;
  if (backlog === null) return queue.first;
  const known = NEXT_TO_GO.get(backlog.begun);
  if (known?.queue === queue) return known.next;
  let next: Lease | undefined;
  let soonest = Infinity;
  for (const lease of queue.all()) {
    if (next !== undefined && lease.deadline >= soonest) break;
    // CONST-08: what is being revoked is due again later.
    const due = dueIn(state, lease);
    if (next !== undefined && due >= soonest) continue;
    next = lease;
    soonest = due;
  }
  NEXT_TO_GO.set(backlog.begun, { queue, next });
  return next;
}

/**
 * What was found of each table of revokes that have begun: while the log waits it is asked again at
 * every entry of a history, and neither that table nor the queue is another one.
 */
const NEXT_TO_GO = new WeakMap<
  Backlog['begun'],
  { readonly queue: State['queue']; readonly next: Lease | undefined }
>();

/** The rule that a server step breaks at `now`, or null when it is legal. */
export function breach(state: State, step: ServerStep, now: Instant): RuleId | null {
  switch (step.kind) {
    case 'turn':
      return breachOfTurn(state, step, now);
    case 'assignId':
      // CONST-14
      return step.id > state.lastAutoId && state.leases.find(step.id) === undefined
        ? null
        : 'CONST-14';
    case 'notify':
      return breachOfNotice(state, step, now);
    case 'jump':
    case 'restart':
    case 'promote':
    case 'demote':
    case 'wake':
    case 'stall':
      return null;
    case 'catchUp':
      // CONST-14
      return step.chosen.every((id, index) => id > (step.chosen[index - 1] ?? 0n))
        ? null
        : 'CONST-14';
  }
}

const breachOfTurn = (state: State, { revoked }: Turn, now: Instant): RuleId | null => {
  // CONST-04
  const isTurn = state.landing || turnUpTo(state.lastTurn, now) === now;
  const isAtTurn = state.settings.turns === 'free' || (isTurn && now !== state.lastTurn);
  const overdue = overdueLeases(state, now);
  // In most turns all is as the model would have it.
  const isPlain =
    revoked.length === Math.min(overdue.length, LEASES_PER_TURN) &&
    revoked.every((id, index) => id === overdue[index]?.id);
  if (isAtTurn && isPlain) return null;
  const taken = new Set(revoked);
  let latest = -Infinity;
  for (const id of taken) {
    const lease = state.leases.find(id);
    if (lease === undefined) return 'REVOKE-01';
    // EXP-01, EXP-03
    if (!isOverdue(lease, now)) return 'EXP-03';
    // CONST-08
    const due = dueIn(state, lease);
    if (due > now) return 'CONST-08';
    latest = Math.max(latest, due);
  }
  if (!isAtTurn) return 'CONST-04';
  // CONST-05, EXP-05
  if (revoked.length > LEASES_PER_TURN) return 'CONST-05';
  if (state.settings.turns === 'free') return null;
  // EXP-04: all that are due go, as far as there is room; EXP-06: the soonest first, ties in any
  // order.
  const left = overdue.find(({ id }) => !taken.has(id));
  if (left === undefined) return null;
  if (revoked.length < LEASES_PER_TURN) return 'EXP-04';
  return dueIn(state, left) < latest ? 'EXP-06' : null;
};

const overdueLeases = (state: State, now: Instant): readonly Lease[] => {
  const first = state.queue.first;
  if (first === undefined) return [];
  const overdue = state.queue.takeFrom(first, (lease) => isOverdue(lease, now));
  if (state.backlog === null) return overdue;
  return overdue
    .map((lease) => ({ lease, due: dueIn(state, lease) }))
    .filter(({ due }) => due <= now)
    .sort((left, right) => left.due - right.due)
    .map(({ lease }) => lease);
};

/** When a turn is to revoke a lease: at its deadline, or again while that has no effect. */
const dueIn = ({ backlog }: State, { id, deadline }: Lease): Instant =>
  backlog?.begun.find(id)?.again ?? deadline;

const AUTO_ID: readonly RuleId[] = ['CONST-14'];
