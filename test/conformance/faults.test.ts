/** The suite on trial: planted server faults, each flagged by a right rule. */
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import { targetWith } from '../mutants/conviction.ts';
import { MUTANTS } from '../mutants/planted.ts';

/** Faults that take more than a story to show: random schedules find them. */
const BEYOND_STORIES: ReadonlySet<string> = new Set(['keep-alive-stale-header']);

/** Cases run under default flags. */
const FAULTS = MUTANTS.filter(
  ({ id, config }) =>
    !BEYOND_STORIES.has(id) && Object.keys(config ?? {}).every((name) => name === 'etcd'),
);

test('there are enough of them', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(50);
});

test.each(FAULTS)('$id: $note', async ({ id, rules, config }) => {
  const target = await targetWith(id);
  const isRight = (rule: string): boolean => (rules as readonly string[]).includes(rule);
  const semantics = config?.etcd ?? '3.5';
  const card = await conform(target, { semantics, wanted: (of) => of.rules.some(isRight) });
  const differing = card.rules
    .filter(({ verdict }) => verdict === 'differs')
    .map((rule) => rule.id);
  expect(differing.filter(isRight)).not.toEqual([]);
});
