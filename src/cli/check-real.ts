/**
 * `check` on a real clock: schedules side by side on one server, in batches, judged with closed
 * windows.
 */
import { DEFAULT_CONFIG } from '../api/config.ts';
import { Tally } from '../harness/campaign.ts';
import { campaignTogether, type SharedCampaign, sessionHistory } from '../harness/campaign-real.ts';
import { verdictOn } from '../harness/check.ts';
import { COUNTEREXAMPLE_SCHEMA, encodeCounterexample } from '../harness/counterexample.ts';
import type { History } from '../harness/history.ts';
import { encodeHistory } from '../harness/history-json.ts';
import { type Target, TargetError } from '../harness/target.ts';
import { STOPPED } from '../harness/trial.ts';
import type { Verdict, Violation } from '../harness/verdict.ts';
import { LIMITS } from '../limits.ts';
import { type CheckReport, UNKNOWN } from './check-report.ts';
import type { CheckRequest } from './check-request.ts';
import { foundStory, saveFound } from './check-save.ts';
import { Interrupted } from './stopper.ts';
import type { TargetPlan } from './targets.ts';

export async function checkReal(request: CheckRequest, plan: TargetPlan): Promise<CheckReport> {
  const { stop } = request;
  const tally = new Tally();
  let target: Target | undefined;
  stop.onStop(() => void target?.close());
  let wallMilliseconds = 0;
  let found: Found = { verdict: { kind: 'conformant' }, counterexample: null, story: null };
  let version: string = UNKNOWN;
  for (let start = 0; start < request.runs.length; start += LIMITS.sessions) {
    let began = performance.now();
    try {
      // A server of its own for each batch: what the last one left behind would take revisions in
      // this one.
      target = await stop.unlessStopped(plan.start());
      if (start === 0) request.progress.note(`seed ${request.seed}`);
      ({ version } = target);
      began = performance.now();
      const runs = request.runs.slice(start, start + LIMITS.sessions);
      const campaign = await batch(request, target, runs, tally.runs, began);
      tally.add(campaign.tally.data);
      found = judged(campaign, request, target);
    } catch (error) {
      // A server that is ended before its first answers; what the batches before have found stays.
      const isCut = error instanceof Interrupted || error instanceof TargetError;
      if (!(isCut && stop.stopped())) throw error;
    } finally {
      await target?.close();
    }
    wallMilliseconds += performance.now() - began;
    if (found.verdict.kind === 'violation') break;
    if (stop.stopped() || stop.spent()) {
      const done = tally.runs === request.allRuns && found.verdict.kind === 'conformant';
      if (!done) found = { ...found, verdict: { kind: 'inconclusive', why: STOPPED } };
      break;
    }
    if (found.verdict.kind !== 'conformant') break;
  }
  const { name } = plan;
  const base = { request, target: { name, version }, tally, wallMilliseconds };
  return { ...base, virtual: false, divergence: null, ...found };
}

type Found = Pick<CheckReport, 'verdict' | 'counterexample' | 'story'>;

const batch = async (
  request: CheckRequest,
  target: Target,
  runs: readonly number[],
  before: number,
  began: number,
): Promise<SharedCampaign> => {
  const { seed, commands, clients, progress } = request;
  const { breathe, stopped } = request.stop;
  const config = target.config ?? DEFAULT_CONFIG;
  const said = (tally: Tally): undefined => {
    progress.show(performance.now(), () => {
      const seconds = Math.round((performance.now() - began) / 1000);
      return `${before + tally.runs} of ${request.runs.length} schedules ended, ${seconds} s`;
    });
  };
  progress.note(`${runs.length} schedules side by side on ${target.name} ${target.version}`);
  return campaignTogether(target, {
    seed,
    config,
    commands,
    clients,
    runs,
    stopped,
    breathe,
    progress: said,
  });
};

/** Saves what shows a violation, or what there is when the server went away. */
const judged = (campaign: SharedCampaign, request: CheckRequest, target: Target): Found => {
  const { verdict, history } = campaign;
  const isOfUse = verdict.kind !== 'conformant' && history.entries.length > 0;
  if (!isOfUse) return { verdict, counterexample: null, story: null };
  if (verdict.kind === 'inconclusive') {
    const path = saveFound(request, `history-${request.seed}.jsonl`, encodeHistory(history));
    return { verdict, counterexample: path, story: null };
  }
  const { session, own, ownVerdict } = narrowed(verdict, history);
  const shared = campaign.runs[session];
  if (shared === undefined) return { verdict, counterexample: null, story: null };
  const counterexample = {
    schema: COUNTEREXAMPLE_SCHEMA,
    versions: history.header.versions,
    seed: request.seed,
    run: shared.run,
    target: { name: target.name, version: target.version },
    config: history.header.config,
    schedule: shared.schedule,
    originalSteps: shared.schedule.steps.length,
    shrink: null,
    verdict: ownVerdict,
    history: own,
  } as const;
  const name = `counterexample-${request.seed}-${shared.run}.json`;
  const path = saveFound(request, name, encodeCounterexample(counterexample));
  const trial = { schedule: shared.schedule, history: own, verdict: ownVerdict, session };
  return { verdict: ownVerdict, counterexample: path, story: foundStory(trial, path, request) };
};

/**
 * The session that shows the violation by itself; else the one of the entry, with the whole
 * history.
 */
const narrowed = (
  verdict: Violation,
  history: History,
): { session: number; own: History; ownVerdict: Verdict } => {
  const entry = history.entries[verdict.entry];
  const token = entry?.kind === 'return' ? entry.token : null;
  const call = history.entries.find(
    (other) => other.kind === 'call' && other.command.token === token,
  );
  const shown = entry !== undefined && 'session' in entry ? entry : call;
  const session = shown !== undefined && 'session' in shown ? shown.session : 0;
  const own = sessionHistory(history, session);
  const ownVerdict = verdictOn(own);
  if (ownVerdict.kind === 'violation') return { session, own, ownVerdict };
  return { session, own: history, ownVerdict: verdict };
};
