import { expect, test } from 'vitest';
import { Coverage } from '../../src/harness/coverage.ts';
import { CHECKABLE_RULES, type RuleId } from '../../src/model/index.ts';

test('each rule is counted as often as it was entered, in however many lists', () => {
  const coverage = new Coverage();
  const same: readonly RuleId[] = ['KV-01', 'KV-02'];
  for (let count = 0; count < 1300; count += 1) {
    coverage.entered(same);
    // Another list each time, of which not all are remembered.
    coverage.entered(['KV-02', 'TTL-01']);
    if (count === 700) expect(coverage.rules['KV-02']).toBe(1402);
  }
  const counts = new Map(Object.entries(coverage.rules).filter(([, count]) => count > 0));
  expect(Object.fromEntries(counts)).toEqual({ 'KV-01': 1300, 'KV-02': 2600, 'TTL-01': 1300 });
  expect(Object.keys(coverage.rules)).toHaveLength(CHECKABLE_RULES.length);
});
