/**
 * The model and the simulator were written apart from each other, from the same rules: they agree
 * on everything.
 */
import { test } from '@fast-check/vitest';
import { afterAll, expect } from 'vitest';
import { Coverage } from '../src/harness/coverage.ts';
import { SOMETIMES } from '../src/harness/sometimes.ts';
import { canShow } from '../src/harness/sometimes-life.ts';
import { trace } from '../src/harness/trace.ts';
import { tryOut } from '../src/harness/trial.ts';
import { MINIMUM_TTLS } from './predicates/constants-and-grant.ts';
import { FLAGS } from './flags.ts';
import { parameters, SIMULATOR } from './prove.ts';
import { schedules } from './schedules.ts';
import { Sometimes } from './sometimes.ts';

/** The schedules of properties neither restart a server nor take its leader from it. */
const SHOWN = { abilities: ['apply'] } as const;

const coverage = new Coverage();

test.prop([schedules()], parameters(1500))(
  'every schedule: the simulator does what the model predicts',
  async (schedule) => {
    const { verdict } = await tryOut(schedule, SIMULATOR, coverage);
    expect(verdict).toEqual({ kind: 'conformant' });
  },
);

test.prop([schedules({ backlog: [490, 1600], commands: 20 })], parameters(30))(
  'every schedule with a backlog: the simulator does what the model predicts',
  async (schedule) => {
    const { verdict } = await tryOut(schedule, SIMULATOR, coverage);
    expect(verdict).toEqual({ kind: 'conformant' });
  },
);

test.prop([schedules({ configs: FLAGS })], parameters(260))(
  `every schedule under ${Object.keys(MINIMUM_TTLS).length} pairs of flags: they agree as well`,
  async (schedule) => {
    const { verdict } = await tryOut(schedule, SIMULATOR, coverage);
    expect(verdict).toEqual({ kind: 'conformant' });
  },
);

test.prop([schedules(SHOWN)], parameters(300))(
  'every schedule of a server that may be slow to apply: they agree as well',
  async (schedule) => {
    const { verdict } = await tryOut(schedule, SIMULATOR, coverage);
    expect(verdict).toEqual({ kind: 'conformant' });
  },
);

test.prop([schedules()], parameters(100))(
  'every schedule: a second run of it is the same',
  async (schedule) => {
    const [first, second] = [await tryOut(schedule, SIMULATOR), await tryOut(schedule, SIMULATOR)];
    expect(trace(second.history.entries)).toBe(trace(first.history.entries));
    expect(second.history.entries).toEqual(first.history.entries);
  },
);

afterAll(() => {
  const sometimes = new Sometimes(SOMETIMES.filter((name) => canShow(SHOWN, name)));
  for (const [name, count] of Object.entries(coverage.sometimes)) {
    if (count > 0) sometimes.saw(name);
  }
  if (coverage.rules['GRANT-02'] > 0) sometimes.expectAll('model and simulator');
});
