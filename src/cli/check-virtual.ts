/** `check` on a virtual clock: one schedule after the other, the first failure shrunk and saved. */
import { DEFAULT_CONFIG } from '../api/config.ts';
import {
  campaign,
  type CampaignOptions,
  type Failure,
  inRun,
  shrinkFailure,
  Tally,
} from '../harness/campaign.ts';
import { type Divergence, shrinkDivergence } from '../harness/compare.ts';
import { COUNTEREXAMPLE_SCHEMA, encodeCounterexample } from '../harness/counterexample.ts';
import { encodeHistory } from '../harness/history-json.ts';
import { printSchedule } from '../harness/schedule-text.ts';
import { canShow } from '../harness/sometimes-life.ts';
import { SOMETIMES } from '../harness/sometimes.ts';
import { type Target, TargetError } from '../harness/target.ts';
import { type FailedTrial, isViolation, type Pauses, STOPPED } from '../harness/trial.ts';
import type { Verdict } from '../harness/verdict.ts';
import type { CheckReport } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { foundStory, saveFound } from './check-save.ts';
import type { Lost } from './chunk.ts';
import type { TargetPlan } from './targets.ts';
import type { ThreadStart } from './threads.ts';
import { type VirtualCampaign, virtualCampaign } from './virtual-campaign.ts';

/** From so many runs on, a case that must occur now and then and never did is no pass. */
const RUNS_FOR_ALL_CASES = 10_000;

export async function checkVirtual(
  request: CheckRequest,
  plan: TargetPlan,
  other: TargetPlan | null,
): Promise<CheckReport> {
  const { seed, runs, commands, clients, stop, progress } = request;
  const target = await stop.unlessStopped(plan.start());
  const against = other === null ? undefined : await stop.unlessStopped(other.start());
  const close = async (): Promise<void> => {
    await target.close();
    await against?.close();
  };
  stop.onStop(() => void close());
  const config = target.config ?? against?.config ?? DEFAULT_CONFIG;
  // At once: it must be known also of a check that is killed.
  progress.note(`seed ${seed}`);
  try {
    const start = performance.now();
    const options = { seed, config, commands, clients, runs, against, ...pausesOf(request) };
    const outcome = await runCampaign(request, target, threadsOf(plan, other), options, start);
    const { tally, failed } = outcome;
    const base = {
      request,
      target: { name: target.name, version: target.version },
      tally,
      wallMilliseconds: performance.now() - start,
      virtual: true,
      divergence: null,
      counterexample: null,
      story: null,
    };
    if (failed === null) return { ...base, verdict: verdictOf(outcome, target) };
    const tell = async () => {
      if (outcome.failure === null && outcome.lost !== null) {
        return saveLost(failed, outcome.lost, request);
      }
      const failure = outcome.failure ?? (await failAgain(failed, target, options));
      if (failure === null) return { verdict: onceOnly(failed, stop.stopped()) };
      return tellFailure({ ...failure, run: failed }, [target, against], request);
    };
    return { ...base, ...(await inRun(seed, failed, tell)) };
  } finally {
    await close();
  }
}

/** How other threads start the same targets; null when they cannot. */
const threadsOf = (
  { spec: target }: TargetPlan,
  other: TargetPlan | null,
): Omit<ThreadStart, 'flags'> | null => {
  const against = other === null ? null : other.spec;
  return target === null || (other !== null && against === null) ? null : { target, against };
};

const pausesOf = ({ stop: { stopped, breathe } }: CheckRequest): Pauses => ({ stopped, breathe });

interface Outcome extends VirtualCampaign {
  /** Why it could not go on; null when it could. */
  readonly broken: string | null;
}

/** A server that goes away, or does not come to rest, ends the campaign without a verdict. */
const runCampaign = async (
  request: CheckRequest,
  target: Target,
  threads: Omit<ThreadStart, 'flags'> | null,
  options: Omit<CampaignOptions, 'runs'>,
  start: number,
): Promise<Outcome> => {
  const { runs, jobs, stop } = request;
  let soFar = new Tally();
  const progress = (tally: Tally): void => {
    soFar = tally;
    request.progress.show(performance.now(), () => progressLine(tally, runs, start));
  };
  try {
    const done = await virtualCampaign({ ...options, target, threads, runs, jobs, stop, progress });
    return { ...done, broken: null };
  } catch (error) {
    if (!(error instanceof TargetError)) throw error;
    const interrupted = stop.stopped();
    const { message } = error;
    return { tally: soFar, failed: null, failure: null, lost: null, interrupted, broken: message };
  }
};

/** A schedule that failed on another thread, once more on this one; null when it does not now. */
const failAgain = async (
  run: number,
  target: Target,
  options: CampaignOptions,
): Promise<Failure | null> => (await campaign(target, { ...options, runs: [run] })).failure;

const onceOnly = (run: number, wasStopped: boolean): Verdict => ({
  kind: 'inconclusive',
  why: wasStopped ? STOPPED : `schedule ${run} failed on a thread, and not when it ran again`,
});

/** Makes the failing schedule smaller, saves it and tells its story. */
const tellFailure = async (
  { run, trial, divergence }: Failure,
  [target, against]: readonly [Target, Target | undefined],
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  if (against !== undefined && divergence !== null) {
    return saveDivergence(run, divergence, [target, against], request);
  }
  const { history, verdict } = trial;
  if (isViolation(trial)) {
    const isOther = history.header.target === against?.name;
    return saveViolation(run, trial, isOther ? against : target, request);
  }
  if (verdict.kind === 'conformant' || request.stop.stopped()) return { verdict };
  return saveLost(run, { history, verdict }, request);
};

/** The server went away: what it did until then is worth keeping. */
const saveLost = (
  run: number,
  { history, verdict }: Lost,
  request: CheckRequest,
): Pick<CheckReport, 'verdict' | 'counterexample'> => {
  const name = `history-${request.seed}-${run}.jsonl`;
  return { verdict, counterexample: saveFound(request, name, encodeHistory(history)) };
};

/** Makes the schedule smaller on which two targets differ, and saves it with what each said. */
const saveDivergence = async (
  run: number,
  found: Divergence,
  [target, against]: readonly [Target, Target],
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  const { seed, progress } = request;
  progress.note(`schedule ${run} tells ${target.name} from ${against.name}; making it smaller`);
  const smallest = await shrinkDivergence(found, target, against, pausesOf(request));
  const { schedule, left, right } = smallest.divergence;
  const [ours, theirs] = [`# ${target.name}: ${left}`, `# ${against.name}: ${right}`];
  const text = `${printSchedule(schedule)}${ours}\n${theirs}\n`;
  const path = saveFound(request, `divergence-${seed}-${run}.leasehold`, text);
  const verdict = {
    kind: 'inconclusive',
    why: `${target.name} and ${against.name} differ`,
  } as const;
  return { verdict, divergence: smallest.divergence, counterexample: path, story: text };
};

const saveViolation = async (
  run: number,
  trial: FailedTrial,
  target: Target,
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  request.progress.note(`schedule ${run} breaks ${trial.verdict.rule}; making it smaller`);
  const pauses = pausesOf(request);
  const { trial: smallest, shrunk } = await shrinkFailure(trial, target, pauses);
  const { history, verdict } = smallest;
  const counterexample = {
    schema: COUNTEREXAMPLE_SCHEMA,
    versions: history.header.versions,
    seed: request.seed,
    run,
    target: { name: target.name, version: target.version },
    config: history.header.config,
    schedule: smallest.schedule,
    originalSteps: trial.schedule.steps.length,
    shrink: { attempts: shrunk.attempts, complete: shrunk.complete },
    verdict,
    history,
  } as const;
  const name = `counterexample-${request.seed}-${run}.json`;
  const path = saveFound(request, name, encodeCounterexample(counterexample));
  return { verdict, counterexample: path, story: foundStory(smallest, path, request) };
};

const verdictOf = ({ tally, interrupted, broken }: Outcome, target: Target): Verdict => {
  if (broken !== null && !interrupted) return { kind: 'inconclusive', why: broken };
  if (interrupted) return { kind: 'inconclusive', why: STOPPED };
  const missing = SOMETIMES.filter(
    (what) => tally.coverage.sometimes[what] === 0 && canShow(target, what),
  );
  if (tally.runs < RUNS_FOR_ALL_CASES || missing.length === 0) return { kind: 'conformant' };
  return {
    kind: 'inconclusive',
    why: `in ${tally.runs} schedules it never happened that ${missing[0]}`,
  };
};

const progressLine = (tally: Tally, runs: readonly number[], start: number): string => {
  const rate = Math.round((tally.commands / (performance.now() - start)) * 1000);
  const share = Math.floor((100 * tally.runs) / runs.length);
  return `${share} %  ${tally.runs} of ${runs.length} schedules, ${rate} commands/s`;
};
