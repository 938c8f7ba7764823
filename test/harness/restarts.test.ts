/** Restarts and checkpoints at their boundaries: on the simulator, judged by the model. */
import { expect, test } from 'vitest';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../../src/harness/parse-words.ts';
import { printSchedule } from '../../src/harness/schedule-text.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { tryOut } from '../../src/harness/trial.ts';
import { unmetExpectations } from '../../src/harness/unmet-expectations.ts';

const CASES: readonly (readonly [rule: string, config: string, lines: readonly string[]])[] = [
  [
    'RESTART-01: leases, keys and the revision outlive a restart',
    'etcd=3.5',
    [
      'at 0 c1 grant A ttl=10 id=-1 → A ttl=10',
      'at 0 c1 put k value=v lease=A → ok',
      'at 0 restart kill',
      'at +0 c1 ttl A keys → 11 of 10 keys=k',
      'at +0 c1 leases → A',
      'at +0 c1 put k prev-kv → ok prev k=v lease=A',
    ],
  ],
  [
    'RESTART-02: a promotion gives every lease its TTL again, overdue ones too',
    'etcd=3.6',
    [
      'at 1ms c1 grant A ttl=2 → A ttl=2',
      'at A.deadline c1 keep-alive A → waits',
      'at +0 restart down=5s',
      'at +0 c1 ttl A → 3 of 2',
      'at A.deadline-1ms c1 ttl A → 0 of 2',
      'at A.turn c1 ttl A → -1 of 0',
    ],
  ],
  [
    'CONST-11, TTL-05: on top comes the election timeout in whole heartbeats, 1,665 ms of 1,700',
    'etcd=3.5 heartbeat=333ms election=1700ms',
    [
      'at 0 c1 grant A ttl=3 → A ttl=3',
      'at 0 restart',
      'at +665ms c1 ttl A → 4 of 3',
      'at +1ms c1 ttl A → 3 of 3',
    ],
  ],
  [
    'RESTART-03: the minimum TTL is applied when leases are loaded, in memory alone',
    'etcd=3.5 heartbeat=10ms election=100ms',
    [
      'at 0 c1 grant A ttl=3 → A ttl=3',
      'at 0 restart heartbeat=500ms election=5s',
      'at +0 c1 ttl A → 13 of 8',
      'at +0 restart heartbeat=10ms election=100ms',
      'at +0 c1 ttl A → 3 of 3',
    ],
  ],
  [
    'RESTART-04: the 751st of 1,000 leases has a second more, the 750th has not',
    'etcd=3.5',
    [
      'at 0 c1 grant Z*1000 ttl=10 → Z ttl=10',
      'at 0 restart',
      'at +11s turn → revoked 500 leases',
      'at +500ms turn → revoked 250 leases',
      'at +500ms turn → nothing',
      'at +500ms turn → revoked 250 leases',
    ],
  ],
  [
    'RESTART-04: one that waits ends its window, and those behind it do not wait',
    'etcd=3.5',
    [
      'at 0 c1 grant A ttl=2 → A ttl=2',
      'at 0 c1 grant Z*1001 ttl=3 → Z ttl=3',
      'at 0 restart',
      'at +3s turn A → revoked A',
      'at +1s turn → revoked 500 leases',
      'at +500ms turn → revoked 500 leases',
      'at +500ms turn → revoked Z.750',
    ],
  ],
  [
    'RESTART-04: 999 leases are not spread',
    'etcd=3.5',
    [
      'at 0 c1 grant Z*999 ttl=10 → Z ttl=10',
      'at 0 restart',
      'at +11s turn → revoked 500 leases',
      'at +500ms turn → revoked 499 leases',
    ],
  ],
  [
    'CKPT-01, CONST-13: checkpoints are off by default',
    'etcd=3.5',
    ['at 0 c1 grant A ttl=900 → A ttl=900', 'at 400s restart', 'at +0 c1 ttl A → 901 of 900'],
  ],
  [
    'CKPT-02, CONST-12: after 300 s what remains is rounded up, of a lease of 301 s',
    'etcd=3.5 checkpoint=on persist=on',
    [
      'at 1ms c1 grant A ttl=301 → A ttl=301',
      'at 1ms c1 grant B ttl=900 → B ttl=900',
      'at 300500ms restart',
      'at +0 c1 ttl A → 2 of 301',
      'at +0 c1 ttl B → 601 of 900',
    ],
  ],
  [
    'CKPT-02: not of a lease of 300 s, and not before the turn',
    'etcd=3.5 checkpoint=on persist=on',
    [
      'at 1ms c1 grant A ttl=300 → A ttl=300',
      'at 1ms c1 grant B ttl=900 → B ttl=900',
      'at 100s c1 keep-alive A → ttl=300',
      'at 300499ms restart',
      'at +0 c1 ttl A → 301 of 300',
      'at +0 c1 ttl B → 901 of 900',
    ],
  ],
  [
    'CKPT-03: without persistence a restart forgets, up to 3.5',
    'etcd=3.4 checkpoint=on',
    ['at 0 c1 grant A ttl=900 → A ttl=900', 'at 301s restart', 'at +0 c1 ttl A → 901 of 900'],
  ],
  [
    'CKPT-06: from 3.6 on a checkpoint persists by itself',
    'etcd=3.7 checkpoint=on',
    ['at 0 c1 grant A ttl=900 → A ttl=900', 'at 301s restart', 'at +0 c1 ttl A → 601 of 900'],
  ],
  [
    'KA-09, CKPT-04: a renewal clears the checkpoint first',
    'etcd=3.6 checkpoint=on',
    [
      'at 0 c1 grant A ttl=900 → A ttl=900',
      'at 301s c1 keep-alive A → ttl=900',
      'at +0 c1 ttl A → 900 of 900',
      'at +0 restart',
      'at +0 c1 ttl A → 901 of 900',
    ],
  ],
  [
    'KA-10, CKPT-05: with checkpoints off again a renewal restores what the checkpoint left',
    'etcd=3.5 checkpoint=on persist=on',
    [
      'at 0 c1 grant A ttl=900 → A ttl=900',
      'at 0 c1 put k lease=A → ok',
      'at 301s restart checkpoint=off persist=off',
      'at +1s c1 keep-alive A → ttl=900',
      'at +0 c1 ttl A → 600 of 900',
      'at +300s c1 keep-alive A → ttl=900',
      'at +0 c1 ttl A → 600 of 900',
      'at +0 c1 put k prev-kv → ok prev k lease=A',
    ],
  ],
];

test.each(CASES)('%s', async (_rule, config, lines) => {
  const text = ['leasehold schedule 1', `config ${config}`, ...lines].join('\n');
  const schedule = parseSchedule(text);
  expect(parseSchedule(printSchedule(schedule))).toEqual(schedule);
  const trial = await tryOut(schedule, simulatorTarget());
  expect(unmetExpectations(trial)).toEqual([]);
  expect(trial.verdict).toEqual({ kind: 'conformant' });
});

test.each([
  ['restart kill election=5s', 'no new flags, or no kill'],
  ['restart down=999ms', 'a second at least'],
  ['restart checkpoint=yes', 'on or off'],
  ['restart later', 'the end of the line'],
])('%s is refused', (action, why) => {
  const text = `leasehold schedule 1\nat 0 ${action}\n`;
  expect(() => parseSchedule(text)).toThrow(ScheduleSyntaxError);
  expect(() => parseSchedule(text)).toThrow(why);
});

test('CONST-13: persistence without checkpoints is no setting', () => {
  const text = 'leasehold schedule 1\nconfig etcd=3.5 persist=on\n';
  expect(() => parseSchedule(text)).toThrow(/persist=on with checkpoint=on/);
});
