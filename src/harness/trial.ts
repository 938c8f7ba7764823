/** One schedule on one target, run and judged. */
import type { Token } from '../api/command.ts';
import { instant } from '../api/units.ts';
import { check } from './check.ts';
import type { Coverage } from './coverage.ts';
import type { Entry, History } from './history.ts';
import { historyHeader } from './history.ts';
import { type RunResult, run } from './run.ts';
import type { Schedule } from './schedule.ts';
import { type Target, TargetError, TargetLost } from './target.ts';
import type { Verdict } from './verdict.ts';

export interface Trial {
  readonly schedule: Schedule;
  readonly history: History;
  readonly result: RunResult;
  readonly verdict: Verdict;
}

/** A run that could not go on, and what there is of its history. */
export class RunBroken extends TargetError {
  readonly history: History;

  constructor({ message }: TargetLost, header: History['header'], entries: readonly Entry[]) {
    super(message);
    const at = entries.at(-1)?.at ?? instant(0);
    const ending = [{ kind: 'lost', at, why: message } as const, { kind: 'end', at } as const];
    this.history = { header, entries: [...entries, ...ending] };
  }
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
  const header = historyHeader(target, schedule.config);
  const result = await run(schedule, target, { index, record, nextToken }).catch(
    (error: unknown) => {
      throw error instanceof TargetLost ? new RunBroken(error, header, entries) : error;
    },
  );
  const history: History = { header, entries };
  return { schedule, history, result, verdict: check(history, coverage) };
}
