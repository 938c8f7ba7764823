/** `check` on a virtual clock: one schedule after the other, the first failure shrunk and saved. */
import { DEFAULT_CONFIG, type ServerConfig } from '../api/config.ts';
import { type CampaignOptions, scheduleOf, shrinkFailure, Tally } from '../harness/campaign.ts';
import { COUNTEREXAMPLE_SCHEMA, encodeCounterexample } from '../harness/counterexample.ts';
import type { Target } from '../harness/target.ts';
import { type Trial, tryOut } from '../harness/trial.ts';
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

export async function checkVirtual(request: CheckRequest, plan: TargetPlan): Promise<CheckReport> {
  const target = await plan.start();
  request.onStop(() => void (target.name === 'simulator' || target.close()));
  const { seed, runs, commands, clients } = request;
  const config = target.config ?? DEFAULT_CONFIG;
  if (request.saysSeed) request.progress.note(`seed ${seed}`);
  try {
    const start = performance.now();
    const campaign = await runCampaign(request, target, config, start);
    const { tally, failed } = campaign;
    const base = {
      request,
      target: { name: target.name, version: target.version },
      tally,
      wallMilliseconds: performance.now() - start,
      virtual: true,
    };
    if (failed !== null) {
      const options = { seed, config, commands, clients, runs };
      return { ...base, ...(await tellFailure(failed, target, options, request)) };
    }
    return { ...base, verdict: verdictOf(campaign), counterexample: null, story: null };
  } finally {
    await target.close();
  }
}

interface Outcome extends VirtualCampaign {
  /** Why it could not go on; null when it could. */
  readonly broken: string | null;
}

/** A server that goes away, or does not come to rest, ends the campaign without a verdict. */
const runCampaign = async (
  request: CheckRequest,
  target: Target,
  config: ServerConfig,
  start: number,
): Promise<Outcome> => {
  const { seed, runs, commands, clients, jobs, stopped } = request;
  let done = new Tally();
  const progress = (tally: Tally): void => {
    done = tally;
    request.progress.show(performance.now(), () => progressLine(tally, runs, start));
  };
  const sizes = { commands, clients, runs, jobs };
  try {
    const options = { seed, config, target, ...sizes, stopped, progress };
    return { ...(await virtualCampaign(options)), broken: null };
  } catch (error) {
    if (target.name === 'simulator' || error instanceof InvariantViolation) throw error;
    const broken = error instanceof Error ? error.message : String(error);
    return { tally: done, failed: null, interrupted: stopped(), broken };
  }
};

/** Runs the failing schedule again, makes it smaller, saves it and tells its story. */
const tellFailure = async (
  run: number,
  target: Target,
  options: CampaignOptions,
  request: CheckRequest,
): Promise<Pick<CheckReport, 'verdict' | 'counterexample' | 'story'>> => {
  const schedule = scheduleOf(run, target, options);
  const trial = await tryOut(schedule, target);
  if (!isViolation(trial)) return { verdict: trial.verdict, counterexample: null, story: null };
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
    originalSteps: schedule.steps.length,
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
