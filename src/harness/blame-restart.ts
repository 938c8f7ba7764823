/**
 * Which rule a lease breaks that has been through a restart since it was granted or renewed, or of
 * which a checkpoint left something.
 */
import { after, between, type Instant, truncSeconds } from '../api/units.ts';
import {
  electionExtension,
  type Lease,
  type RuleId,
  SPREAD_FROM,
  type State,
} from '../model/index.ts';
import type { Reborn } from './past.ts';

/** The rule that a wrong remaining TTL breaks; null: nothing here explains it. */
export function blameReborn(
  { before, at, checkpoints }: Reborn,
  lease: Lease,
  state: State,
  now: Instant,
  shows: (deadline: Instant) => boolean,
): RuleId | null {
  if (before.deadline < lease.deadline && shows(before.deadline)) return 'RESTART-02';
  const extension = electionExtension(state.settings.server);
  const withTtl = (ttl: number): Instant => after(at, (ttl * 1000 + extension) as typeof extension);
  const ttls = [before.granted, lease.savedTtl].filter((ttl) => ttl !== lease.granted);
  if (lease.remaining === 0 && ttls.some((ttl) => shows(withTtl(ttl)))) return 'RESTART-03';
  const apart = (milliseconds: number): Instant =>
    after(lease.deadline, (milliseconds - extension) as typeof extension);
  const { election } = state.settings.server;
  if ([0, election, 2 * extension].some((other) => other !== extension && shows(apart(other)))) {
    return 'CONST-11';
  }
  if (lease.remaining > 0) {
    // Its whole TTL again, as if there were no checkpoint; or not quite what the checkpoint said.
    return shows(withTtl(lease.granted)) ? 'CKPT-03' : 'CKPT-02';
  }
  if (state.leases.size >= SPREAD_FROM) return 'RESTART-04';
  if (checkpoints) return 'CKPT-02';
  return truncSeconds(between(now, lease.deadline)) > lease.granted ? 'TTL-05' : 'RESTART-02';
}
