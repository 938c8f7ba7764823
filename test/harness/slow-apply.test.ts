/** A member that is slow to apply what it has committed: on the simulator, judged by the model. */
import { expect, test } from 'vitest';
import { reasonOf, REFUSALS } from '../../src/api/refusal.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../../src/harness/parse-words.ts';
import { toldOnSimulator } from './told-on-simulator.ts';

toldOnSimulator([
  {
    name: 'CONST-10: time-to-live waits a second, a read without end; others see what is applied',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A ttl=60 → A ttl=60',
      'at 0 c1 put k value=1 lease=A → ok',
      'at 1s slow apply',
      'at 1s c1 put k value=2 → waits, then ok',
      'at 1s c1 ttl A → waits, then refused apply-timed-out',
      'at 1001ms c2 ttl A → waits, then 58 of 60',
      'at 1s c1 get k → waits, then k=2',
      'at 1s c1 get k serializable → k=1 lease=A',
      'at 1s c1 leases → A',
      'at 2s apply catches up',
      'at +0 c1 ttl A keys → 58 of 60',
    ],
  },
  {
    name: 'CONST-10, CONST-09: a write fails after 7 s and is done all the same',
    config: 'etcd=3.6',
    lines: [
      'at 0 slow apply',
      'at 0 c1 put a → waits, then refused request-timed-out',
      'at 1ms c1 put b → waits, then ok',
      'at 7s apply catches up',
      'at +0 c1 get a → a',
    ],
  },
  {
    name: 'CONST-10: a lease lives from when its grant is applied',
    config: 'etcd=3.5',
    lines: [
      'at 0 slow apply',
      'at 0 c1 grant A ttl=5 id=7 → waits, then A ttl=5',
      'at 3s c1 leases → none',
      'at 6s apply catches up',
      'at +0 c1 ttl #7 → 5 of 5',
      'at +4999ms c1 leases → A',
      'at +1ms c1 leases → none',
    ],
  },
  {
    name: 'TTL-05, EXP-02: a renewal after a promotion may have a lease due sooner, log or no log',
    config: 'etcd=3.7 election=5s',
    lines: [
      'at 0 c1 grant A ttl=10 → A ttl=10',
      'at 0 leader lost',
      'at 100ms leader back',
      'at 200ms slow apply',
      'at 1s c1 keep-alive A → ttl=10',
      'at 11s turn A',
      'at 12s apply catches up',
      'at +0 c1 leases → none',
    ],
  },
  {
    name: 'CONST-14, CONST-10: the id of a grant whose client gave up is the server’s choice',
    config: 'etcd=3.5',
    lines: [
      'at 0 slow apply',
      'at 0 c1 grant A ttl=60 → waits, then refused request-timed-out',
      'at 0 c1 grant B ttl=9000000001 → waits, then refused request-timed-out',
      'at 0 c1 grant C ttl=60 → waits, then refused request-timed-out',
      'at 1ms c1 grant D ttl=30 → waits, then D ttl=30',
      'at 7s apply catches up',
      'at +0 c1 leases',
    ],
  },
  {
    name: 'KA-15: a keep-alive waits for what was committed; after a second its stream ends',
    config: 'etcd=3.6',
    lines: [
      'at 0 c1 grant A ttl=60 → A ttl=60',
      'at 1s slow apply',
      'at 1s c1 grant B ttl=10 id=9 → waits, then B ttl=10',
      'at 1s c1 keep-alive A → waits, then refused apply-timed-out',
      'at 1999ms c1 keep-alive #9 → waits, then refused apply-timed-out',
      'at 2s c1 keep-alive #9 → waits, then ttl=10',
      'at 2500ms c1 keep-alive A → waits, then ttl=60',
      'at 2999ms apply catches up',
      'at +0 c1 ttl A → 60 of 60',
    ],
  },
  {
    name: 'KA-15: from 3.7 on only one on an unknown lease does',
    config: 'etcd=3.7',
    lines: [
      'at 0 c1 grant A ttl=60 → A ttl=60',
      'at 1s slow apply',
      'at 1s c1 keep-alive A → ttl=60',
      'at 1s c1 keep-alive #9 → waits, then refused apply-timed-out',
      'at 1s c1 keep-alive A → waits, then refused apply-timed-out',
      'at 1s c2 keep-alive A → ttl=60',
      'at 3s apply catches up',
      'at +0 c1 ttl A → 58 of 60',
    ],
  },
  {
    name: 'KA-15, KA-04: from 3.7 on one on an overdue lease waits until its revoke is applied',
    config: 'etcd=3.7',
    lines: [
      'at 0 c1 grant A ttl=2 → A ttl=2',
      'at 1s slow apply',
      'at 3s c1 keep-alive A → waits, then ttl=0',
      'at 3s c1 keep-alive A → waits, then ttl=0',
      'at 30s apply catches up',
      'at +0 c1 leases → none',
    ],
  },
  {
    name: 'CONST-10, EXP-09: what is due stays until its revoke is applied, as the log has it',
    config: 'etcd=3.4',
    lines: [
      'at 0 c1 grant A ttl=2 → A ttl=2',
      'at 0 c1 put k lease=A → ok',
      'at 1s slow apply',
      'at 1999ms c1 put before lease=A → waits, then ok',
      'at A.turn c1 leases → A',
      'at +0 c1 get k serializable → k lease=A',
      'at +0 c1 put behind lease=A → waits, then refused lease-not-found',
      'at +0 c1 grant B ttl=9 id=5 → waits, then B ttl=9',
      'at 5s apply catches up',
      'at +0 c1 leases → B',
      'at +0 c1 get a to z → none',
    ],
  },
  {
    name: 'CONST-06: the seventeenth of a turn is proposed late, behind what came meanwhile',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A*17 ttl=2',
      'at 1s slow apply',
      'at 2500ms c1 put p lease=A.16 → waits, then refused lease-not-found',
      'at 2500ms c1 put q lease=A.17 → waits, then ok',
      'at 3s apply catches up',
      'at +0 c1 get a to z → none',
      'at +0 c1 leases → none',
    ],
  },
  {
    name: 'CONST-06, CONST-09: … or when those before it have been given up, after 7 s',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A*17 ttl=2',
      'at 1s slow apply',
      'at 8999ms c1 put p lease=A.17 → waits, then ok',
      'at 9001ms c1 put q lease=A.17 → waits, then refused lease-not-found',
      'at 9002ms apply catches up',
      'at +0 c1 leases → none',
    ],
  },
  {
    name: 'CONST-08: what a turn set out to revoke is revoked again after 7 s, whosever it is then',
    config: 'etcd=3.6',
    lines: [
      'at 0 c1 grant A ttl=2 id=1 → A ttl=2',
      'at 1s slow apply',
      'at 3s c1 grant B ttl=60 id=1 → waits, then B ttl=60',
      'at 9500ms apply catches up',
      'at +0 c1 leases → none',
    ],
  },
  {
    name: 'CONST-08: … not sooner',
    config: 'etcd=3.6',
    lines: [
      'at 0 c1 grant A ttl=2 id=1 → A ttl=2',
      'at 1s slow apply',
      'at 3s c1 grant B ttl=60 id=1 → waits, then B ttl=60',
      'at 8999ms apply catches up',
      'at +0 c1 leases → B',
    ],
  },
  {
    name: 'CONST-16: the log is 5,000 entries ahead at most, the one that takes so long among them',
    config: 'etcd=3.5',
    lines: [
      'at 0 slow apply',
      'at 0 c1 put k*4999',
      'at 0 c1 put last → waits, then ok',
      'at 0 c1 put more → refused too-many-requests',
      'at 1s apply catches up',
      'at +0 c1 get more → none',
    ],
    isLong: true,
  },
  {
    name: 'CONST-10, RESTART-07: before it loses its leader or its process ends it catches up',
    config: 'etcd=3.5',
    lines: [
      'at 0 slow apply',
      'at 0 slow apply',
      'at 0 c1 put a → waits, then ok',
      'at 1s leader lost',
      'at 1s slow apply',
      'at 1s c1 put b → waits, then ok',
      'at 2s leader back',
      'at 2s slow apply',
      'at 2s c1 put c → waits, then ok',
      'at 3s restart',
      'at +0 apply catches up',
      'at +0 c1 get a to z → a, b, c',
    ],
  },
]);

test('apply is slow, or catches up, or there is a word too many', () => {
  const read = (action: string) => () => parseSchedule(`leasehold schedule 1\nat 0 ${action}\n`);
  expect(read('slow disk')).toThrow(ScheduleSyntaxError);
  expect(read('slow disk')).toThrow('apply');
  expect(read('apply catches fire')).toThrow('up');
  expect(read('slow apply now')).toThrow('the end of the line');
  expect(read('c1 slow apply')).toThrow('apply without a client');
});

test('CONST-10: what timed out on the wire is no refusal: nobody knows if it is done', () => {
  const { 'apply-timed-out': ofApply, 'too-many-requests': tooMany } = REFUSALS;
  for (const { code, message } of [ofApply, tooMany])
    expect(reasonOf(code, message)).toBeUndefined();
});
