/** A leader that is lost and comes back: on the simulator, judged by the model. */
import { expect, test } from 'vitest';
import { reasonOf, REFUSALS } from '../../src/api/refusal.ts';
import { parseSchedule } from '../../src/harness/parse-schedule.ts';
import { ScheduleSyntaxError } from '../../src/harness/parse-words.ts';
import { toldOnSimulator } from './told-on-simulator.ts';

toldOnSimulator([
  {
    name: 'RESTART-07: without a leader nothing expires; RESTART-02: a new one gives the full TTL',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A ttl=2 → A ttl=2',
      'at 0 c1 put k lease=A → ok',
      'at 1s leader lost',
      'at 1h c1 get k serializable → k lease=A',
      'at +0 leader back',
      'at +0 c1 ttl A keys → 3 of 2 keys=k',
      'at A.deadline-1ms c1 get k → k lease=A',
      'at A.turn c1 get k → none',
    ],
  },
  {
    name: 'RESTART-07, CONST-09: a write fails after 7 s, a leader before that serves it',
    config: 'etcd=3.5',
    lines: [
      'at 0 leader lost',
      'at 0 c1 put a → waits, then refused proposal-timed-out',
      'at 1ms c1 grant A ttl=5 → waits, then A ttl=5',
      'at 1ms c1 put b lease=A → waits, then refused lease-not-found',
      'at 7s leader back',
      'at +0 c1 get a → none',
      'at +0 c1 ttl A → 5 of 5',
    ],
  },
  {
    name: 'CONST-09: the patience counts whole heartbeats, 5 s and twice 1,665 ms',
    config: 'etcd=3.5 heartbeat=333ms election=1700ms',
    lines: [
      'at 0 leader lost',
      'at 0 c1 put a → waits, then refused proposal-timed-out',
      'at 1ms c1 put b → waits, then ok',
      'at 8330ms leader back',
      'at +0 c1 get a → none',
    ],
  },
  {
    name: 'RESTART-07, KV-05: what is wrong with a request by itself is said at once',
    config: 'etcd=3.4',
    lines: [
      'at 0 leader lost',
      'at 0 c1 put "" → refused key-empty',
      'at 0 c1 grant A ttl=9000000001 → waits, then refused ttl-too-large',
      'at 1s leader back',
    ],
  },
  {
    name: 'RESTART-07: reads go in rounds, which end together; a new leader ends the one under way',
    config: 'etcd=3.7',
    lines: [
      'at 0 c1 put k → ok',
      'at 0 leader lost',
      'at 0 c1 get k → waits, then refused request-timed-out',
      'at 1s c1 get k → waits, then refused request-timed-out',
      'at 2s c2 get k → waits, then refused request-timed-out',
      'at 7s c1 get k → waits, then refused leader-changed',
      'at 13999ms c1 leases → none',
      'at 14s c2 get k → waits, then k',
      'at +1ms leader back',
    ],
  },
  {
    name: 'TTL-08: time-to-live looks once in an election timeout',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A ttl=10 → A ttl=10',
      'at 0 leader lost',
      'at 100ms c1 ttl A → waits, then 10 of 10',
      'at 1100ms leader back',
      'at 2099ms c1 ttl A → 10 of 10',
      'at +2s wait',
    ],
  },
  {
    name: 'TTL-08: a leader after the last look comes too late',
    config: 'etcd=3.5',
    lines: [
      'at 0 c1 grant A ttl=10 → A ttl=10',
      'at 0 leader lost',
      'at 0 c1 ttl A → waits, then refused no-leader',
      'at 6s leader back',
      'at +1s wait',
    ],
  },
  {
    name: 'KA-12: a keep-alive looks as well, and what stands behind is served with it',
    config: 'etcd=3.6',
    lines: [
      'at 0 c1 grant A ttl=10 → A ttl=10',
      'at 0 leader lost',
      'at 0 c1 keep-alive A → waits, then ttl=10',
      'at 500ms c1 keep-alive #9 → waits, then ttl=0',
      'at 999ms leader back',
      'at 1s c1 ttl A → 10 of 10',
    ],
  },
  {
    name: 'KA-12: without one the stream ends, with what stood behind; the next one begins anew',
    config: 'etcd=3.4',
    lines: [
      'at 0 leader lost',
      'at 0 c1 keep-alive #9 → waits, then refused no-leader',
      'at 6s c1 keep-alive #9 → waits, then refused no-leader',
      'at 7s c1 keep-alive #9 → waits, then ttl=0',
      'at 7500ms leader back',
      'at +1s wait',
    ],
  },
  {
    name: 'RESTART-05: a keep-alive that waited for its lease waits for a leader, who renews it',
    config: 'etcd=3.5',
    lines: [
      'at 1ms c1 grant A ttl=2 → A ttl=2',
      'at A.deadline c1 keep-alive A → waits, then ttl=2',
      'at +1ms leader lost',
      'at +999ms leader back',
      'at +1ms c1 ttl A → 2 of 2',
    ],
  },
  {
    name: 'KA-06: what stood behind one that lost its leader begins when that one is answered',
    config: 'etcd=3.5',
    lines: [
      'at 1ms c1 grant A ttl=2 → A ttl=2',
      'at +0 c1 grant B ttl=60 → B ttl=60',
      'at A.deadline c1 keep-alive A → waits, then ttl=2',
      'at +0 c1 keep-alive B → waits, then ttl=60',
      'at +0 c2 put k → ok',
      'at +0 leader lost',
      'at +500ms leader back',
      'at +100ms c2 put k → ok',
      'at +400ms c1 ttl A → 2 of 2',
    ],
  },
  {
    name: 'LIST-05: the list needs no leader',
    config: 'etcd=3.5',
    lines: ['at 0 c1 grant A ttl=2 → A ttl=2', 'at 0 leader lost', 'at 5s c1 leases → A'],
  },
]);

test('a leader is lost, or back, or there is a word too many', () => {
  const read = (action: string) => () => parseSchedule(`leasehold schedule 1\nat 0 ${action}\n`);
  expect(read('leader gone')).toThrow(ScheduleSyntaxError);
  expect(read('leader gone')).toThrow('lost or back');
  expect(read('leader lost now')).toThrow('the end of the line');
  expect(read('c1 leader lost')).toThrow('leader without a client');
});

test('RESTART-07: what timed out on the wire is no refusal: nobody knows if it is done', () => {
  expect(REFUSALS['proposal-timed-out'].codes).toEqual({ '3.4': 2 });
  for (const { code, message } of [REFUSALS['no-leader'], REFUSALS['proposal-timed-out']]) {
    expect(reasonOf(code, message)).toBeUndefined();
  }
});
