import { expect, test } from 'vitest';
import { instant } from '../../src/api/units.ts';
import { keptAlive, Rig } from './rig.ts';

test('KA-02: a renewal gives the whole granted TTL again', () => {
  const rig = new Rig();
  rig.grant(1n, 3);
  rig.advanceTo(2700);
  expect(rig.keepAlive(1n)).toBe('ttl=3 @1');
  expect(rig.ttl(1n)).toBe('3 of 3');
  rig.advanceTo(5699);
  expect(rig.ttl(1n)).toBe('0 of 3');
  rig.advanceTo(6000);
  expect(rig.ttl(1n)).toBe('-1 of 0');
});

test.each([0n, -7n, 1n])('KA-03: %i, which is no lease, is answered with TTL 0', (id) => {
  expect(new Rig().keepAlive(id)).toBe('ttl=0 @1');
});

test.each([
  [4999, 'ttl=5 @2'],
  [5000, 'waits'],
  [5001, 'waits'],
])('EXP-01, KA-04: a keep-alive at %i ms on a lease that is due at 5000 ms', (at, expected) => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.advanceTo(at);
  expect(rig.keepAlive(1n)).toBe(expected);
});

test('KA-04, KA-06: it waits for the turn, and tells the revision before the deletion', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.advanceTo(5000);
  rig.keepAlive(1n);
  rig.put('other');
  rig.log.length = 0;
  rig.advanceTo(5100);
  expect(rig.log).toEqual(['4: delete k', 'answer 3', 'turn 1']);
  expect(keptAlive(rig.answer(3))).toBe('ttl=0 @2');
});

test('KA-04: a revoke frees it as well', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.advanceTo(5000);
  rig.keepAlive(1n);
  rig.log.length = 0;
  expect(rig.revoke(1n)).toBe('revoked @3');
  expect(rig.log).toEqual(['3: delete k', 'answer 4', 'answer 3']);
  expect(keptAlive(rig.answer(3))).toBe('ttl=0 @2');
});

test('KA-05: what is behind it on the stream waits, then is served in order', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.grant(2n, 60);
  rig.put('k', 'v', 1n);
  rig.advanceTo(5000);
  expect(rig.keepAlive(2n, 7)).toBe('ttl=60 @2');
  for (const id of [1n, 2n, 9n, 1n]) expect(rig.keepAlive(id, 7)).toBe('waits');
  // Another stream goes its own way.
  expect(rig.keepAlive(2n, 8)).toBe('ttl=60 @2');
  expect(rig.keepAlive(1n, 8)).toBe('waits');
  rig.log.length = 0;
  rig.advanceTo(5100);
  expect(rig.log).toEqual([
    '3: delete k',
    ...[5, 6, 7, 8].map((token) => `answer ${token}`),
    'answer 10',
    'turn 1',
  ]);
  // KA-06: the first began before the deletion, those behind it after.
  const answers = [5, 6, 7, 8, 10].map((token) => keptAlive(rig.answer(token)));
  expect(answers).toEqual(['ttl=0 @2', 'ttl=60 @3', 'ttl=0 @3', 'ttl=0 @3', 'ttl=0 @2']);
  expect(rig.ttl(2n)).toBe('60 of 60');
});

test('KA-05: a lease behind it is renewed when it is freed, not when it was sent', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.grant(2n, 6);
  rig.advanceTo(5050);
  rig.keepAlive(1n);
  rig.keepAlive(2n);
  rig.advanceTo(5100);
  expect(rig.ttl(2n)).toBe('6 of 6');
});

test('KA-05: a stalled stream lets a healthy lease expire, and may be held again', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  // 501 leases are due before the last one, so that the turn at 5100 leaves two.
  for (let id = 1n; id <= 501n; id += 1n) rig.grant(id, 5);
  rig.grant(900n, 5);
  rig.put('k', 'v', 900n);
  rig.advanceTo(5000);
  rig.keepAlive(1n);
  rig.keepAlive(900n);
  rig.keepAlive(501n);
  rig.advanceTo(5100);
  const [first, second, third] = [504, 505, 506];
  expect(keptAlive(rig.answer(first))).toBe('ttl=0 @2');
  expect(rig.answer(second)).toBeUndefined();
  // Still behind it, though it is another lease that is waited for now.
  expect(rig.keepAlive(1n)).toBe('waits');
  rig.advanceTo(5600);
  expect(keptAlive(rig.answer(second))).toBe('ttl=0 @2');
  expect(keptAlive(rig.answer(third))).toBe('ttl=0 @3');
  expect(keptAlive(rig.answer(507))).toBe('ttl=0 @3');
});

test('KA-04: it waits for the lease that it named, not for a new one of that id', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.advanceTo(5000);
  expect(rig.keepAlive(1n)).toBe('waits');
  rig.revoke(1n);
  rig.grant(1n, 5);
  expect(keptAlive(rig.answer(2))).toBe('ttl=0 @1');
  expect(rig.keepAlive(1n)).toBe('ttl=5 @1');
});

test('KA-05: several streams wait for one lease, each with its own queue', () => {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.grant(2n, 5);
  rig.advanceTo(5000);
  rig.keepAlive(2n, 1);
  rig.keepAlive(1n, 2);
  rig.keepAlive(1n, 1);
  rig.keepAlive(2n, 2);
  rig.log.length = 0;
  rig.advanceTo(5100);
  // Lease 1 goes first: it frees stream 2, which then waits for lease 2, behind stream 1.
  expect(rig.log).toEqual(['answer 4', 'answer 3', 'answer 5', 'answer 6', 'turn 1 2']);
});

/** A keep-alive waits for its lease, another one stands behind it, and then there is a put. */
function oneBehind(): Rig {
  const rig = new Rig({}, { firstTurn: instant(100) });
  rig.grant(1n, 5);
  rig.grant(2n, 60);
  rig.advanceTo(5000);
  expect(rig.keepAlive(1n)).toBe('waits');
  expect(rig.keepAlive(2n)).toBe('waits');
  rig.put('k');
  return rig;
}

test('KA-06: what stands behind one that waits for a leader begins once that is answered', () => {
  const rig = oneBehind();
  rig.simulator.loseLeader();
  rig.advanceTo(5200);
  expect(rig.keepAlive(2n)).toBe('waits');
  rig.simulator.regainLeader(() => {});
  rig.put('k');
  rig.advanceTo(6000);
  expect([3, 4, 6].map((token) => keptAlive(rig.answer(token)))).toEqual([
    'ttl=5 @1',
    'ttl=60 @3',
    'ttl=60 @3',
  ]);
});

test('KA-06: a server that is elected again has not begun with what stands behind', () => {
  const rig = oneBehind();
  rig.simulator.promote();
  expect([3, 4].map((token) => keptAlive(rig.answer(token)))).toEqual(['ttl=5 @1', 'ttl=60 @2']);
});
