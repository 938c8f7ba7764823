/** What a run on a real clock is not to wait for. */
import { expect, test } from 'vitest';
import { Coverage } from '../../src/harness/coverage.ts';
import { ONLY_VIRTUAL, RULES_ONLY_VIRTUAL } from '../../src/harness/only-virtual.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { SOMETIMES } from '../../src/harness/sometimes.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { CHECKABLE_RULES } from '../../src/model/index.ts';

const told = async (lines: readonly string[]): Promise<ReadonlySet<string>> => {
  const coverage = new Coverage();
  const schedule = parseSchedule(['leasehold schedule 1', 'config etcd=3.6', ...lines].join('\n'));
  const { verdict } = await tryOut(schedule, simulatorTarget(), coverage);
  expect(verdict).toEqual({ kind: 'conformant' });
  return new Set([
    ...CHECKABLE_RULES.filter((rule) => coverage.rules[rule] > 0),
    ...SOMETIMES.filter((name) => coverage.sometimes[name] > 0),
  ]);
};

const QUICK = [
  'at 0 c1 grant A*20 ttl=2',
  'at 0 c1 grant B ttl=60',
  'at 1s c1 put k',
  'at 1s c1 get k',
  'at 1s c2 keep-alive B',
  'at 1s c1 ttl B',
  'at 9500ms c1 leases',
];

const slowly = (line: string): readonly string[] =>
  line.startsWith('at 1s c1 put')
    ? ['at 1s slow apply', line]
    : line.startsWith('at 9500ms')
      ? ['at 9500ms apply catches up', line]
      : [line];

test('CONST-06, CONST-08, CONST-10, KA-15: no real clock shows a slow log', async () => {
  const quick = await told(QUICK);
  const slow = await told(QUICK.flatMap(slowly));
  const added = [...slow].filter((name) => !quick.has(name));
  expect(added).toEqual(
    expect.arrayContaining([
      'CONST-06',
      'CONST-08',
      'CONST-10',
      'KA-15',
      'a read waited for the log',
    ]),
  );
  const onlyVirtual: ReadonlySet<string> = new Set([...RULES_ONLY_VIRTUAL, ...ONLY_VIRTUAL]);
  expect(added.filter((name) => !onlyVirtual.has(name))).toEqual([]);
});
