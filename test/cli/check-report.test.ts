import { expect, test } from 'vitest';
import { type CheckReport, printReport } from '../../src/cli/check-report.ts';
import { Tally } from '../../src/harness/campaign.ts';
import { CHECKABLE_RULES } from '../../src/model/index.ts';

/** The line on rules, of a check that exercised all but so many of them. */
const rulesBut = (missing: number): string => {
  const tally = new Tally();
  tally.commands = 1;
  tally.coverage.entered(CHECKABLE_RULES.slice(missing));
  const report = {
    request: { seed: 1n, runs: [0], repeat: 'npx leasehold check' },
    target: { name: 'simulator', version: 'in process' },
    tally,
    wallMilliseconds: 1,
    virtual: true,
    verdict: { kind: 'conformant' },
    divergence: null,
    counterexample: null,
    story: null,
  } as unknown as CheckReport;
  return /^rules +(.*)$/m.exec(printReport(report))?.[1] ?? '';
};

test('rules that were never exercised are all named while they are few', () => {
  const all = CHECKABLE_RULES.length;
  const [first = ''] = CHECKABLE_RULES;
  const five = CHECKABLE_RULES.slice(0, 5).join('; ');
  expect(rulesBut(0)).toBe(`${all} of ${all} exercised`);
  expect(rulesBut(1)).toBe(`${all - 1} of ${all} exercised; never: ${first}`);
  expect(rulesBut(5)).toBe(`${all - 5} of ${all} exercised; never: ${five}`);
  expect(rulesBut(6)).toBe(`${all - 6} of ${all} exercised; never: ${first}, and 5 more`);
});
