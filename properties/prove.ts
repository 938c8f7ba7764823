/**
 * Makes a test of a property: no random schedule on the simulator has anything against it, and its
 * cases occur.
 */
import { type fc, test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import type { History } from '../src/harness/history.ts';
import type { Schedule } from '../src/harness/schedule.ts';
import type { Target } from '../src/harness/target.ts';
import { simulatorTarget } from '../src/harness/targets/simulator-target.ts';
import { tryOut } from '../src/harness/trial.ts';
import { type Chronicle, chronicle } from './chronicle.ts';
import { findAgainst, type Property } from './property.ts';
import { schedules, type SchedulesOptions } from './schedules.ts';
import { Sometimes } from './sometimes.ts';

export interface ProveOptions extends SchedulesOptions {
  /** Default 250. */
  readonly runs?: number;
}

export function prove(property: Property, options: ProveOptions = {}): void {
  const sometimes = new Sometimes(property.sometimes);
  let runs = 0;
  test.prop([schedules(options)], parameters(options.runs))(property.title, async (schedule) => {
    runs += 1;
    const history = await chronicleOf(schedule, SIMULATOR);
    expect(findAgainst(property, history, sometimes.saw)).toBeNull();
  });
  // Nothing to say where the test was filtered out.
  afterAll(() => {
    if (runs > 0) sometimes.expectAll(property.title);
  });
}

/** How many times as many schedules as usual. */
const TIMES = Number(process.env['LEASEHOLD_TIMES'] ?? 1);

/** The same schedules each time, unless the environment says otherwise. */
export const parameters = (numRuns = 250): fc.Parameters<[Schedule]> => ({
  seed: Number(process.env['LEASEHOLD_SEED'] ?? 1),
  numRuns: numRuns * TIMES,
  // A property that fails is shrunk for as long as this and no longer.
  interruptAfterTimeLimit: 60_000 * TIMES,
  markInterruptAsFailure: true,
});

export const SIMULATOR = simulatorTarget();

export const chronicleOf = async (schedule: Schedule, target: Target): Promise<Chronicle> =>
  chronicle(await historyOf(schedule, target));

export const historyOf = async (schedule: Schedule, target: Target): Promise<History> =>
  (await tryOut(schedule, target)).history;
