/** How a state is made from another one, which stays as it is. */
import type { LeaseId } from '../api/command.ts';
import type { WatchEvent } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import { byDeadline, type Lease, type State } from './state.ts';
import type { Backlog, Held } from './waits.ts';

/** What is in the making, and known to nobody but its maker yet. */
export type Draft<T> = { -readonly [Field in keyof T]: T[Field] };

/** The state with `changes`. */
export const changed = (state: State, changes: Partial<State>): State =>
  Object.assign(copyOf(state), changes);

/** The state after a revision, which was `events`. */
export const stored = (
  state: State,
  now: Instant,
  at: Revision,
  tables: Pick<State, 'kvs' | 'attachments'>,
  events: readonly WatchEvent[],
): State => {
  const copy = copyOf(state);
  copy.now = now;
  store(copy, at, tables, events);
  return copy;
};

/** Writes a revision, which was `events`. */
export const store = (
  draft: Draft<State>,
  at: Revision,
  { kvs, attachments }: Pick<State, 'kvs' | 'attachments'>,
  events: readonly WatchEvent[],
): void => {
  draft.revision = at;
  draft.kvs = kvs;
  draft.attachments = attachments;
  draft.past = { revision: at, events, before: draft.past };
};

/**
 * To be changed where speed counts, before anybody sees it. Written out field by field: what is
 * spread is of another hidden class at each place that spreads it, which makes it slow to read
 * everywhere else.
 */
export const copyOf = (state: State): Draft<State> => ({
  settings: state.settings,
  now: state.now,
  lastTurn: state.lastTurn,
  landing: state.landing,
  revision: state.revision,
  leases: state.leases,
  queue: state.queue,
  kvs: state.kvs,
  attachments: state.attachments,
  past: state.past,
  compacted: state.compacted,
  noSpace: state.noSpace,
  streams: state.streams,
  waiting: state.waiting,
  lastAutoId: state.lastAutoId,
  assignedId: state.assignedId,
  checkpoints: state.checkpoints,
  leads: state.leads,
  held: state.held,
  backlog: state.backlog,
});

/** The same of a backlog. */
export const copyOfBacklog = (backlog: Backlog): Draft<Backlog> => ({
  log: backlog.log,
  givenUp: backlog.givenUp,
  readers: backlog.readers,
  batches: backlog.batches,
  end: backlog.end,
  begun: backlog.begun,
});

/** The same of a request that waits. */
export const heldWith = (held: Held, changes: Partial<Omit<Held, 'command'>>): Held => ({
  command: held.command,
  until: changes.until ?? held.until,
  look: changes.look ?? held.look,
  revision: changes.revision ?? held.revision,
});

/** For checkers that know a deadline only within bounds: the state as it would be with this one. */
export const withDeadline = (state: State, id: LeaseId, deadline: Instant): State => {
  const lease = state.leases.find(id);
  if (lease === undefined || lease.deadline === deadline) return state;
  return withLease(state, lease, dueAt(lease, deadline));
};

/** The lease with another deadline. Written out, as `copyOf` is. */
export const dueAt = (lease: Lease, deadline: Instant): Lease => ({
  id: lease.id,
  granted: lease.granted,
  deadline,
  remaining: lease.remaining,
  savedTtl: lease.savedTtl,
  savedRemaining: lease.savedRemaining,
});

/** The state with `after` in the place of `before`. */
export const withLease = (state: State, before: Lease, after: Lease, now = state.now): State => {
  const copy = copyOf(state);
  copy.now = now;
  copy.leases = state.leases.with(after.id, after);
  copy.queue = state.queue.moved(before, after, after);
  return copy;
};

/** The state with `leases`, which are in the order of their ids, in the place of all others. */
export const withLeases = (state: State, leases: readonly Lease[]): State =>
  changed(state, {
    leases: state.leases.refilled(leases),
    queue: state.queue.refilled(
      leases.toSorted((left, right) => (byDeadline.before(left, right) ? -1 : 1)),
    ),
  });
