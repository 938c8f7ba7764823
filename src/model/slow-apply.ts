/**
 * A member whose log runs ahead of what it has applied, since one entry takes long: what is
 * proposed joins the log, what has to see all of the log waits (CONST-10, KA-15), and the rest sees
 * what is applied. A lease that is due has its revoke in the log as well.
 */
import type { Command, Grant, KeepAlive, LeaseId } from '../api/command.ts';
import type { CatchUp, Turn } from '../api/input.ts';
import { after, type Instant, type Milliseconds, milliseconds } from '../api/units.ts';
import { Gathering, type Serve } from './gathering.ts';
import { release } from './keep-alive.ts';
import { isOnOneStream, isRead, rulesOfWait } from './leader-needs.ts';
import { removeLease } from './lease.ts';
import { GrowingList } from './growing-list.ts';
import { NONE, refused, silent, type Step } from './outcome.ts';
import { NEVER, requestTimeout } from './restart.ts';
import type { RuleId } from './rules.ts';
import { turnPassed } from './expiry.ts';
import { SortedTable } from './sorted-table.ts';
import { changed, copyOfBacklog, type Draft } from './changes.ts';
import { byId, type State } from './state.ts';
import { PROFILES } from './versions.ts';
import type { Backlog, Batch, Begun, Committed, Held } from './waits.ts';
import { delivered } from './watch.ts';

/** CONST-10 */
const PATIENCE: Milliseconds = milliseconds(1000);

/** CONST-06: of one turn, that are proposed at the same time. */
const REVOKES_TOGETHER = 16;

/** CONST-16: entries that are committed and not applied, at most. */
const LONGEST_LOG = 5000;

/** An entry takes long; nothing where one does so already, or nobody leads. */
export function stall(state: State, now: Instant): Step {
  if (state.backlog !== null || !state.leads) return silent(state);
  return silent(changed(state, { now, backlog: emptyBacklog() }));
}

/** What is made of a command that has to wait for the log, or joins it; null: it need not. */
export function waitsForLog(state: State, command: Command, now: Instant): Step | null {
  const { backlog } = state;
  if (backlog === null || rulesOfWait(state, command) === null) return null;
  if (command.kind === 'keepAlive') {
    return needsNoLog(state, backlog, command)
      ? null
      : silent(reading(state, backlog, command, now), FRESH);
  }
  if (command.kind === 'timeToLive' || isRead(command)) {
    return silent(reading(state, backlog, command, now), WAITS);
  }
  if (roomOf(backlog) === 0) return refused(state, command.token, 'too-many-requests', TOO_MANY);
  const chosen = command.kind === 'grant' ? withChosenId(state, command) : { state, command };
  const until = after(now, requestTimeout(state));
  const longer = copyOfBacklog(backlog);
  longer.log = backlog.log.with([{ kind: 'asked', command: chosen.command, until }]);
  longer.end = sooner(backlog.end, until);
  return silent(changed(chosen.state, { now, backlog: longer }), WAITS);
}

/** A turn proposes to revoke what is due, and no more than that. */
export function proposeRevokes(state: State, { revoked }: Turn, now: Instant): Step {
  const { backlog } = state;
  const passed = turnPassed(state, now);
  if (backlog === null || revoked.length === 0) return silent(passed, TURN);
  const again = after(now, requestTimeout(state));
  // CONST-08
  const busier = proposed(backlog, revoked, again);
  busier.begun = revoked.reduce((table, id) => table.with(id, { id, again }), backlog.begun);
  return silent(changed(passed, { backlog: busier }), REVOKING);
}

/** All that was committed is applied, in its order; then what waited for that is served. */
export function catchUp(state: State, { chosen }: CatchUp, serve: Serve, now: Instant): Step {
  const { backlog } = state;
  if (backlog === null) return silent(state);
  const heads = state.waiting.filter(({ revision }) => revision !== null);
  const behind = state.waiting.filter(({ revision }) => revision === null);
  const outcome = new Gathering(silent(changed(state, { now, backlog: null, waiting: heads })));
  const ids = [...chosen];
  for (const [index, entry] of backlog.log.all().entries()) {
    if (entry.kind === 'expired') {
      revokeIn(outcome, entry.id, now);
      continue;
    }
    const isMute = index < backlog.givenUp;
    const { command } = entry;
    const id = isMute && command.kind === 'grant' && command.id === 0n ? ids.shift() : undefined;
    const told = id === undefined ? command : { ...(command as Grant), id };
    outcome.add(serve(outcome.state, told, now), isMute ? command.token : null);
    outcome.note(WAITS);
  }
  const { revision } = outcome.state;
  for (const { command } of behind) {
    outcome.serve({ command, revision, look: NEVER, until: NEVER }, serve, now, FRESH);
  }
  for (const reader of backlog.readers) {
    // KA-06: the server begins with what stood behind another only now.
    const isBehind = reader.command.kind === 'keepAlive' && reader.until === NEVER;
    const begun = isBehind ? { ...reader, revision } : reader;
    outcome.serve(begun, serve, now, rulesOf(reader.command));
  }
  for (const { ids: late } of backlog.batches) {
    for (const id of late) revokeIn(outcome, id, now);
  }
  return outcome.step();
}

/** What has waited for long enough is refused, and revokes take the place of others. */
export function endWaits(outcome: Gathering, now: Instant): void {
  const { backlog } = outcome.state;
  if (backlog === null || backlog.end > now) return;
  const { log } = backlog;
  let { givenUp } = backlog;
  for (; givenUp < log.length; givenUp += 1) {
    const entry = log.at(givenUp) as Committed;
    if (entry.kind === 'expired') continue;
    if (entry.until > now) break;
    outcome.refuse(entry.command.token, 'request-timed-out', GIVEN_UP);
  }
  const ended = backlog.readers.filter(({ until }) => until <= now);
  const isOver = ({ command }: Held): boolean =>
    ended.some((head) => head.command === command || isOnOneStream(head.command, command));
  for (const each of backlog.readers.filter(isOver)) {
    outcome.refuse(each.command.token, 'apply-timed-out', rulesOf(each.command));
  }
  const readers = backlog.readers.filter((each) => !isOver(each));
  const due = backlog.batches.filter(({ next }) => next <= now);
  const batches = backlog.batches.filter(({ next }) => next > now);
  const again = after(now, requestTimeout(outcome.state));
  const end = firstEnd(log.at(givenUp), readers, batches);
  let rest = copyOfBacklog(backlog);
  rest.givenUp = givenUp;
  rest.readers = readers;
  rest.batches = batches;
  rest.end = end;
  for (const { ids } of due) rest = proposed(rest, ids, again);
  outcome.state = changed(outcome.state, { now, backlog: rest });
}

/** When the first of what waits has waited for long enough, or has its turn. */
const firstEnd = (
  entry: Committed | undefined,
  readers: readonly Held[],
  batches: readonly Batch[],
): Instant => {
  let first = entry?.kind === 'asked' ? entry.until : NEVER;
  for (const { until } of readers) first = sooner(first, until);
  for (const { next } of batches) first = sooner(first, next);
  return first;
};

/** KA-15: served by what is applied, and not behind another one that is not. */
const needsNoLog = (state: State, { readers }: Backlog, command: KeepAlive): boolean => {
  if (readers.some((ahead) => isOnOneStream(ahead.command, command))) return false;
  // KA-05: it stands behind one that waits for its lease.
  if (state.waiting.some((ahead) => isOnOneStream(ahead.command, command))) return true;
  const { keepAliveWaits } = PROFILES[state.settings.server.etcd];
  return keepAliveWaits === 'on unknown leases' && state.leases.find(command.id) !== undefined;
};

/** A request that waits for the log; reads do so without an end. */
const reading = (state: State, backlog: Backlog, command: Command, now: Instant): State => {
  const isBehind = backlog.readers.some((ahead) => isOnOneStream(ahead.command, command));
  const until = isBehind || isRead(command) ? NEVER : after(now, PATIENCE);
  const reader: Held = { command, until, look: NEVER, revision: state.revision };
  const longer = copyOfBacklog(backlog);
  longer.readers = [...backlog.readers, reader];
  longer.end = sooner(backlog.end, until);
  return changed(state, { now, backlog: longer });
};

/** CONST-14: the id is chosen before the proposal, and learnt later where nobody is told of it. */
const withChosenId = (
  state: State,
  command: Grant,
): { readonly state: State; readonly command: Grant } => {
  const id = state.assignedId;
  if (command.id !== 0n || id === null) return { state, command };
  return {
    state: changed(state, { lastAutoId: id, assignedId: null }),
    command: { ...command, id },
  };
};

/** CONST-06: the first of a turn's revokes join the log, the others wait for those. */
const proposed = (backlog: Backlog, ids: readonly LeaseId[], next: Instant): Draft<Backlog> => {
  const room = Math.min(REVOKES_TOGETHER, roomOf(backlog));
  const entries = ids.slice(0, room).map((id): Committed => ({ kind: 'expired', id }));
  const busier = copyOfBacklog(backlog);
  busier.log = backlog.log.with(entries);
  // CONST-16: without room all of the others fail one after the other.
  const others = room < REVOKES_TOGETHER ? [] : ids.slice(room);
  if (others.length === 0) return busier;
  busier.batches = [...backlog.batches, { ids: others, next }];
  busier.end = sooner(backlog.end, next);
  return busier;
};

/** With a log of its own: the first one to grow would else stay in memory. */
const emptyBacklog = (): Backlog => ({
  log: GrowingList.empty(),
  givenUp: 0,
  readers: [],
  batches: [],
  end: NEVER,
  begun: NOTHING_BEGUN,
});

const NOTHING_BEGUN = SortedTable.empty<Begun, LeaseId>(byId);

const sooner = (one: Instant, other: Instant): Instant => (one < other ? one : other);

/** The entry that takes so long is one of them. */
const roomOf = ({ log }: Backlog): number => LONGEST_LOG - log.length;

/** A revoke that a turn proposed is applied; nothing where the lease is gone. */
const revokeIn = (outcome: Gathering, id: LeaseId, now: Instant): void => {
  const before = outcome.state;
  const lease = before.leases.find(id);
  if (lease === undefined) return;
  const { state, events } = removeLease(before, lease, now);
  const freed = release(state, now);
  const { answers } = freed;
  const step: Step = { state: freed.state, answers, events, deliveries: NONE, rules: REVOKED };
  outcome.add(events.length === 0 ? step : delivered(before, step));
};

const rulesOf = ({ kind }: Command): readonly RuleId[] => (kind === 'keepAlive' ? FRESH : WAITS);

const WAITS: readonly RuleId[] = ['CONST-10'];
const FRESH: readonly RuleId[] = ['CONST-10', 'KA-15'];
const GIVEN_UP: readonly RuleId[] = ['CONST-10', 'CONST-09'];
const TOO_MANY: readonly RuleId[] = ['CONST-16'];
const TURN: readonly RuleId[] = ['CONST-04'];
const REVOKING: readonly RuleId[] = [...TURN, 'CONST-06', 'CONST-08'];
const REVOKED: readonly RuleId[] = ['EXP-07', 'EXP-08'];
