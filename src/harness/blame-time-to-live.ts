/** Which rule a wrong time-to-live breaks, and which one a lease that is gone although it lives. */
import type { Bytes } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import { after, type Instant, secondsToMilliseconds } from '../api/units.ts';
import { isOverdue, type RuleId, type State } from '../model/index.ts';
import { blameReborn } from './blame-restart.ts';
import type { Mismatch } from './mismatch.ts';
import type { Past } from './past.ts';

export const blameTimeToLive = (mismatch: Mismatch): RuleId => {
  const { command, predicted, observed, field, state, now, past } = mismatch;
  if (command.kind !== 'timeToLive') return 'TTL-03';
  if (predicted.kind !== 'remainingTtl' || observed.kind !== 'remainingTtl') return 'TTL-03';
  if (field === 'revision') return 'EXP-07';
  const reborn = past?.rebirth(command.id);
  if (reborn !== undefined && predicted.grantedTtl > 0) {
    if (field === 'keys' || observed.grantedTtl === 0) return 'RESTART-01';
    if (observed.grantedTtl !== predicted.grantedTtl) return 'RESTART-03';
  }
  if (field === 'keys')
    return blameKeys(command.keys, predicted.keys, observed.keys, command, past);
  if (predicted.grantedTtl === 0 || field === 'id') {
    const isThere = observed.grantedTtl !== 0 && past?.wasTooLarge(command.id) === true;
    return isThere ? 'GRANT-03' : 'TTL-03';
  }
  const { id } = command;
  if (observed.grantedTtl === 0) {
    // What is left of it is said all the same.
    if (observed.ttl > 0) return 'TTL-01';
    return overdue(state, id, now) ? 'EXP-09' : blameAbsence(id, now, past);
  }
  if (observed.grantedTtl !== predicted.grantedTtl) {
    return past?.replacedDeadline(id) === undefined ? 'GRANT-02' : 'KA-02';
  }
  return blameRemaining(mismatch, observed.ttl);
};

/** Which rule a wrong remaining TTL of a lease that is there breaks. */
const blameRemaining = ({ state, now, predicted, past }: Mismatch, ttl: number): RuleId => {
  if (predicted.kind !== 'remainingTtl') return 'TTL-01';
  if (predicted.ttl < 0) return 'TTL-02';
  // JavaScript's negative zero.
  if (ttl === predicted.ttl) return 'TTL-01';
  const left = (deadline: number): number => (deadline - now) / 1000;
  const exact = left(state.leases.find(predicted.id)?.deadline ?? now);
  const isRounded = [Math.ceil, Math.floor, Math.round].some((round) => round(exact) === ttl);
  if (isRounded && past?.sawTruncation !== true) return 'TTL-01';
  const shows = (deadline: number): boolean => Math.trunc(left(deadline)) === ttl;
  const lease = state.leases.find(predicted.id);
  const reborn = past?.rebirth(predicted.id);
  const restarted =
    reborn === undefined || lease === undefined
      ? null
      : blameReborn(reborn, lease, state, now, shows);
  if (restarted !== null) return restarted;
  const residue = past?.residue(predicted.id);
  if (residue !== undefined) return residue;
  const life = secondsToMilliseconds(predicted.grantedTtl);
  const replaced = past?.replacedDeadline(predicted.id);
  if (replaced !== undefined && (shows(replaced) || shows(after(replaced, life)))) return 'KA-02';
  // Its own question is none of the reasons.
  const touches = (past?.touches(predicted.id) ?? []).filter(
    ({ rule, at }) => rule !== 'TTL-10' || at < now,
  );
  const renewedBy = touches.find(({ at }) => shows(after(at, life)));
  return renewedBy?.rule ?? (isRounded || replaced === undefined ? 'TTL-01' : 'KA-02');
};

/** Which rule breaks when a lease that lives is gone. */
export const blameAbsence = (id: LeaseId, now: Instant, past: Past | undefined): RuleId => {
  if (past?.hasLostKeys(id) === true) return 'KV-06';
  const reborn = past?.rebirth(id);
  if (reborn !== undefined) return reborn.checkpoints ? 'CKPT-02' : 'RESTART-02';
  const replaced = past?.replacedDeadline(id);
  return replaced !== undefined && replaced <= now ? 'KA-02' : 'EXP-03';
};

/** Which rule a wrong list of the keys of a lease breaks. */
const blameKeys = (
  asked: boolean,
  predicted: readonly Bytes[],
  observed: readonly Bytes[],
  { id }: { readonly id: LeaseId },
  past: Past | undefined,
): RuleId => {
  if (!asked) return 'TTL-04';
  const extra = observed.find((key) => !predicted.includes(key));
  if (extra !== undefined) return past?.departure(id, extra) ?? 'GRANT-05';
  return observed.length === 0 ? 'TTL-04' : 'KV-02';
};

export const overdue = (state: State, id: LeaseId, now: Instant): boolean => {
  const lease = state.leases.find(id);
  return lease !== undefined && isOverdue(lease, now);
};
