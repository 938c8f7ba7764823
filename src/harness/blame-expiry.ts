/**
 * Which rule a lease breaks that goes too early, too late, or with the wrong others. A wrong
 * renewal, or something that must not renew at all, is told by the instant at which the lease does
 * go.
 */
import type { LeaseId } from '../api/command.ts';
import { after, between, type Instant, secondsToMilliseconds } from '../api/units.ts';
import {
  electionExtension,
  firstTurnFrom,
  isOverdue,
  LEASES_PER_TURN,
  type Lease,
  type RuleId,
  type State,
  TURN_INTERVAL,
} from '../model/index.ts';
import type { Past } from './past.ts';

/** A lease that was not revoked in the turn in which it had to be. */
export interface Overstay {
  readonly state: State;
  readonly lease: Lease;
  /** The turn in which it had to go. */
  readonly due: Instant;
  /** The turn in which it went after all; null: none until then. */
  readonly gone: Instant | null;
  readonly until: Instant;
  /** The turn took others that were due. */
  readonly tookOthers: boolean;
  readonly past: Past;
}

/** The rule that a lease breaks which is not gone in time. */
export function blameLate(overstay: Overstay): RuleId {
  const { state, lease, due, gone, until, past, tookOthers } = overstay;
  const sawExpiry = past.sawExpiry || tookOthers;
  if (beginsAgain(state, lease.id) !== undefined) return 'CONST-08';
  // CONST-10: what it is overdue by says nothing while the log waits.
  if (state.backlog !== null) return 'EXP-02';
  const restarted = blameGone(overstay);
  if (restarted !== null) return restarted;
  // It was overdue in the last turn already, and had to wait for room in this one.
  if (lease.deadline <= state.lastTurn) return 'EXP-05';
  // It went at an instant that is no turn.
  if (gone !== null && between(due, gone) % TURN_INTERVAL !== 0) return 'CONST-04';
  // Nothing is seen of the turn after the one at its deadline.
  const isAtDeadline = lease.deadline === due && until < after(due, TURN_INTERVAL);
  if (gone === null && isAtDeadline && !past.sawExpiryAtDeadline) {
    return past.sawExpiry ? 'EXP-01' : 'EXP-02';
  }
  // All go a turn late, as far as has been seen, or those whose deadline is the turn.
  if (gone === after(due, TURN_INTERVAL)) {
    if (lease.deadline === due && !past.sawExpiryAtDeadline) return 'EXP-01';
    if (!sawExpiry) return 'EXP-02';
  }
  // Only where others went in time is something about this lease wrong.
  if (gone === null && !sawExpiry) return 'EXP-02';
  if (gone === null && past.hasLostKeys(lease.id)) return 'KV-06';
  const explains = (renewal: Instant): boolean => {
    const deadline = after(renewal, secondsToMilliseconds(lease.granted));
    const turn = firstTurnFrom(state.lastTurn, deadline);
    return gone === null ? turn > until : turn === gone;
  };
  const replaced = past.replacedDeadline(lease.id);
  if (replaced !== undefined && explains(replaced)) return 'KA-02';
  const touch = past.touches(lease.id).find(({ at }) => explains(at));
  return touch?.rule ?? (replaced !== undefined && sawExpiry ? 'KA-02' : 'EXP-02');
}

/** The rule that a lease breaks which went too early, at `now`. */
export function blameEarly(lease: Lease, state: State, past: Past, now: Instant): RuleId {
  const reborn = past.rebirth(lease.id);
  if (reborn !== undefined) {
    if (reborn.before.granted !== lease.granted) return 'RESTART-03';
    // Only a promotion that adds less than it should lets it go so little early.
    if (between(now, lease.deadline) <= electionAndTurn(state)) return 'CONST-11';
    return reborn.checkpoints ? 'CKPT-02' : 'RESTART-02';
  }
  const residue = past.residue(lease.id);
  if (residue !== undefined) return residue;
  // Due by the deadline that the last renewal should have replaced.
  const replaced = past.replacedDeadline(lease.id);
  return replaced !== undefined && replaced <= now ? 'KA-02' : 'EXP-03';
}

/** What a promotion adds to each lease (CONST-11), and a turn; in milliseconds. */
const electionAndTurn = ({ settings }: State): number =>
  electionExtension(settings.server) + TURN_INTERVAL;

/** The same of one that has been through a restart, or whose checkpoint a renewal met. */
const blameGone = ({ state, lease, due, gone, past }: Overstay): RuleId | null => {
  const reborn = past.rebirth(lease.id);
  if (reborn === undefined) return past.residue(lease.id) ?? null;
  if (reborn.before.granted !== lease.granted) return 'RESTART-03';
  const isLittle = gone !== null && between(due, gone) <= electionAndTurn(state);
  return isLittle ? 'CONST-11' : 'RESTART-02';
};

/** The rule that a turn breaks, given the one that the model names. */
export function blameTurn(
  broken: RuleId,
  revoked: readonly LeaseId[],
  state: State,
  now: Instant,
  past: Past,
): RuleId {
  const isReborn = (id: LeaseId): boolean => past.rebirth(id) !== undefined;
  if (broken === 'EXP-06' && revoked.some(isReborn)) return 'RESTART-02';
  if (broken !== 'EXP-03') return broken;
  const early = revoked.map((id) => state.leases.find(id)).find((lease) => isEarly(lease, now));
  return early === undefined ? broken : blameEarly(early, state, past, now);
}

/**
 * The rule that a turn breaks which leaves a lease behind; `late`: the one that the lease breaks.
 */
export function blameLeftBehind(
  late: RuleId,
  revoked: readonly LeaseId[],
  state: State,
  now: Instant,
): RuleId {
  if (revoked.length === 0) return late;
  // Room was left in a turn that had more than enough to do.
  if (overdueLeases(state, now).length > LEASES_PER_TURN) return 'EXP-05';
  const tookOneAtDeadline = revoked.some((id) => state.leases.find(id)?.deadline === now);
  return late === 'EXP-02' || (late === 'EXP-01' && tookOneAtDeadline) ? 'EXP-04' : late;
}

/** The lease that a turn left behind although there was room for it, if there is one. */
export const leftBehind = (
  state: State,
  revoked: readonly LeaseId[],
  now: Instant,
): Lease | undefined =>
  revoked.length >= LEASES_PER_TURN
    ? undefined
    : overdueLeases(state, now).find(
        ({ id }) => !revoked.includes(id) && (beginsAgain(state, id) ?? now) <= now,
      );

/** CONST-08: when a turn revokes a lease again that it has set out to revoke. */
const beginsAgain = ({ backlog }: State, lease: LeaseId): Instant | undefined =>
  backlog?.begun.find(lease)?.again;

const isEarly = (lease: Lease | undefined, now: Instant): boolean =>
  lease !== undefined && !isOverdue(lease, now);

const overdueLeases = ({ queue }: State, now: Instant): readonly Lease[] =>
  queue.first === undefined ? [] : queue.takeFrom(queue.first, (lease) => isOverdue(lease, now));

/** What a turn should have done instead of breaking `rule`. */
export const expectedOfTurn = (
  rule: RuleId,
  revoked: readonly LeaseId[],
  state: State,
  now: Instant,
): string => {
  const early = revoked
    .map((id) => state.leases.find(id))
    .find((lease) => lease !== undefined && lease.deadline > now);
  return early === undefined
    ? `a turn as ${rule} has it`
    : `lease ${early.id} lives for another ${early.deadline - now} ms`;
};

/** Leases in few words. */
export const shown = (ids: readonly LeaseId[]): string =>
  ids.length <= 5 ? `[${ids.join(', ')}]` : `${ids.length} leases from ${ids[0]} on`;
