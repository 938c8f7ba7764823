/** What a turn of the expiry loop revokes. */
import type { LeaseId } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import { TURN_LIMIT } from './flags.ts';
import type { KeepAlives } from './keep-alives.ts';
import { removeLease, type Server } from './server.ts';
import { NO_SLOT } from './slots.ts';
import type { SlowApply } from './slow-apply.ts';

const NONE: readonly LeaseId[] = [];

/** Whether a turn then finds something to do. */
export const findsWork = (
  { checkpoints, lessor }: Server,
  slowApply: SlowApply,
  at: Instant,
): boolean => {
  if (checkpoints.isDue(at)) return true;
  return slowApply.isOn ? slowApply.mayFind(at) : lessor.firstOverdue(at) !== NO_SLOT;
};

/** Revokes what is overdue at a turn (EXP-02), the soonest deadline first (EXP-04, EXP-06). */
export const revokeOverdue = (server: Server, keepAlives: KeepAlives): readonly LeaseId[] => {
  const { clock, lessor } = server;
  let slot = lessor.firstOverdue(clock.now);
  if (slot === NO_SLOT) return NONE;
  const revoked: LeaseId[] = [];
  // CONST-05, EXP-05: what is beyond the limit waits for the next turn.
  while (slot !== NO_SLOT && revoked.length < TURN_LIMIT) {
    const id = lessor.idOf(slot);
    removeLease(server, slot);
    revoked.push(id);
    // What this serves renews leases that are not overdue, and so takes none of those that are.
    keepAlives.release(id);
    slot = lessor.firstOverdue(clock.now);
  }
  return revoked;
};
