/** One schedule on one target, run and judged. */
import type { Token } from '../api/command.ts';
import { verdictOn } from './check.ts';
import type { Coverage } from './coverage.ts';
import type { Entry, History } from './history.ts';
import { historyHeader } from './history.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import type { Schedule } from './schedule.ts';
import type { Target } from './target.ts';
import type { Verdict, Violation } from './verdict.ts';

export interface Trial {
  readonly schedule: Schedule;
  readonly history: History;
  readonly result: RunResult;
  readonly verdict: Verdict;
}

/** A trial in which a rule was broken. */
export type FailedTrial = Trial & { readonly verdict: Violation };

export const isViolation = (trial: Trial): trial is FailedTrial =>
  trial.verdict.kind === 'violation';

/** How long work is ended early, and lets others have their turn on the way. */
export type Pauses = Pick<RunOptions, 'stopped' | 'breathe'>;

/** Why a run that was stopped half-way has no verdict. */
export const STOPPED = 'stopped before all schedules had run';

/**
 * Runs `schedule` by itself on `target` and judges the history, unless `stopped` ended it half-way.
 */
export async function tryOut(
  schedule: Schedule,
  target: Target,
  coverage?: Coverage,
  options: Pauses & Pick<RunOptions, 'index'> = {},
): Promise<Trial> {
  const entries: Entry[] = [];
  let token: Token = 0;
  const nextToken = (): Token => {
    token += 1;
    return token;
  };
  const record = (entry: Entry): void => void entries.push(entry);
  const result = await run(schedule, target, { ...options, record, nextToken });
  const history: History = { header: historyHeader(target, schedule.config), entries };
  const wasCut = !result.complete && options.stopped?.() === true;
  const verdict: Verdict = wasCut
    ? { kind: 'inconclusive', why: STOPPED }
    : verdictOn(history, coverage);
  return { schedule, history, result, verdict };
}
