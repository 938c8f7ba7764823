/**
 * Many random schedules against a target on a virtual clock, one after the other, until one fails.
 */
import { Seed } from '../seed.ts';
import { type Divergence, divergence } from './compare.ts';
import { Coverage } from './coverage.ts';
import { generate } from './generate.ts';
import { withoutLostAnchors } from './lost-anchors.ts';
import { type Ability, requestCount, type Schedule } from './schedule.ts';
import { type Shrunk, shrink } from './shrink.ts';
import { type Target, TargetError } from './target.ts';
import { trace } from './trace.ts';
import { TraceHash } from './trace-hash.ts';
import { type FailedTrial, isViolation, type Pauses, type Trial, tryOut } from './trial.ts';
import type { ServerConfig } from '../api/config.ts';

export interface CampaignOptions {
  readonly seed: bigint;
  readonly config: ServerConfig;
  /** Steps of a schedule. */
  readonly commands: number;
  readonly clients: number;
  /** The runs' numbers. A run's schedule follows from the seed and its number alone. */
  readonly runs: Iterable<number>;
  /** Another target on a virtual clock, which clients must not be able to tell from the first. */
  readonly against?: Target | undefined;
  /** Asked before each step; true ends the campaign there. */
  readonly stopped?: (() => boolean) | undefined;
  /** Asked before each run; true lets no further one begin. */
  readonly spent?: (() => boolean) | undefined;
  /** Awaited before each run, and now and then in a long one. */
  readonly breathe?: (() => Promise<void> | undefined) | undefined;
  /** Told after each run; may take its time, and is awaited. */
  readonly progress?: (tally: Tally) => Promise<void> | undefined;
}

/** What was done so far, as plain data that a worker can send. */
export interface TallyData {
  readonly runs: number;
  readonly commands: number;
  readonly operations: number;
  readonly virtualMilliseconds: number;
  readonly coverage: Pick<Coverage, 'rules' | 'sometimes'>;
  readonly digest: Uint8Array;
}

/** What was done so far. */
export class Tally {
  runs = 0;
  /** Steps of schedules, those included that only pass time. */
  commands = 0;
  /** Requests made. */
  operations = 0;
  virtualMilliseconds = 0;
  readonly coverage = new Coverage();
  readonly traceHash = new TraceHash();

  /** Adds what another one counted. */
  add(other: TallyData): void {
    this.runs += other.runs;
    this.commands += other.commands;
    this.operations += other.operations;
    this.virtualMilliseconds += other.virtualMilliseconds;
    this.coverage.add(other.coverage);
    this.traceHash.combine(other.digest);
  }

  get data(): TallyData {
    const { runs, commands, operations, virtualMilliseconds } = this;
    const { rules, sometimes } = this.coverage;
    const digest = this.traceHash.bytes;
    return {
      runs,
      commands,
      operations,
      virtualMilliseconds,
      coverage: { rules, sometimes },
      digest,
    };
  }
}

/** The run that failed. */
export interface Failure {
  readonly run: number;
  readonly trial: Trial;
  /** Where the two targets differ; null when the trial is what failed. */
  readonly divergence: Divergence | null;
}

export interface Campaign {
  readonly tally: Tally;
  readonly failure: Failure | null;
  readonly interrupted: boolean;
}

/** Something was thrown in a run: a bug of ours, or of an implementation under test. */
export class RunFailed extends Error {
  override readonly name = 'RunFailed';
  readonly seed: bigint;
  readonly run: number;

  constructor(seed: bigint, run: number, cause: unknown) {
    super(`seed ${seed}, schedule ${run}`, { cause });
    this.seed = seed;
    this.run = run;
  }
}

/** Says in which run it was when something is thrown, but for a target that went away. */
export const inRun = async <Result>(
  seed: bigint,
  run: number,
  act: () => Promise<Result>,
): Promise<Result> => {
  try {
    return await act();
  } catch (error) {
    if (error instanceof TargetError || error instanceof RunFailed) throw error;
    throw new RunFailed(seed, run, error);
  }
};

/** The schedule of a run. */
export const scheduleOf = (run: number, target: Target, options: CampaignOptions): Schedule => {
  const { seed, config, commands, clients } = options;
  const either = (trait: 'timeIsDear' | 'alarmsForbidRestarts'): boolean =>
    target[trait] === true || options.against?.[trait] === true;
  return generate(Seed.of(seed).split('run', run), {
    config,
    commands,
    clients,
    clock: target.clock,
    abilities: abilitiesOf(target, options.against),
    timeIsDear: either('timeIsDear'),
    alarmsForbidRestarts: either('alarmsForbidRestarts'),
  });
};

/** What both can, if there are two. */
const abilitiesOf = (
  { abilities = [] }: Target,
  against: Target | undefined,
): readonly Ability[] =>
  against === undefined
    ? abilities
    : abilities.filter((each) => against.abilities?.includes(each) === true);

/** Throws `RunFailed`, or the `TargetError` of a target that went away. */
export async function campaign(target: Target, options: CampaignOptions): Promise<Campaign> {
  const tally = new Tally();
  for (const run of options.runs) {
    const breath = options.breathe?.();
    if (breath !== undefined) await breath;
    if (options.stopped?.() === true) return { tally, failure: null, interrupted: true };
    if (options.spent?.() === true) break;
    const { trial, found } = await inRun(options.seed, run, async () => {
      const schedule = scheduleOf(run, target, options);
      const tried = await tryOut(schedule, target, tally.coverage, options);
      return { trial: tried, found: await failureOf(tried, options) };
    });
    if (found === 'cut') return { tally, failure: null, interrupted: true };
    count(tally, run, trial);
    if (found !== null) return { tally, failure: { run, ...found }, interrupted: false };
    const pause = options.progress?.(tally);
    if (pause !== undefined) await pause;
  }
  return { tally, failure: null, interrupted: false };
}

const failureOf = async (
  trial: Trial,
  options: CampaignOptions,
): Promise<Omit<Failure, 'run'> | 'cut' | null> => {
  const wasCut = ({ result }: Trial): boolean => !result.complete && options.stopped?.() === true;
  const { against } = options;
  if (wasCut(trial)) return 'cut';
  if (trial.verdict.kind !== 'conformant') return { trial, divergence: null };
  if (against === undefined) return null;
  const other = await tryOut(trial.schedule, against, undefined, options);
  if (wasCut(other)) return 'cut';
  if (other.verdict.kind !== 'conformant') return { trial: other, divergence: null };
  const differs = divergence(trial, other);
  return differs === null ? null : { trial, divergence: differs };
};

const count = (tally: Tally, run: number, { schedule, history, result }: Trial): void => {
  tally.runs += 1;
  tally.commands += schedule.steps.length;
  tally.operations += schedule.steps.reduce((sum, step) => sum + requestCount(step), 0);
  tally.virtualMilliseconds += result.now;
  tally.traceHash.add(run, trace(history.entries));
};

/**
 * Makes a failing schedule as small as it goes with the same rule broken; the trial of what is
 * left.
 */
export async function shrinkFailure(
  trial: FailedTrial,
  target: Target,
  pauses: Pauses = {},
): Promise<{ readonly trial: FailedTrial; readonly shrunk: Shrunk }> {
  let smallest = trial;
  const fails = async (candidate: Schedule): Promise<boolean> => {
    const attempt = await tryOut(candidate, target, undefined, pauses);
    if (!isViolation(attempt) || attempt.verdict.rule !== trial.verdict.rule) return false;
    smallest = attempt;
    return true;
  };
  const shrunk = await shrink(trial.schedule, fails, pauses);
  return { trial: { ...smallest, schedule: withoutLostAnchors(smallest.schedule) }, shrunk };
}
