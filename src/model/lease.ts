/** LeaseGrant, LeaseRevoke, LeaseTimeToLive and LeaseLeases. */
import type { Grant, LeaseId, Leases, Revoke, TimeToLive } from '../api/command.ts';
import {
  after,
  between,
  type Instant,
  nextRevision,
  type Seconds,
  seconds,
  secondsToMilliseconds,
  truncSeconds,
} from '../api/units.ts';
import { checkpointLater } from './checkpoint.ts';
import { release } from './keep-alive.ts';
import { deletion } from './key-value.ts';
import { answered, joined, NONE, type Removal, refused, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { copyOf, store } from './changes.ts';
import { isOverdue, keysOf, type Lease, type State } from './state.ts';

/** CONST-01 */
export const MAXIMUM_TTL = 9_000_000_000n;

export function grant(state: State, command: Grant, now: Instant): Step {
  // GRANT-09
  if (state.noSpace) return refused(state, command.token, 'no-space', NO_SPACE);
  // GRANT-03; GRANT-01: before the id is looked at.
  if (command.ttl > MAXIMUM_TTL) return refused(state, command.token, 'ttl-too-large', TOO_LARGE);
  // CONST-15: any id but 0 is the client's choice.
  const id = command.id === 0n ? nextAutoId(state) : command.id;
  // GRANT-04: also while the lease of that id is overdue.
  if (state.leases.find(id) !== undefined) {
    return refused(state, command.token, 'lease-exists', EXISTS);
  }
  // GRANT-05: an id is free once its lease is gone; its keys went with that.
  const requested = Number(command.ttl);
  // GRANT-02: raised to the minimum, 0 and negative TTLs too.
  const isRaised = requested < state.settings.minimumTtl;
  const granted = isRaised ? state.settings.minimumTtl : seconds(requested);
  // GRANT-07
  const lease = freshLease(id, granted, after(now, secondsToMilliseconds(granted)));
  const next = copyOf(checkpointLater(state, lease, now));
  next.now = now;
  next.leases = state.leases.with(id, lease);
  next.queue = state.queue.with(lease, lease);
  if (command.id === 0n) {
    next.lastAutoId = id;
    next.assignedId = null;
  }
  // GRANT-06: the revision stays.
  const response = { kind: 'granted', revision: state.revision, id, ttl: granted } as const;
  return answered(next, command.token, response, rulesOfGrant(command, isRaised));
}

export function revoke(state: State, command: Revoke, now: Instant): Step {
  const lease = state.leases.find(command.id);
  // REVOKE-01
  if (lease === undefined) return refused(state, command.token, 'lease-not-found', NO_LEASE);
  const removed = removeLease(state, lease, now);
  const freed = release(removed.state, now);
  // REVOKE-04
  const response = { kind: 'revoked', revision: removed.state.revision } as const;
  return {
    state: freed.state,
    answers: [{ token: command.token, response }, ...freed.answers],
    events: removed.events,
    deliveries: NONE,
    rules: rulesOfRevoke(state, lease, removed, freed.rules, now),
  };
}

export function timeToLive(state: State, command: TimeToLive, now: Instant): Step {
  const { id, token } = command;
  const lease = state.leases.find(id);
  const { revision } = state;
  if (lease === undefined) {
    // TTL-03
    const unknown = { ttl: seconds(-1), grantedTtl: seconds(0), keys: [] };
    return answered(state, token, { kind: 'remainingTtl', revision, id, ...unknown }, TTL_UNKNOWN);
  }
  // TTL-01, and TTL-02 where it is negative. TTL-10: the state stays.
  const ttl = truncSeconds(between(now, lease.deadline));
  const keys = command.keys ? keysOf(state, id) : [];
  const response = {
    kind: 'remainingTtl',
    revision,
    id,
    ttl,
    grantedTtl: lease.granted,
    keys,
  } as const;
  const rules = command.keys ? TTL_WITH_KEYS : TTL;
  const found = ttl < 0 ? rules.negative : isOverdue(lease, now) ? rules.overdue : rules.alive;
  return answered(state, token, response, found);
}

export function leases(state: State, command: Leases, now: Instant): Step {
  // LIST-01, LIST-02, LIST-03
  const ids = state.queue.all().map((lease) => lease.id);
  const response = { kind: 'leaseList', revision: state.revision, ids } as const;
  const first = state.queue.first;
  const overdue = first !== undefined && isOverdue(first, now);
  if (!state.leads) return answered(state, command.token, response, LIST_WITHOUT_LEADER);
  return answered(state, command.token, response, overdue ? LIST_OVERDUE : LIST);
}

/** REVOKE-02: the lease goes, and with it all its keys, in one revision and in byte order. */
export function removeLease(state: State, lease: Lease, now: Instant): Removal {
  const next = copyOf(state);
  next.now = now;
  next.leases = state.leases.without(lease.id);
  next.queue = state.queue.without(lease);
  const keys = keysOf(state, lease.id);
  // REVOKE-03
  if (keys.length === 0) return { state: next, events: NONE };
  const revision = nextRevision(state.revision);
  const left = deletion(state, keys, revision);
  store(next, revision, left, left.events);
  return { state: next, events: left.events };
}

const freshLease = (id: LeaseId, granted: Seconds, deadline: Instant): Lease => ({
  id,
  granted,
  deadline,
  remaining: NOTHING,
  savedTtl: granted,
  savedRemaining: NOTHING,
});

const NOTHING = seconds(0);

/** CONST-14: the server's choice; where none was said, the next id above the last. */
const nextAutoId = (state: State): LeaseId => {
  if (state.assignedId !== null) return state.assignedId;
  let id = state.lastAutoId + 1n;
  while (state.leases.find(id) !== undefined) id += 1n;
  return id;
};

const rulesOfGrant = ({ id }: Grant, isRaised: boolean): readonly RuleId[] => {
  if (id === 0n) return isRaised ? AUTO_ID_RAISED : AUTO_ID;
  return isRaised ? EXPLICIT_ID_RAISED : EXPLICIT_ID;
};

const rulesOfRevoke = (
  { noSpace }: State,
  lease: Lease,
  { events }: Removal,
  freed: readonly RuleId[],
  now: Instant,
): readonly RuleId[] => {
  const plain = events.length > 0 ? REVOKE_WITH_KEYS : REVOKE_WITHOUT_KEYS;
  const overdue = isOverdue(lease, now);
  let rules = overdue ? joined(plain, REVOKE_OVERDUE) : plain;
  // REVOKE-08: the alarm does not matter.
  if (noSpace) rules = joined(rules, REVOKE_NO_SPACE);
  return freed.length === 0 ? rules : joined(rules, freed);
};

const TOO_LARGE: readonly RuleId[] = ['CONST-01', 'GRANT-01', 'GRANT-03'];
const NO_SPACE: readonly RuleId[] = ['GRANT-01', 'GRANT-09'];
const EXISTS: readonly RuleId[] = ['GRANT-04'];
const RAISED: readonly RuleId[] = ['CONST-02', 'GRANT-02'];
const GRANTED: readonly RuleId[] = ['GRANT-06', 'GRANT-07'];
const AUTO_ID: readonly RuleId[] = [...GRANTED, 'CONST-14'];
const AUTO_ID_RAISED: readonly RuleId[] = [...AUTO_ID, ...RAISED];
const EXPLICIT_ID: readonly RuleId[] = [...GRANTED, 'CONST-15', 'GRANT-05'];
const EXPLICIT_ID_RAISED: readonly RuleId[] = [...EXPLICIT_ID, ...RAISED];
const NO_LEASE: readonly RuleId[] = ['REVOKE-01'];
const REVOKE_WITH_KEYS: readonly RuleId[] = ['REVOKE-02', 'REVOKE-04', 'REVOKE-05'];
const REVOKE_WITHOUT_KEYS: readonly RuleId[] = ['REVOKE-03', 'REVOKE-04'];
const REVOKE_OVERDUE: readonly RuleId[] = ['REVOKE-07'];
const REVOKE_NO_SPACE: readonly RuleId[] = ['REVOKE-08'];
const TTL_UNKNOWN: readonly RuleId[] = ['TTL-03', 'TTL-10'];
const rulesOfTtl = (
  ...more: readonly RuleId[]
): Readonly<Record<'alive' | 'overdue' | 'negative', readonly RuleId[]>> => ({
  alive: ['TTL-01', 'TTL-10', ...more],
  overdue: ['TTL-01', 'TTL-10', 'EXP-09', ...more],
  negative: ['TTL-01', 'TTL-10', 'EXP-09', 'TTL-02', ...more],
});
const TTL = rulesOfTtl();
const TTL_WITH_KEYS = rulesOfTtl('TTL-04');
const LIST: readonly RuleId[] = ['LIST-01', 'LIST-02', 'LIST-03'];
const LIST_WITHOUT_LEADER: readonly RuleId[] = [...LIST, 'LIST-05'];
const LIST_OVERDUE: readonly RuleId[] = [...LIST, 'EXP-09'];
