/** Not some schedules but all of them, in a scope small enough: what breaks, breaks small. */
import { expect, test } from 'vitest';
import { check } from '../src/harness/check.ts';
import { Coverage } from '../src/harness/coverage.ts';
import type { Sometimes as Observed } from '../src/harness/sometimes.ts';
import { everySchedule } from './every-schedule.ts';
import { SIMULATOR } from './prove.ts';

/** Up to so many commands: so many schedules. */
const SCOPES = [
  [1, 27],
  [2, 681],
  [3, 23_151],
  [4, 841_810],
] as const;

test.each(SCOPES)(
  'all schedules of up to %i commands over two leases and two keys (%i): they agree',
  (commands, expected) => {
    const coverage = new Coverage();
    let count = 0;
    for (const history of everySchedule(SIMULATOR, commands)) {
      count += 1;
      const verdict = check(history, coverage);
      // `expect` for each of them would take longer than all the rest.
      if (verdict.kind !== 'conformant') expect({ verdict, history }).toBeUndefined();
    }
    expect(count).toBe(expected);
    const never = CASES.filter((name) => coverage.sometimes[name] === 0);
    if (commands === 4) expect(never).toEqual([]);
  },
  600_000,
);

/** What four commands are enough for. */
const CASES: readonly Observed[] = [
  'the id of a live lease was asked for',
  'the id of an overdue lease was asked for',
  'a revoke took several keys',
  'an overdue lease was revoked',
  'a keep-alive came in the last millisecond',
  'a keep-alive came at the deadline',
  'a waiting keep-alive was freed',
  'a keep-alive waited behind another on its stream',
  'time-to-live listed several keys',
  'a list held leases that expire together',
  'a deadline fell on a turn',
  'several leases went in one turn',
  'a put attached a key to an overdue lease',
  'a put saved a key of an overdue lease',
  'a put moved a key to another lease',
];
