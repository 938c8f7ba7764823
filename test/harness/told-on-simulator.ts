/** Stories of one rule or two, told on the simulator, judged by the model, and recorded. */
import { expect, test } from 'vitest';
import { decodeHistory, encodeHistory } from '../../src/harness/history-json.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { scheduleOfHistory } from '../../src/harness/recorded.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { type Trial, tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';

export interface Told {
  /** The rules that it shows, and what of them. */
  readonly name: string;
  readonly config: string;
  /** Steps, with what each expects. */
  readonly lines: readonly string[];
  /** Too long to be recorded and replayed as well. */
  readonly isLong?: boolean;
}

/** Each holds as it is told, and what is recorded of it tells the same again. */
export const toldOnSimulator = (stories: readonly Told[]): void => {
  test.each(stories)('$name', async (story) => {
    const trial = await tried(story);
    expect(unmetExpectations(trial)).toEqual([]);
    expect(trial.verdict).toEqual({ kind: 'conformant' });
    expect(decodeHistory(encodeHistory(trial.history))).toEqual(trial.history);
  });

  const brief = stories.filter(({ isLong }) => isLong !== true);
  test.each(brief)('recorded and replayed: $name', async (story) => {
    const { history } = await tried(story);
    const trial = await tryOut(scheduleOfHistory(history), simulatorTarget());
    expect(unmetExpectations(trial)).toEqual([]);
    expect(trial.history.entries).toEqual(history.entries);
  });
};

const tried = async ({ config, lines }: Told): Promise<Trial> => {
  const schedule = parseSchedule(['leasehold schedule 1', `config ${config}`, ...lines].join('\n'));
  expect(parseSchedule(printSchedule(schedule))).toEqual(schedule);
  return tryOut(schedule, simulatorTarget());
};
