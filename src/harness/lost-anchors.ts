/**
 * Anchors on leases that no line grants. They mean "now" (see `When`), which is how a shrunk
 * schedule keeps running; where somebody wrote them they are typing errors.
 */
import { milliseconds } from '../api/units.ts';
import type { Action, LeaseRef, Schedule, ScheduleStep } from './schedule.ts';

/** The same schedule in other words: such steps happen right after the ones before. */
export const withoutLostAnchors = (schedule: Schedule): Schedule => {
  const { config, steps } = schedule;
  const lost = lostAnchors(steps);
  if (lost.length === 0) return schedule;
  const at = { from: 'previous', offset: milliseconds(0) } as const;
  const plain = [...steps];
  for (const { index } of lost) plain[index] = { ...(plain[index] as ScheduleStep), at };
  return { config, steps: plain };
};

export interface LostAnchor {
  readonly index: number;
  readonly lease: LeaseRef;
}

/** An id (`#5`) is none: it may be one that the server chose. */
export const lostAnchors = (steps: readonly ScheduleStep[]): readonly LostAnchor[] =>
  steps.flatMap(({ at }, index) => {
    if (!('lease' in at) || at.lease.startsWith('#')) return [];
    return steps.some(({ action }) => names(action, at.lease)) ? [] : [{ index, lease: at.lease }];
  });

/** Whether it gives a lease that name; that of a group stands for its first one. */
const names = (action: Action, lease: LeaseRef): boolean => {
  if (action.kind !== 'grant') return false;
  const { count, lease: own } = action;
  if (lease === own) return true;
  if (count === 1) return own === `${lease}.1`;
  return lease.startsWith(`${own}.`) && Number(lease.slice(own.length + 1)) <= count;
};
