/** Two targets, one schedule: where what clients see of them first differs. */
import { withoutLostAnchors } from './lost-anchors.ts';
import type { Schedule } from './schedule.ts';
import { type Shrunk, shrink } from './shrink.ts';
import type { Target } from './target.ts';
import { trace } from './trace.ts';
import { type Pauses, type Trial, tryOut } from './trial.ts';

export interface Divergence {
  readonly schedule: Schedule;
  /** The first line of the traces that is not the same; empty where one has ended. */
  readonly left: string;
  readonly right: string;
}

/** Null when the traces are equal; what does not count is said at the head of `trace.ts`. */
export const divergence = (left: Trial, right: Trial): Divergence | null => {
  const [ours, theirs] = [left, right].map(({ history }) => trace(history.entries).split('\n'));
  const length = Math.max(ours?.length ?? 0, theirs?.length ?? 0);
  for (let line = 0; line < length; line += 1) {
    const [one, other] = [ours?.[line] ?? '', theirs?.[line] ?? ''];
    if (one !== other) return { schedule: left.schedule, left: one, right: other };
  }
  return null;
};

/** Runs `schedule` on both. */
export const compare = async (
  schedule: Schedule,
  left: Target,
  right: Target,
  pauses: Pauses = {},
): Promise<Divergence | null> => {
  const [ours, theirs] = [
    await tryOut(schedule, left, undefined, pauses),
    await tryOut(schedule, right, undefined, pauses),
  ];
  // What was cut short or lost says nothing.
  const isWhole = ours.result.complete && theirs.result.complete;
  return isWhole ? divergence(ours, theirs) : null;
};

/** Makes a schedule on which two targets differ as small as it goes. */
export async function shrinkDivergence(
  found: Divergence,
  left: Target,
  right: Target,
  pauses: Pauses = {},
): Promise<{ readonly divergence: Divergence; readonly shrunk: Shrunk }> {
  let smallest = found;
  const differs = async (candidate: Schedule): Promise<boolean> => {
    const still = await compare(candidate, left, right, pauses);
    if (still !== null) smallest = still;
    return still !== null;
  };
  const shrunk = await shrink(found.schedule, differs, pauses);
  const schedule = withoutLostAnchors(smallest.schedule);
  return { divergence: { ...smallest, schedule }, shrunk };
}
