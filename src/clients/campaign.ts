/** Many stories, one after the other: what they came to, and the smallest story of each finding. */
import { TraceHash } from '../harness/trace-hash.ts';
import { Seed } from '../seed.ts';
import type { Adapter } from './adapter.ts';
import type { Contract } from './contract.ts';
import { type FindingKind, Findings, stemOf } from './findings.ts';
import { generateStory } from './generate.ts';
import { smallerStories } from './smaller-story.ts';
import type { ClientStory } from './story.ts';
import type { Trace } from './trace.ts';
import { traceText } from './trace-text.ts';
import { type BreachOf, type ClientTrial, type TrialOptions, tryStory } from './trial.ts';

export interface FuzzOptions {
  readonly adapter: Adapter;
  readonly contracts: readonly Contract[];
  readonly seed: bigint;
  /** Milliseconds that a story lasts. */
  readonly lasts: number;
  /** Leases of a story, at most. */
  readonly leases: number;
  readonly version?: string;
}

/** What a number of stories came to; can be sent between threads. */
export interface FuzzTally {
  readonly stories: number;
  readonly entries: number;
  readonly virtualMilliseconds: number;
  /** That reached the server. */
  readonly connections: number;
  /** Of the first call that failed, in the earliest story: where nobody connects it says why. */
  readonly failure: CallFailure | null;
  readonly findings: Findings['all'];
  /** Stories in which the client could not be judged, and why. */
  readonly broken: readonly { readonly run: number; readonly why: string }[];
  readonly digest: Uint8Array;
}

export interface CallFailure {
  readonly run: number;
  readonly error: string;
}

/** Of the first call in a story that failed. */
export const failureIn = (run: number, trace: Trace): CallFailure | null => {
  for (const entry of trace) {
    if (entry.kind === 'settled' && entry.error !== null) return { run, error: entry.error };
  }
  return null;
};

/** That of the earlier story. */
export const earlierFailure = (
  one: CallFailure | null,
  other: CallFailure | null,
): CallFailure | null => {
  if (one === null || other === null) return one ?? other;
  return other.run < one.run ? other : one;
};

/** Runs the stories with these numbers; ends early when it is stopped. */
export const fuzz = async (
  runs: readonly number[],
  options: FuzzOptions,
  stopped: () => boolean = () => false,
): Promise<FuzzTally> => {
  const findings = new Findings();
  const hash = new TraceHash();
  const broken: { run: number; why: string }[] = [];
  let [stories, entries, connections] = [0, 0, 0];
  let failure: CallFailure | null = null;
  for (const run of runs) {
    if (stopped()) break;
    const trial = await tryStory(storyOf(run, options), trialOptions(run, options));
    stories += 1;
    entries += trial.trace.length;
    connections += trial.trace.filter(({ kind }) => kind === 'connected').length;
    failure ??= failureIn(run, trial.trace);
    hash.add(run, traceText(trial.trace));
    if (trial.broken !== null) broken.push({ run, why: trial.broken });
    const { steps } = trial.story;
    for (const breach of trial.breaches) findings.add(run, steps.length, breach);
  }
  const virtualMilliseconds = stories * options.lasts;
  const { bytes: digest } = hash;
  return {
    stories,
    entries,
    virtualMilliseconds,
    connections,
    failure,
    findings: findings.all,
    broken,
    digest,
  };
};

/** What the stories of a fuzz hang on. */
export interface StorySetting extends Pick<FuzzOptions, 'seed' | 'lasts' | 'leases'> {
  readonly adapter: Pick<Adapter, 'abilities'>;
}

/** The story with that number. */
export const storyOf = (
  run: number,
  { adapter, seed, lasts, leases }: StorySetting,
): ClientStory => {
  const { abilities } = adapter;
  return generateStory(Seed.of(seed).split('story', run), { abilities, lasts, leases });
};

export const trialOptions = (run: number, options: FuzzOptions): TrialOptions => ({
  adapter: options.adapter,
  contracts: options.contracts,
  // Of each story, so that it replays by itself.
  seed: clientSeed(options.seed, run),
  ...(options.version === undefined ? {} : { version: options.version }),
});

/** Of the random numbers of clients. */
export const clientSeed = (seed: bigint, run: number): bigint => {
  const random = Seed.of(seed).split('clients', run).random();
  return BigInt(random.next());
};

export interface SmallestTrial {
  readonly trial: ClientTrial;
  readonly breach: BreachOf;
  readonly attempts: number;
  /** Whether nothing smaller shows it. */
  readonly isComplete: boolean;
}

/**
 * Makes a story smaller as long as it shows the same finding, if with other faults about. `play`
 * judges by the contract of the finding.
 */
export const shrinkStory = async (
  first: ClientTrial,
  { contract, shape }: FindingKind,
  play: (story: ClientStory) => Promise<ClientTrial>,
  stopped: () => boolean,
): Promise<SmallestTrial | null> => {
  const stem = stemOf(shape);
  const shown = (trial: ClientTrial): BreachOf | undefined =>
    trial.breaches.find(
      (breach) => breach.contract.id === contract && stemOf(breach.shape) === stem,
    );
  let breach = shown(first);
  if (breach === undefined) return null;
  // What is hardly wrong any more would convince nobody.
  const least = Math.min(breach.excess ?? 0, 1000);
  let trial = first;
  let attempts = 0;
  for (let isSmaller = true; isSmaller; ) {
    isSmaller = false;
    for (const story of smallerStories(trial.story)) {
      if (stopped()) return { trial, breach, attempts, isComplete: false };
      attempts += 1;
      const candidate = await play(story);
      const found = shown(candidate);
      if (found === undefined || (found.excess ?? 0) < least) continue;
      [trial, breach, isSmaller] = [candidate, found, true];
      break;
    }
  }
  return { trial, breach, attempts, isComplete: true };
};
