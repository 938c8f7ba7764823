/**
 * The stories in examples/: every expectation in them holds, and the model has nothing against any.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseSchedule } from '../src/harness/parse-schedule.ts';
import { printSchedule } from '../src/harness/schedule-text.ts';
import { simulatorTarget } from '../src/harness/targets/simulator-target.ts';
import { tryOut } from '../src/harness/trial.ts';
import { unmetExpectations } from '../src/harness/unmet-expectations.ts';

const FOLDER = fileURLToPath(new URL('../examples/', import.meta.url));

const storiesIn = (folder: string): readonly string[] =>
  readdirSync(FOLDER + folder)
    .filter((name) => name.endsWith('.leasehold'))
    .map((name) => folder + name)
    .toSorted();

const ANY_CLOCK = storiesIn('');
const VIRTUAL_CLOCK = storiesIn('virtual-clock/');
/** What no real etcd is made to do. */
const SIMULATOR_ONLY = storiesIn('simulator/');

const read = (story: string) => parseSchedule(readFileSync(FOLDER + story, 'utf8'));

describe.each([...ANY_CLOCK, ...VIRTUAL_CLOCK, ...SIMULATOR_ONLY])('%s', (story) => {
  test('the simulator does what it says', async () => {
    const trial = await tryOut(read(story), simulatorTarget());
    expect(unmetExpectations(trial)).toEqual([]);
    expect(trial.verdict).toEqual({ kind: 'conformant' });
  });

  test('every line with a request says what comes of it', () => {
    const { steps } = read(story);
    const silent = steps.filter(({ expect, action }) => expect === null && action.kind !== 'wait');
    expect(silent).toEqual([]);
  });

  test('it reads the same when it is printed', () => {
    const schedule = read(story);
    expect(parseSchedule(printSchedule(schedule))).toEqual(schedule);
  });
});

test('a story for any clock neither leaps nor looks at turns', () => {
  expect(ANY_CLOCK.length).toBeGreaterThan(4);
  for (const story of ANY_CLOCK) {
    const kinds = read(story).steps.map(({ action }) => action.kind);
    expect(kinds).not.toContain('jump');
    expect(kinds).not.toContain('turn');
  }
});
