/** Generated schedules, run on simulators, for histories that look like those of a real clock. */
import { DEFAULT_CONFIG, type ServerConfig } from '../../../src/api/config.ts';
import { generate } from '../../../src/harness/generate.ts';
import type { History } from '../../../src/harness/history.ts';
import type { Action, Schedule } from '../../../src/harness/schedule.ts';
import type { Target } from '../../../src/harness/target.ts';
import { tryOut } from '../../../src/harness/trial.ts';
import { milliseconds } from '../../../src/api/units.ts';
import type { Seed } from '../../../src/seed.ts';

export interface Runs {
  readonly clock: 'virtual' | 'real';
  readonly commands: number;
  readonly clients: number;
}

/** The history of a generated schedule without leaps, and without backlogs. */
export async function virtualRun(target: Target, seed: Seed, runs: Runs): Promise<History> {
  const { history } = await tryOut(
    tameSchedule(seed, target.config ?? DEFAULT_CONFIG, runs),
    target,
  );
  return history;
}

/** As `virtualRun` runs it. */
export const tameSchedule = (seed: Seed, config: ServerConfig, runs: Runs): Schedule =>
  tame(generate(seed, { config, ...runs }));

/** What a real clock does not do, and what concerns all who share a server. */
const TOO_MUCH: ReadonlySet<Action['kind']> = new Set(['jump', 'compact', 'alarm']);

const tame = (schedule: Schedule): Schedule => {
  const steps = schedule.steps.filter(
    ({ action }) => !(TOO_MUCH.has(action.kind) || ('count' in action && action.count >= 100)),
  );
  return { ...schedule, steps: [...steps, LAST_TURNS] };
};

/** Whatever is overdue goes, and what it holds is answered. */
const LAST_TURNS: Schedule['steps'][number] = {
  at: { from: 'previous', offset: milliseconds(1000) },
  client: 1,
  action: { kind: 'wait' },
  expect: null,
};
