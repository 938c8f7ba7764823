/** The suite on trial: planted server faults, each flagged by a right rule. */
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import type { Case } from '../../src/conformance/case.ts';
import { targetWith } from '../mutants/conviction.ts';
import { MUTANTS } from '../mutants/planted.ts';

/** Faults that take more than the stories there are to show: random schedules find them. */
const BEYOND_STORIES: ReadonlySet<string> = new Set([
  'keep-alive-stale-header',
  'ids-begin-anew',
  // Of transactions the stories tell the checks, and of each kind of comparison one.
  'txn-key-twice-in-else',
  'txn-events-by-key',
  'txn-keeps-lease',
  'txn-key-before-lease',
  'txn-puts-checked-first',
  'txn-space-of-then',
  'compare-any-of-range',
  'compare-create-for-mod',
  // Of views they tell limits and counts, not every order and bound.
  'range-target-without-order',
  'range-ties-backwards',
  'range-minimum-excluded',
  'keys-only-keep-lease',
  'keys-only-lose-lease',
  // Of watches they tell what is delivered, not how watches share a stream.
  'watch-start-at-compacted',
  'watch-id-again',
  'watch-id-in-use-accepted',
  'watch-cancel-unknown',
  'progress-before-start',
  'progress-without-watch',
  'watch-future-early',
]);

/** Cases run under default flags, and none of them loses its leader. */
const FAULTS = MUTANTS.filter(
  ({ id, config, abilities = [] }) =>
    !BEYOND_STORIES.has(id) &&
    !(abilities as readonly string[]).includes('leader') &&
    Object.keys(config ?? {}).every((name) => name === 'etcd'),
);

test('there are enough of them', () => {
  expect(FAULTS.length).toBeGreaterThanOrEqual(50);
});

test.each(FAULTS)('$id: $note', async ({ id, rules, config }) => {
  const target = await targetWith(id);
  const isRight = (rule: string): boolean => (rules as readonly string[]).includes(rule);
  const found = async (wanted?: (of: Case) => boolean): Promise<string[]> => {
    const semantics = config?.etcd ?? '3.5';
    const card = await conform(target, { semantics, ...(wanted && { wanted }) });
    const differing = card.rules.filter(({ verdict }) => verdict === 'differs');
    return differing.map((rule) => rule.id).filter(isRight);
  };
  // Most faults show in a case that is about their rule; some in one about something else.
  const own = await found((of) => of.rules.some(isRight));
  expect(own.length > 0 ? own : await found()).not.toEqual([]);
});
