/**
 * Checkpoints: every five minutes the leader writes down what remains of a long lease, so that a
 * promotion need not begin with its full TTL. Off unless it is switched on (CKPT-01, CONST-13).
 */
import {
  after,
  between,
  ceilSeconds,
  type Instant,
  type Milliseconds,
  milliseconds,
  type Seconds,
  secondsToMilliseconds,
} from '../api/units.ts';
import type { RuleId } from './rules.ts';
import { changed, withLease } from './changes.ts';
import { type Checkpoint, isOverdue, type Lease, type State } from './state.ts';
import { firstTurnFrom } from './turns.ts';
import { PROFILES } from './versions.ts';

/** CONST-12 */
export const CHECKPOINT_INTERVAL = milliseconds(300_000);

/** The state in which all checkpoints are made that were due at turns up to `now`. */
export function checkpointsUpTo(state: State, now: Instant): State {
  let current = state;
  for (;;) {
    const [next] = current.checkpoints;
    if (next === undefined) return current;
    const at = firstTurnFrom(current.lastTurn, next.due);
    if (at > now) return current;
    current = takeFirst(current, next, at);
  }
}

/** The same by the turn that runs at `now`, where the clock has landed. */
export function checkpointsAt(state: State, now: Instant): State {
  let current = state;
  for (;;) {
    const [next] = current.checkpoints;
    if (next === undefined || next.due > now) return current;
    current = takeFirst(current, next, now);
  }
}

/** CKPT-02: a lease of more than five minutes, or of which more remained, has one coming. */
export const checkpointLater = (state: State, lease: Lease, now: Instant): State => {
  if (!makesCheckpoints(state)) return state;
  if (ttlOf(lease) <= CHECKPOINT_INTERVAL) return state;
  const due = after(now, CHECKPOINT_INTERVAL);
  return changed(state, { checkpoints: [...state.checkpoints, { id: lease.id, due }] });
};

/** CKPT-02: the same of all leases, in the order of `leases`. */
export const checkpointAllLater = (state: State, leases: readonly Lease[], now: Instant): State => {
  if (!makesCheckpoints(state)) return state;
  return leases.reduce(
    (current, { id }) => checkpointLater(current, current.leases.find(id) as Lease, now),
    state,
  );
};

/** CKPT-01 */
const makesCheckpoints = ({ settings }: State): boolean => settings.server.leaseCheckpoint === true;

/** CKPT-05: what remained at the last checkpoint, if there was one; else the granted TTL. */
export const ttlOf = ({ remaining, granted }: Lease): Milliseconds =>
  secondsToMilliseconds(remaining > 0 ? remaining : granted);

/** A checkpoint takes effect; the next one is on its way. CKPT-05: the revision stays. */
export const checkpointed = (
  state: State,
  lease: Lease,
  remaining: Seconds,
  now: Instant,
): State => {
  const { leaseCheckpointPersist, etcd } = state.settings.server;
  // CKPT-03, CKPT-06
  const isSaved = leaseCheckpointPersist === true || PROFILES[etcd].checkpointsPersist === 'always';
  const written: Lease = {
    id: lease.id,
    granted: lease.granted,
    deadline: lease.deadline,
    remaining,
    savedTtl: isSaved ? lease.granted : lease.savedTtl,
    savedRemaining: isSaved ? remaining : lease.savedRemaining,
  };
  const next = withLease(state, lease, written, now);
  return checkpointLater(next, written, now);
};

const takeFirst = (state: State, { id }: Checkpoint, now: Instant): State => {
  const current = changed(state, { checkpoints: state.checkpoints.slice(1) });
  const lease = current.leases.find(id);
  // CKPT-02: what is gone or overdue is passed over, and so is what was renewed this instant.
  if (lease === undefined || isOverdue(lease, now)) return current;
  const remaining = ceilSeconds(between(now, lease.deadline));
  return remaining >= lease.granted ? current : checkpointed(current, lease, remaining, now);
};

/** The rules of checkpoints that were made. */
export const CHECKPOINTED: readonly RuleId[] = ['CKPT-02', 'CKPT-06', 'CONST-12', 'CONST-13'];
