/**
 * A member without a leader: no lease has a deadline (RESTART-05), what needs a leader waits for
 * one, and is refused when none comes in time (RESTART-07, TTL-08, KA-12).
 */
import type { Command } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import { after, type Instant } from '../api/units.ts';
import { Gathering, type Serve } from './gathering.ts';
import { isOnOneStream, isRead, rulesOfServing, rulesOfWait } from './leader-needs.ts';
import { silent, type Step } from './outcome.ts';
import { electionExtension, NEVER, requestTimeout } from './restart.ts';
import type { RuleId } from './rules.ts';
import { endWaits } from './slow-apply.ts';
import { changed, dueAt, withLeases, heldWith } from './changes.ts';
import type { State } from './state.ts';
import type { Held } from './waits.ts';

/** RESTART-05: no lease has a deadline any more, and what waited for one waits for a leader. */
export function demote(state: State, now: Instant): Step {
  const endless = state.leases.all().map((lease) => dueAt(lease, NEVER));
  let lost = withLeases(state, endless);
  lost = changed(lost, { now, waiting: [], checkpoints: [], leads: false });
  for (const { command, revision } of state.waiting) {
    lost = held(lost, command, now, revision ?? state.revision);
  }
  return silent(lost, DEMOTED);
}

/** What is made of a command that has to wait for a leader; null: it need not. */
export function waitsForLeader(state: State, command: Command, now: Instant): Step | null {
  const isBehind = command.kind === 'keepAlive' && isBehindAnother(state, command);
  if (state.leads && !isBehind) return null;
  const rules = rulesOfWait(state, command);
  if (rules === null) return null;
  if (command.kind !== 'grant' || command.id !== 0n || state.assignedId === null) {
    return silent(held(state, command, now, state.revision), rules);
  }
  // CONST-14: the id is chosen before the proposal.
  const id = state.assignedId;
  const chosen = changed(state, { lastAutoId: id, assignedId: null });
  return silent(held(chosen, { ...command, id }, now, state.revision), rules);
}

/** The step of a promotion, and what it lets go at once, in the order in which that came. */
export function served(promotion: Step, serve: Serve, now: Instant): Step {
  const { held } = promotion.state;
  if (held.length === 0) return promotion;
  const outcome = new Outcome(promotion);
  outcome.state = changed(promotion.state, { held: held.filter(looks) });
  for (const each of held) {
    if (looks(each)) continue;
    // RESTART-07: a read that has asked for a leader in vain hears that there is another one.
    if (isRead(each.command) && each.until < NEVER) outcome.refuseOne(each, 'leader-changed');
    else outcome.serveOne(each, serve, now);
  }
  return outcome.step();
}

/** What waits and is due now looks for a leader, or is refused; or has waited for the log. */
export function wake(state: State, serve: Serve, now: Instant): Step {
  const outcome = new Outcome(silent(state));
  for (const each of state.held) {
    // Others may have ended or served it.
    if (!outcome.state.held.includes(each)) continue;
    if (each.until <= now) outcome.end(each, now);
    else if (each.look > now) continue;
    else if (state.leads) outcome.serveStream(each, serve, now);
    else outcome.lookLater(each, now);
  }
  endWaits(outcome, now);
  return outcome.step();
}

/** When the next of those that wait looks for a leader, or is refused; null: nothing waits. */
export const nextWake = ({ held, backlog }: State): Instant | null => {
  if (held.length === 0 && backlog === null) return null;
  const end: number = backlog === null ? NEVER : backlog.end;
  const first = held.reduce((due, { look, until }) => Math.min(due, look, until), end);
  return first === NEVER ? null : (first as Instant);
};

/** What waits for a leader finds one, or is refused. */
class Outcome extends Gathering {
  serveOne(held: Held, serve: Serve, now: Instant): void {
    this.serve(held, serve, now, rulesOfServing(held.command));
  }

  /** Serves one that found a leader, and what stands behind it. */
  serveStream(head: Held, serve: Serve, now: Instant): void {
    const freed = this.#without(head);
    for (const each of freed) {
      // KA-06: the server begins with what stood behind another only now.
      const begun = each === head ? each : { ...each, revision: this.state.revision };
      this.serveOne(begun, serve, now);
    }
  }

  /** KA-12: with a keep-alive its stream ends, and what stood behind fails with it. */
  end(head: Held, now: Instant): void {
    for (const each of this.#without(head)) this.refuseOne(each, reasonOf(each.command));
    this.note(CONST_09);
    if (!isRead(head.command)) return;
    const isNext = ({ command, until }: Held): boolean => isRead(command) && until === NEVER;
    const until = after(now, requestTimeout(this.state));
    const held = this.state.held.map((each) => (isNext(each) ? heldWith(each, { until }) : each));
    // Those of one round end together.
    const others = held.filter((each) => isRead(each.command) && each.until <= now);
    this.state = changed(this.state, { held: held.filter((each) => !others.includes(each)) });
    for (const each of others) this.refuseOne(each, reasonOf(each.command));
  }

  refuseOne({ command }: Held, reason: Reason): void {
    this.refuse(command.token, reason, rulesOfServing(command));
  }

  lookLater(head: Held, now: Instant): void {
    const look = after(now, electionExtension(this.state.settings.server));
    const held = this.state.held.map((each) => (each === head ? heldWith(each, { look }) : each));
    this.state = changed(this.state, { held });
  }

  /** Takes away one, and what stands behind it on its stream. */
  #without(head: Held): readonly Held[] {
    const isOver = (each: Held): boolean =>
      each === head || isOnOneStream(each.command, head.command);
    const over = this.state.held.filter(isOver);
    this.state = changed(this.state, { held: this.state.held.filter((each) => !isOver(each)) });
    return over;
  }
}

/** The state in which a request waits: by itself, or behind another one. */
const held = (state: State, command: Command, now: Instant, revision: Held['revision']): State => {
  const isBehind = isBehindAnother(state, command);
  const until = isBehind ? NEVER : after(now, requestTimeout(state));
  // TTL-08, KA-12: these two look for a leader once in an election timeout; others are told.
  const isLooking = command.kind === 'keepAlive' || command.kind === 'timeToLive';
  const period = electionExtension(state.settings.server);
  const look = isBehind || !isLooking ? NEVER : after(now, period);
  return changed(state, { now, held: [...state.held, { command, until, look, revision }] });
};

/** On its stream, or, of a read, behind a round of reads that is under way. */
const isBehindAnother = (state: State, command: Command): boolean =>
  state.held.some(
    (ahead) => isOnOneStream(ahead.command, command) || (isRead(ahead.command) && isRead(command)),
  );

const looks = ({ command }: Held): boolean =>
  command.kind === 'keepAlive' || command.kind === 'timeToLive';

const reasonOf = (command: Command): Reason => {
  if (command.kind === 'keepAlive' || command.kind === 'timeToLive') return 'no-leader';
  return isRead(command) ? 'request-timed-out' : 'proposal-timed-out';
};

const DEMOTED: readonly RuleId[] = ['RESTART-05'];
const CONST_09: readonly RuleId[] = ['CONST-09'];
