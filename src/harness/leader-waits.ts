/**
 * What waits for a leader, or for the log, as the judge of a history follows it: looks and refusals
 * have their instants, and come after all else that happens at such an instant, a turn among it.
 */
import type { Instant } from '../api/units.ts';
import { nextWake, type State } from '../model/index.ts';
import type { Entry } from './history.ts';

/** When something that waits wakes, up to `to`; null: nothing does. */
export const wakeUpTo = (state: State, to: Instant): Instant | null => {
  const due = nextWake(state);
  return due !== null && due <= to ? due : null;
};

/** True for what is done to a server, as opposed to what is seen of it. */
export const isDone = (kind: Entry['kind']): boolean =>
  kind === 'call' ||
  kind === 'jump' ||
  kind === 'restart' ||
  kind === 'demote' ||
  kind === 'promote' ||
  kind === 'stall' ||
  kind === 'catchUp' ||
  kind === 'end';
