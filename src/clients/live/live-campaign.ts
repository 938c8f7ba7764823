/**
 * Many stories on the real clock, side by side: what they came to, and of each finding the shortest
 * story, tried again.
 */
import { Seed } from '../../seed.ts';
import { type CallFailure, earlierFailure, failureIn, type FuzzTally } from '../campaign.ts';
import type { Contract } from '../contract.ts';
import { type Finding, Findings, stemOf } from '../findings.ts';
import { generateStory } from '../generate.ts';
import type { ClientStory } from '../story.ts';
import { type BreachOf, type ClientTrial, contractsFor, inWordsOfStories } from '../trial.ts';
import { LagMeter } from './lag.ts';
import { type LiveOptions, type LiveRun, runLiveStory } from './live-world.ts';

export interface LiveFuzzOptions extends Omit<LiveOptions, 'meter'> {
  readonly contracts: readonly Contract[];
  readonly seed: bigint;
  /** Milliseconds that a story lasts. */
  readonly lasts: number;
  /** Leases of a story, at most. */
  readonly leases: number;
  /** Stories side by side. */
  readonly sideBySide: number;
}

export interface LiveFinding extends Finding {
  readonly story: ClientStory;
  readonly what: string;
  /** In how many of the tries after the first it was seen again. */
  readonly again: number;
  readonly tries: number;
  /** Why it is none with this client; null: it is one. */
  readonly reason: string | null;
}

export interface LiveTally extends Omit<FuzzTally, 'findings' | 'digest'> {
  readonly findings: readonly LiveFinding[];
  /** The most that was granted for what the machine did, in milliseconds. */
  readonly slack: number;
}

export type LiveTrial = ClientTrial & Pick<LiveRun, 'slack' | 'isBusy'>;

/** How often a finding is tried again. */
const TRIES = 2;

/** So many stories of which none could be judged are enough. */
const HOPELESS = 5;

export const fuzzLive = async (
  runs: number,
  options: LiveFuzzOptions,
  progress: (stories: number, findings: number) => void,
): Promise<LiveTally> => {
  const around = { ...options, meter: new LagMeter(), inTurn: oneAtATime() };
  const findings = new Findings();
  const first = new Map<string, { story: ClientStory; breach: BreachOf }>();
  const broken: { run: number; why: string }[] = [];
  let [stories, entries, connections, slack, judged] = [0, 0, 0, 0, 0];
  let failure: CallFailure | null = null;
  const one = async (run: number): Promise<void> => {
    const story = liveStoryOf(run, options);
    const trial = await tryLiveStory(story, around);
    // What was cut off has no say.
    if (options.stopped?.() === true) return;
    stories += 1;
    judged += Number(trial.broken === null || trial.isBusy);
    entries += trial.trace.length;
    connections += trial.trace.filter(({ kind }) => kind === 'connected').length;
    slack = Math.max(slack, trial.slack);
    failure = earlierFailure(failure, failureIn(run, trial.trace));
    if (trial.broken !== null) broken.push({ run, why: trial.broken });
    for (const breach of trial.breaches) {
      findings.add(run, story.steps.length, breach);
      first.set(`${run} ${breach.contract.id} ${breach.shape}`, { story, breach });
    }
    progress(stories, findings.all.length);
  };
  const numbers = Array.from({ length: runs }, (_, run) => run);
  // None of the first could be judged: no other will be.
  const isHopeless = (): boolean => stories >= HOPELESS && judged === 0;
  const isOver = (): boolean => options.stopped?.() === true || isHopeless();
  await sideBySide(numbers, options.sideBySide, isOver, one);
  const confirmed = await confirm(findings.all, first, around);
  return {
    stories,
    entries,
    connections,
    failure,
    slack,
    virtualMilliseconds: stories * options.lasts,
    findings: confirmed,
    broken: broken.toSorted((left, right) => left.run - right.run),
  };
};

/** Runs a story and judges it with the slack that the machine made necessary. */
export const tryLiveStory = async (
  story: ClientStory,
  options: LiveOptions & { readonly contracts: readonly Contract[] },
): Promise<LiveTrial> => {
  const { broken, isBusy, slack, trace } = await runLiveStory(story, options);
  const breaches: BreachOf[] = [];
  const contracts = contractsFor(options.adapter, options.contracts);
  for (const contract of broken === null ? contracts : []) {
    const breach = contract.check(trace, slack);
    if (breach === null) continue;
    breaches.push({ ...breach, what: inWordsOfStories(breach.what), contract });
  }
  return { story, trace, breaches, broken, slack, isBusy };
};

/** Nobody can set the clock of this machine. */
const ON_A_VIRTUAL_CLOCK: ReadonlySet<string> = new Set(['wall clock', 'drift']);

const liveStoryOf = (run: number, options: LiveFuzzOptions): ClientStory => {
  const { adapter, lasts, leases, seed } = options;
  const { abilities } = adapter;
  // Such that a lease can be lost, and told of, within the story.
  const longest = Math.max(1, lasts / 3000);
  const around = { abilities, lasts, leases, longest };
  const story = generateStory(Seed.of(seed).split('story', run), around);
  return { ...story, steps: story.steps.filter(({ act }) => !ON_A_VIRTUAL_CLOCK.has(act.kind)) };
};

/** Tries the story of each finding again, all side by side. */
const confirm = async (
  findings: readonly Finding[],
  first: ReadonlyMap<string, { readonly story: ClientStory; readonly breach: BreachOf }>,
  options: Omit<LiveFuzzOptions, 'sideBySide'> & LiveOptions & { readonly sideBySide: number },
): Promise<readonly LiveFinding[]> => {
  const seen = findings.map((finding) => {
    const { breach, story } = first.get(`${finding.run} ${finding.contract} ${finding.shape}`) as {
      story: ClientStory;
      breach: BreachOf;
    };
    const reason = options.adapter.exceptions?.[finding.contract] ?? null;
    return { ...finding, story, what: breach.what, again: 0, tries: 0, reason };
  });
  const doubtful = seen.filter(({ reason }) => reason === null);
  const tries = doubtful.flatMap((finding) => Array.from({ length: TRIES }, () => finding));
  const stopped = (): boolean => options.stopped?.() === true;
  await sideBySide(tries, options.sideBySide, stopped, async (finding) => {
    const trial = await tryLiveStory(finding.story, options);
    if (trial.broken !== null) return;
    finding.tries += 1;
    finding.again += Number(trial.breaches.some((breach) => isLike(finding, breach)));
  });
  return seen;
};

const isLike = (finding: Finding, { contract, shape }: BreachOf): boolean =>
  contract.id === finding.contract && stemOf(shape) === stemOf(finding.shape);

/** Lets what it is given run one after the other. */
const oneAtATime = (): NonNullable<LiveOptions['inTurn']> => {
  let last: Promise<void> = Promise.resolve();
  return (start) => {
    const mine = last.then(start);
    last = mine.catch(() => {});
    return mine;
  };
};

/** Works through a list, so many at a time. */
const sideBySide = async <T>(
  list: readonly T[],
  most: number,
  stopped: () => boolean,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const waiting = [...list];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined && !stopped(); item = waiting.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, list.length) }, worker));
};
