/** Planted bugs measure the harness: each is convicted by a right rule, in a few lines. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { readText, sourceFiles } from '../structure/source-files.ts';
import { type Conviction, convict, provoke, targetWith } from './conviction.ts';
import { lines, mutantsTable } from './mutants-table.ts';
import { CAUGHT_MUTANTS, editsOf, MUTANTS } from './planted.ts';
import { plant } from './plugin.ts';

const LINES = 8;
const TABLE = 'docs/MUTANTS.md';

const convictions = new Map<string, Conviction>();
const provoked = new Map<string, number>();

describe('every planted bug is convicted', () => {
  test.each(MUTANTS)('$id: $note', async (mutant) => {
    const conviction = await convict(mutant);
    if (conviction === null) throw new Error('it survives');
    convictions.set(mutant.id, conviction);
    const { found, shrunk } = conviction;
    expect(mutant.rules).toContain(found.verdict.rule);
    expect(shrunk.verdict.rule).toBe(found.verdict.rule);
    expect(lines(conviction)).toBeLessThanOrEqual(LINES);
    const again = parseSchedule(printSchedule(shrunk.schedule));
    const { verdict } = await tryOut(again, await targetWith(mutant.id));
    expect(verdict).toMatchObject({ kind: 'violation', rule: found.verdict.rule });
    // Without the bug there is nothing to convict.
    const innocent = await tryOut(again, simulatorTarget());
    expect(innocent.verdict).toEqual({ kind: 'conformant' });
  });
});

describe("the simulator's own invariants catch a bug", () => {
  test.each(CAUGHT_MUTANTS)('$id: $note', async ({ id, invariant }) => {
    const caught = await provoke(id);
    expect(caught?.message ?? 'it survives').toContain(invariant);
    provoked.set(id, caught?.schedules ?? 0);
  });
});

test(`${TABLE} is current`, () => {
  const table = mutantsTable(convictions, provoked);
  if (process.env['UPDATE'] === '1') writeFileSync(pathOf(TABLE), table);
  expect(readText(TABLE), 'UPDATE=1 npx vitest run test/mutants writes it').toBe(table);
});

describe('planting', () => {
  const simulator = sourceFiles('src/simulator');

  test('each bug has a name of its own', () => {
    const ids = [...MUTANTS, ...CAUGHT_MUTANTS].map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each([...MUTANTS, ...CAUGHT_MUTANTS])('$id changes the source', ({ id }) => {
    for (const { file } of editsOf(id) ?? []) {
      const code = simulator.get(`src/simulator/${file}`) ?? '';
      expect(plant(code, file, id)).not.toBe(code);
    }
  });

  test('text that is not there once is an error', () => {
    expect(() => plant('', 'lessor.ts', 'expiry-exclusive')).toThrow(/has 0 times, not once/);
    const line = 'return now >= this.#queue.deadlineOf(slot);';
    expect(() => plant(line + line, 'lessor.ts', 'expiry-exclusive')).toThrow(/has 2 times/);
  });

  test('a bug that nobody planted is an error', () => {
    expect(() => plant('', 'lessor.ts', 'no-such-bug')).toThrow(/no planted bug is called/);
  });
});

const pathOf = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
