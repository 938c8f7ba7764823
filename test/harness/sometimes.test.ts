/** Generated schedules reach the cases without which a green run would mean nothing. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { campaign } from '../../src/harness/campaign.ts';
import { Coverage } from '../../src/harness/coverage.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { SOMETIMES, type Sometimes } from '../../src/harness/sometimes.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';

const RUNS = 2_000;

/** Cases that may take longer; within 10,000 runs all occur. */
const RARE: ReadonlySet<Sometimes> = new Set(['time-to-live answered a negative TTL']);

test(`every case that is not rare occurs within ${RUNS} schedules`, async () => {
  const { tally, failure } = await campaign(simulatorTarget(), {
    seed: 1n,
    config: DEFAULT_CONFIG,
    commands: 50,
    clients: 3,
    runs: Array.from({ length: RUNS }, (_, run) => run),
  });
  expect(failure).toBeNull();
  const { sometimes } = tally.coverage;
  expect(SOMETIMES.filter((name) => !RARE.has(name) && sometimes[name] === 0)).toEqual([]);
});

/** The cases that occur when `lines` are told on the simulator. */
const casesOf = async (lines: readonly string[]): Promise<readonly string[]> => {
  const coverage = new Coverage();
  const schedule = parseSchedule(['leasehold schedule 1', 'config etcd=3.6', ...lines].join('\n'));
  const { verdict } = await tryOut(schedule, simulatorTarget(), coverage);
  expect(verdict).toEqual({ kind: 'conformant' });
  return SOMETIMES.filter((name) => coverage.sometimes[name] > 0);
};

const STORIES: readonly { name: string; lines: readonly string[]; cases: readonly Sometimes[] }[] =
  [
    {
      name: 'RESTART-07: what waits for a leader has not been done',
      lines: [
        'at 0 c1 grant A ttl=10',
        'at 0 c1 put k lease=A',
        'at 0 leader lost',
        'at 0 c1 revoke A',
        'at 0 c1 revoke #9',
        'at 0 c1 put k',
        'at 0 c1 put j lease=#9',
        'at 0 c1 keep-alive #9',
        'at 0 c1 txn if lease(k)=A then put k else get k',
        'at 0 c1 compact 2',
        'at 0 c1 leases',
      ],
      cases: [],
    },
    {
      name: 'GRANT-09: what is refused for want of space is not refused for its lease',
      lines: [
        'at 0 c1 grant A ttl=10',
        'at 0 c1 put k lease=A',
        'at 0 c1 alarm raise',
        'at 0 c1 put k',
        'at 0 c1 put j lease=#9',
      ],
      cases: ['a put was refused for want of space'],
    },
    {
      name: 'CONST-06: a turn of one that is slow to apply takes no lease',
      lines: [
        'at 0 c1 grant A*2 ttl=2',
        'at 0 c1 alarm raise',
        'at 0 slow apply',
        'at 1999ms c1 keep-alive A.1',
        'at 2s wait',
      ],
      cases: ['a lease was due while the log waited'],
    },
    {
      name: 'REVOKE-01, KV-05: the same is counted where it is answered at once',
      lines: [
        'at 0 c1 grant A ttl=10',
        'at 0 c1 put k lease=A',
        'at 0 c1 put k',
        'at 0 c1 put j lease=#9',
        'at 0 c1 keep-alive #9',
        'at 0 c1 txn if lease(k)=A then put k else get k',
        'at 0 c1 revoke #9',
        'at 0 c1 revoke A',
      ],
      cases: [
        'a revoke took a lease without keys',
        'a lease was revoked that was not there',
        'a keep-alive on an unknown lease was answered',
        'a put detached a key',
        'a put on an unknown lease was refused',
        'a transaction took its else branch',
        'a transaction compared the lease of a key',
      ],
    },
  ];

test.each(STORIES)('$name', async ({ lines, cases }) => {
  expect(await casesOf(lines)).toEqual(cases);
});
