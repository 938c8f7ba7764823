/**
 * Anchors on leases that no line grants. They mean "now" (see `When`), which is how a shrunk
 * schedule keeps running; where somebody wrote them they are typing errors.
 */
import { milliseconds } from '../api/units.ts';
import { member } from './operations.ts';
import type { LeaseRef, Schedule, ScheduleStep } from './schedule.ts';

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
export const lostAnchors = (steps: readonly ScheduleStep[]): readonly LostAnchor[] => {
  const anchors = steps.flatMap(({ at }, index) =>
    'lease' in at && !at.lease.startsWith('#') ? [{ index, lease: at.lease }] : [],
  );
  if (anchors.length === 0) return [];
  const granted = new Set(steps.flatMap(namesOf));
  return anchors.filter(({ lease }) => !granted.has(lease));
};

/** The names that a step gives to leases; that of a group stands for its first one. */
const namesOf = ({ action }: ScheduleStep): LeaseRef[] => {
  if (action.kind !== 'grant') return [];
  const names = Array.from({ length: action.count }, (_, index) => member(action, index));
  const [first = ''] = names;
  return first.endsWith('.1') ? [...names, first.slice(0, -2)] : names;
};
