/** `check` on a virtual clock: one schedule after the other, the first failure shrunk and saved. */
import { DEFAULT_CONFIG } from '../api/config.ts';
import {
  type CampaignOptions,
  scheduleOf,
  shrinkFailure,
  type Tally,
} from '../harness/campaign.ts';
import { COUNTEREXAMPLE_SCHEMA, encodeCounterexample } from '../harness/counterexample.ts';
import { simulatorTarget } from '../harness/targets/simulator-target.ts';
import type { Target } from '../harness/target.ts';
import { type Trial, tryOut } from '../harness/trial.ts';
import type { Verdict, Violation } from '../harness/verdict.ts';
import { SOMETIMES } from '../harness/sometimes.ts';
import { storyText } from './story.ts';
import type { CheckReport } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { writeOutput } from './files.ts';
import { virtualCampaign } from './virtual-campaign.ts';

/** From so many runs on, a case that must occur now and then and never did is no pass. */
const RUNS_FOR_ALL_CASES = 10_000;

export async function checkVirtual(request: CheckRequest): Promise<CheckReport> {
  const { seed, runs, commands, clients, jobs, stopped, progress } = request;
  if (request.saysSeed) progress.note(`seed ${seed}`);
  const start = performance.now();
  const campaign = await virtualCampaign({
    seed,
    config: DEFAULT_CONFIG,
    commands,
    clients,
    runs,
    jobs,
    stopped,
    progress: (tally) => progress.show(performance.now(), () => progressLine(tally, runs, start)),
  });
  const { tally, failed, interrupted } = campaign;
  const wallMilliseconds = performance.now() - start;
  const target = simulatorTarget();
  const base = {
    request,
    target: { name: target.name, version: target.version },
    tally,
    wallMilliseconds,
    virtual: true,
  };
  if (failed === null) {
    return { ...base, verdict: verdictOf(tally, interrupted), counterexample: null, story: null };
  }
  const options = { seed, config: DEFAULT_CONFIG, commands, clients, runs };
  return { ...base, ...(await tellFailure(failed, target, options, request)) };
}

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

const verdictOf = (tally: Tally, interrupted: boolean): Verdict => {
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
