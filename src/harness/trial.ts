/** One schedule on one target, run and judged. */
import type { Token } from '../api/command.ts';
import { check } from './check.ts';
import type { Coverage } from './coverage.ts';
import type { Entry, History } from './history.ts';
import { historyHeader } from './history.ts';
import { type RunResult, run } from './run.ts';
import type { Schedule } from './schedule.ts';
import type { Target } from './target.ts';
import type { Verdict } from './verdict.ts';

export interface Trial {
  readonly schedule: Schedule;
  readonly history: History;
  readonly result: RunResult;
  readonly verdict: Verdict;
}

/** Runs `schedule` by itself on `target` and judges the history. */
export async function tryOut(
  schedule: Schedule,
  target: Target,
  coverage?: Coverage,
  index = 0,
): Promise<Trial> {
  const entries: Entry[] = [];
  let token: Token = 0;
  const nextToken = (): Token => {
    token += 1;
    return token;
  };
  const record = (entry: Entry): void => void entries.push(entry);
  const result = await run(schedule, target, { index, record, nextToken });
  const history: History = { header: historyHeader(target, schedule.config), entries };
  return { schedule, history, result, verdict: check(history, coverage) };
}
