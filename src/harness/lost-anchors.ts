/**
 * Anchors on leases that no line grants. They mean "now" (see `When`), which is how a shrunk
 * schedule keeps running; where somebody wrote them they are typing errors.
 */
import { milliseconds } from '../api/units.ts';
import { type LeaseRef, type Schedule, type ScheduleStep, stepWith } from './schedule.ts';

/** The same schedule in other words: such steps happen right after the ones before. */
export const withoutLostAnchors = (schedule: Schedule): Schedule => {
  const { config, steps } = schedule;
  const lost = lostAnchors(steps);
  if (lost.length === 0) return schedule;
  const at = { from: 'previous', offset: milliseconds(0) } as const;
  const plain = [...steps];
  for (const { index } of lost) plain[index] = stepWith(plain[index] as ScheduleStep, { at });
  return { config, steps: plain };
};

export interface LostAnchor {
  readonly index: number;
  readonly lease: LeaseRef;
}

/** An id (`#5`) is none: it may be one that the server chose. */
export const lostAnchors = (steps: readonly ScheduleStep[]): readonly LostAnchor[] => {
  const granted = grantsOf(steps);
  return steps.flatMap(({ at }, index) =>
    !('lease' in at) || at.lease.startsWith('#') || isGranted(at.lease, granted)
      ? []
      : [{ index, lease: at.lease }],
  );
};

/** How many leases each name stands for; the names of the members are not written down. */
const grantsOf = (steps: readonly ScheduleStep[]): ReadonlyMap<LeaseRef, number> => {
  const granted = new Map<LeaseRef, number>();
  for (const { action } of steps) {
    if (action.kind !== 'grant') continue;
    granted.set(action.lease, Math.max(action.count, granted.get(action.lease) ?? 0));
  }
  return granted;
};

/** `B` is granted by `B`, by `B*3` and by `B.1`; `B.2` by `B.2` and by `B*3`. */
const isGranted = (lease: LeaseRef, granted: ReadonlyMap<LeaseRef, number>): boolean => {
  if (granted.has(lease) || granted.has(`${lease}.1`)) return true;
  const [group = '', member] = lease.split('.');
  const count = granted.get(group) ?? 1;
  return count > 1 && member !== undefined && Number(member) <= count;
};
