/**
 * Makes a story smaller on the real clock for as long as it shows the same finding: several smaller
 * ones are played at once, and the boldest of those that show it, and show it again, is taken.
 */
import { stemOf } from '../findings.ts';
import { smallerStories } from '../smaller-story.ts';
import type { ClientStory } from '../story.ts';
import type { BreachOf } from '../trial.ts';
import type { LiveTrial } from './live-campaign.ts';

/** A story, and the finding that it shows. */
export interface Shown {
  readonly story: ClientStory;
  readonly breach: BreachOf;
}

export interface LiveShrink extends Shown {
  readonly attempts: number;
  /** Whether nothing smaller shows it. */
  readonly isComplete: boolean;
}

export interface LiveShrinkOptions {
  readonly play: (story: ClientStory) => Promise<LiveTrial>;
  /** Stories side by side. */
  readonly sideBySide: number;
  readonly stopped: () => boolean;
  readonly progress: (attempts: number, steps: number) => void;
}

/** How often what shows it is tried again; once of these is enough. */
const TRIES = 2;

export const shrinkLive = async (first: Shown, options: LiveShrinkOptions): Promise<LiveShrink> => {
  const { play, progress, sideBySide, stopped } = options;
  let [smallest, attempts] = [first, 0];
  const playAll = async (stories: readonly ClientStory[]): Promise<LiveTrial[]> => {
    const trials = await Promise.all(stories.map(play));
    // What was cut off has no say.
    if (stopped()) return [];
    attempts += stories.length;
    progress(attempts, smallest.story.steps.length);
    return trials;
  };
  const smaller = async (): Promise<Shown | null> => {
    for (const batch of batches(smallerStories(smallest.story), sideBySide)) {
      for (const trial of await playAll(batch)) {
        const breach = sameIn(trial, first.breach);
        if (breach === undefined) continue;
        const again = await playAll(Array.from({ length: TRIES }, () => trial.story));
        const isSure = again.some((one) => sameIn(one, first.breach) !== undefined);
        if (isSure) return { story: trial.story, breach };
      }
      if (stopped()) return null;
    }
    return null;
  };
  for (let next = await smaller(); next !== null; next = await smaller()) smallest = next;
  return { ...smallest, attempts, isComplete: !stopped() };
};

const sameIn = ({ breaches }: LiveTrial, first: BreachOf): BreachOf | undefined => {
  // What is hardly wrong any more would convince nobody.
  const least = Math.min(first.excess ?? 0, 1000);
  return breaches.find(
    ({ contract, excess = 0, shape }) =>
      contract.id === first.contract.id && stemOf(shape) === stemOf(first.shape) && excess >= least,
  );
};

function* batches<T>(all: Iterable<T>, size: number): Generator<readonly T[]> {
  let batch: T[] = [];
  for (const one of all) {
    batch.push(one);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
