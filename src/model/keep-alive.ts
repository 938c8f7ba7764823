/** LeaseKeepAlive: renewals, and the requests that the server leaves waiting. */
import type { KeepAlive } from '../api/command.ts';
import type { Answer, KeptAlive } from '../api/response.ts';
import { after, type Instant, type Seconds, seconds, secondsToMilliseconds } from '../api/units.ts';
import { checkpointed } from './checkpoint.ts';
import { answered, NONE, silent, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { changed, dueAt, withLease } from './changes.ts';
import { isOverdue, type Lease, type State } from './state.ts';
import type { Waiting } from './waits.ts';

export function keepAlive(state: State, command: KeepAlive, now: Instant): Step {
  // KA-01, KA-05: a stream is served in order, so a request behind a waiting one waits as well.
  if (state.waiting.some((ahead) => ahead.command.stream === command.stream)) {
    const behind: Waiting = { command, revision: null };
    return silent(changed(state, { now, waiting: [...state.waiting, behind] }), QUEUED);
  }
  const lease = state.leases.find(command.id);
  // KA-03
  if (lease === undefined) return answered(state, command.token, reply(state, command, 0), ABSENT);
  if (isOverdue(lease, now)) {
    // KA-04: no answer before the lease is revoked; it is never renewed any more.
    const held: Waiting = { command, revision: state.revision };
    return silent(changed(state, { now, waiting: [...state.waiting, held] }), HELD);
  }
  return answered(
    renew(state, lease, now),
    command.token,
    reply(state, command, lease.granted),
    rulesOfRenewal(state, lease),
  );
}

/** Serves the waiting requests whose turn has come now that leases are gone: KA-04, KA-05. */
export function release(state: State, now: Instant): Release {
  if (state.waiting.length === 0) return { state, answers: NONE, rules: NONE };
  let current = state;
  const answers: Answer[] = [];
  for (;;) {
    const free = current.waiting.find((waiting) => isFree(current, waiting));
    if (free === undefined) break;
    const { command } = free;
    // KA-06: one that waited for its lease answers with the revision from before it waited.
    const revision = free.revision ?? current.revision;
    const waiting = current.waiting.filter((other) => other !== free);
    const rest = changed(current, { now, waiting });
    const lease = current.leases.find(command.id);
    if (lease === undefined) {
      answers.push({ token: command.token, response: reply({ revision }, command, 0) });
      current = rest;
    } else if (isOverdue(lease, now)) {
      const held = { command, revision: current.revision };
      const holding = current.waiting.map((other) => (other === free ? held : other));
      current = changed(current, { waiting: holding });
    } else {
      answers.push({ token: command.token, response: reply(current, command, lease.granted) });
      current = renew(rest, lease, now);
    }
  }
  return { state: current, answers, rules: answers.length > 0 ? FREED : NONE };
}

export interface Release {
  readonly state: State;
  readonly answers: readonly Answer[];
  readonly rules: readonly RuleId[];
}

/** True for a request at the head of its stream that has not begun, or whose lease is gone. */
const isFree = (state: State, waiting: Waiting): boolean => {
  const { stream } = waiting.command;
  if (state.waiting.find((other) => other.command.stream === stream) !== waiting) return false;
  return waiting.revision === null || state.leases.find(waiting.command.id) === undefined;
};

/** KA-02: the lease has its granted TTL again, from now on. */
const renew = (state: State, lease: Lease, now: Instant): State => {
  if (lease.remaining > 0) return renewCheckpointed(state, lease, now);
  const deadline = after(now, secondsToMilliseconds(lease.granted));
  if (deadline === lease.deadline) return state;
  return withLease(state, lease, dueAt(lease, deadline), now);
};

/** A lease that a checkpoint has a remaining TTL of. */
const renewCheckpointed = (state: State, lease: Lease, now: Instant): State => {
  if (state.settings.server.leaseCheckpoint !== true) {
    // KA-10: with checkpoints switched off it has no more than that, whatever the answer says.
    const deadline = after(now, secondsToMilliseconds(lease.remaining));
    return withLease(state, lease, dueAt(lease, deadline), now);
  }
  // KA-09, CKPT-04: a checkpoint with nothing comes first.
  const cleared = checkpointed(state, lease, seconds(0), now);
  const deadline = after(now, secondsToMilliseconds(lease.granted));
  const fresh = cleared.leases.find(lease.id) as Lease;
  return withLease(cleared, fresh, dueAt(fresh, deadline), now);
};

/** KA-06: the revision is that from before the renewal. */
const reply = (
  { revision }: Pick<State, 'revision'>,
  { id }: KeepAlive,
  ttl: Seconds | 0,
): KeptAlive => ({ kind: 'keptAlive', revision, id, ttl: seconds(ttl) });

const rulesOfRenewal = (state: State, { remaining }: Lease): readonly RuleId[] => {
  if (remaining === 0) return RENEWED;
  return state.settings.server.leaseCheckpoint === true ? CLEARED : RESIDUE;
};

const CLEARED: readonly RuleId[] = ['KA-01', 'KA-02', 'KA-06', 'KA-09', 'CKPT-04', 'CKPT-05'];
const RESIDUE: readonly RuleId[] = ['KA-01', 'KA-06', 'KA-10', 'CKPT-05'];
const QUEUED: readonly RuleId[] = ['KA-01', 'KA-05'];
const ABSENT: readonly RuleId[] = ['KA-01', 'KA-03', 'KA-06'];
const HELD: readonly RuleId[] = ['KA-01', 'KA-04'];
const RENEWED: readonly RuleId[] = ['KA-01', 'KA-02', 'KA-06'];
const FREED: readonly RuleId[] = ['KA-04', 'KA-06'];
