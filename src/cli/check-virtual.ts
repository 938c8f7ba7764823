/** `check` on a virtual clock: one schedule after the other, the first failure shrunk and saved. */
import { DEFAULT_CONFIG } from '../api/config.ts';
import { type CampaignOptions, scheduleOf, shrinkFailure, Tally } from '../harness/campaign.ts';
import { type Divergence, divergence, shrinkDivergence } from '../harness/compare.ts';
import { COUNTEREXAMPLE_SCHEMA, encodeCounterexample } from '../harness/counterexample.ts';
import type { History } from '../harness/history.ts';
import { encodeHistory } from '../harness/history-json.ts';
import { printSchedule } from '../harness/schedule-text.ts';
import type { Target } from '../harness/target.ts';
import { RunBroken, type Trial, tryOut } from '../harness/trial.ts';
import type { Verdict, Violation } from '../harness/verdict.ts';
import { SOMETIMES } from '../harness/sometimes.ts';
import { storyText } from './story.ts';
import type { CheckReport } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { writeOutput } from './files.ts';
import { InvariantViolation } from '../invariant.ts';
import type { TargetPlan } from './targets.ts';
import { type VirtualCampaign, virtualCampaign } from './virtual-campaign.ts';

/** From so many runs on, a case that must occur now and then and never did is no pass. */
const RUNS_FOR_ALL_CASES = 10_000;

export async function checkVirtual(
  request: CheckRequest,
  plan: TargetPlan,
  other: TargetPlan | null,
): Promise<CheckReport> {
  const target = await plan.start();
  const against = await other?.start();
  const close = async (): Promise<void> => {
    await target.close();
    await against?.close();
  };
  request.onStop(() => void close());
  const { seed, runs, commands, clients } = request;
  const config = target.config ?? against?.config ?? DEFAULT_CONFIG;
  if (request.saysSeed) request.progress.note(`seed ${seed}`);
  try {
    const start = performance.now();
    const options = { seed, config, commands, clients, runs, against };
    const campaign = await runCampaign(request, target, options, start);
    const { tally, failed } = campaign;
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
    if (failed === null) {
      return { ...base, verdict: verdictOf(campaign), counterexample: saved(campaign, request) };
    }
    return { ...base, ...(await tellFailure(failed, target, options, request)) };
  } finally {
    await close();
  }
}

interface Outcome extends VirtualCampaign {
  /** Why it could not go on; null when it could. */
  readonly broken: string | null;
  /** Of the run that could not go on. */
  readonly history: History | null;
}

/** A server that goes away, or does not come to rest, ends the campaign without a verdict. */
const runCampaign = async (
  request: CheckRequest,
  target: Target,
  options: CampaignOptions,
  start: number,
): Promise<Outcome> => {
  const { runs, jobs, stopped } = request;
  let soFar = new Tally();
  const progress = (tally: Tally): void => {
    soFar = tally;
    request.progress.show(performance.now(), () => progressLine(tally, runs, start));
  };
  try {
    const done = await virtualCampaign({ ...options, target, runs, jobs, stopped, progress });
    return { ...done, broken: null, history: null };
  } catch (error) {
    if (target.name === 'simulator' || error instanceof InvariantViolation) throw error;
    const broken = error instanceof Error ? error.message : String(error);
    const history = error instanceof RunBroken && !stopped() ? error.history : null;
    return { tally: soFar, failed: null, interrupted: stopped(), broken, history };
  }
};

const saved = ({ history }: Outcome, { seed, out }: CheckRequest): string | null =>
  history === null ? null : writeOutput(out, `history-${seed}.jsonl`, encodeHistory(history));

/** Runs the failing schedule again, makes it smaller, saves it and tells its story. */
const tellFailure = async (
  run: number,
  target: Target,
  options: CampaignOptions,
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  const schedule = scheduleOf(run, target, options);
  const trial = await tryOut(schedule, target);
  if (!isViolation(trial)) {
    const { against } = options;
    const other = against === undefined ? null : await tryOut(schedule, against);
    if (against === undefined || other === null) return { verdict: trial.verdict };
    if (isViolation(other)) return saveViolation(run, other, against, request);
    const found = divergence(trial, other);
    if (found === null) return { verdict: trial.verdict };
    return saveDivergence(run, found, [target, against], request);
  }
  return saveViolation(run, trial, target, request);
};

/** Makes the schedule smaller on which two targets differ, and saves it with what each said. */
const saveDivergence = async (
  run: number,
  found: Divergence,
  [target, against]: readonly [Target, Target],
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  const { seed, progress, stopped, out } = request;
  progress.note(`schedule ${run} tells ${target.name} from ${against.name}; making it smaller`);
  const smallest = await shrinkDivergence(found, target, against, stopped);
  const { schedule, left, right } = smallest.divergence;
  const [ours, theirs] = [`# ${target.name}: ${left}`, `# ${against.name}: ${right}`];
  const text = `${printSchedule(schedule)}${ours}\n${theirs}\n`;
  const path = writeOutput(out, `divergence-${seed}-${run}.leasehold`, text);
  const verdict = {
    kind: 'inconclusive',
    why: `${target.name} and ${against.name} differ`,
  } as const;
  return { verdict, divergence: smallest.divergence, counterexample: path, story: text };
};

const saveViolation = async (
  run: number,
  trial: Trial & { readonly verdict: Violation },
  target: Target,
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict'> & Partial<CheckReport>> => {
  request.progress.note(`schedule ${run} breaks ${trial.verdict.rule}; making it smaller`);
  const { trial: smallest, shrunk } = await shrinkFailure(trial, target, request.stopped);
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
  const path = writeOutput(request.out, name, encodeCounterexample(counterexample));
  return { verdict, counterexample: path, story: storyText(smallest, path) };
};

const isViolation = (trial: Trial): trial is Trial & { verdict: Violation } =>
  trial.verdict.kind === 'violation';

const verdictOf = ({ tally, interrupted, broken }: Outcome): Verdict => {
  if (broken !== null && !interrupted) return { kind: 'inconclusive', why: broken };
  if (interrupted) return { kind: 'inconclusive', why: 'stopped before all schedules had run' };
  const missing = SOMETIMES.filter((what) => tally.coverage.sometimes[what] === 0);
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
