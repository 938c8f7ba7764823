import { expect, test } from 'vitest';
import { MINOR_VERSIONS } from '../../src/api/config.ts';
import { instant } from '../../src/api/units.ts';
import { Rig } from './rig.ts';

const turnsOf = (rig: Rig): string[] => rig.log.filter((line) => line.startsWith('turn'));

test.each([
  // A grant of 5 s at 0, turns at phase + k * 500.
  [499, 5499],
  [1, 5001],
  [500, 5000],
])('EXP-01, EXP-04: with the first turn at %i ms it goes at %i ms', (firstTurn, gone) => {
  const rig = new Rig({}, { firstTurn: instant(firstTurn) });
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.advanceTo(gone - 1);
  // EXP-09
  expect(rig.range('k')).toBe('k=v/1/2/2/1');
  expect(rig.leases()).toBe('1');
  rig.advanceTo(gone);
  expect(rig.range('k')).toBe('');
  expect(rig.leases()).toBe('');
  expect(rig.log).toContain('3: delete k');
});

test('CONST-04: the first turn is 500 ms after the start, when nothing else is said', () => {
  const rig = new Rig({}, {}, instant(1234));
  rig.advanceTo(1733);
  expect(turnsOf(rig)).toEqual([]);
  rig.advanceTo(1734);
  expect(turnsOf(rig)).toEqual(['turn']);
  rig.advanceTo(2734);
  expect(turnsOf(rig)).toEqual(['turn', 'turn', 'turn']);
});

test('EXP-03: a lease that is due one millisecond after a turn waits for the next', () => {
  const rig = new Rig({}, { firstTurn: instant(499) });
  rig.grant(1n, 2);
  rig.advanceTo(1);
  rig.grant(2n, 2);
  rig.advanceTo(1999);
  expect(rig.leases()).toBe('1 2');
  rig.advanceTo(2499);
  expect(turnsOf(rig).at(-1)).toBe('turn 1 2');
});

test.each([499, 500, 501, 1000, 1001])('CONST-05, EXP-05: %i leases due together', (count) => {
  const rig = new Rig({}, { scanEvery: 100 });
  for (let id = 1n; id <= BigInt(count); id += 1n) rig.grant(id, 2);
  for (let turn = 0; turn < 4; turn += 1) {
    rig.advanceTo(2000 + 500 * turn);
    const left = Math.max(0, count - 500 * (turn + 1));
    expect(rig.leases().split(' ').filter(Boolean)).toHaveLength(left);
  }
});

test('EXP-06: soonest deadline first, then in the order of grant or renewal', () => {
  const rig = new Rig({}, { firstTurn: instant(9000) });
  rig.grant(4n, 3);
  rig.grant(3n, 3);
  rig.grant(2n, 2);
  rig.grant(1n, 3);
  rig.keepAlive(4n);
  rig.advanceTo(9000);
  expect(turnsOf(rig)).toEqual(['turn 2 3 1 4']);
});

test('EXP-06: the limit of a turn leaves those that are due last', () => {
  const rig = new Rig({}, { firstTurn: instant(9000), scanEvery: 100 });
  for (let id = 501n; id >= 1n; id -= 1n) rig.grant(id, 2n + (id % 3n));
  rig.advanceTo(9000);
  const last = rig.leases();
  expect(last).toBe('2');
  expect(rig.ttl(2n)).toBe('-5 of 4');
});

test('EXP-07: each lease with keys takes one revision, one without takes none', () => {
  const rig = new Rig({}, { firstTurn: instant(2000) });
  rig.grant(1n, 2);
  rig.grant(2n, 2);
  rig.grant(3n, 2);
  rig.put('b', 'v', 1n);
  rig.put('a', 'v', 1n);
  rig.put('c', 'v', 3n);
  rig.log.length = 0;
  rig.advanceTo(2000);
  expect(rig.log).toEqual(['5: delete a, delete b', '6: delete c', 'turn 1 2 3']);
  expect(rig.simulator.revision).toBe(6);
});

test('EXP-10: a put to an overdue lease is accepted and goes with it', () => {
  const rig = new Rig({}, { firstTurn: instant(2400) });
  rig.grant(1n, 2);
  rig.advanceTo(2200);
  expect(rig.put('k', 'v', 1n)).toBe('putDone @2');
  rig.advanceTo(2400);
  expect(rig.range('k')).toBe('');
});

test('EXP-10: a put without a lease saves the key of an overdue lease', () => {
  const rig = new Rig({}, { firstTurn: instant(2400) });
  rig.grant(1n, 2);
  rig.put('k', 'v', 1n);
  rig.advanceTo(2200);
  rig.put('k', 'w');
  rig.advanceTo(2400);
  expect(rig.range('k')).toBe('k=w/0/2/3/2');
  expect(rig.simulator.revision).toBe(3);
});

test.each([
  ['3.4', [3210, 3710]],
  ['3.5', [3210, 3710]],
  ['3.6', [3210, 3600]],
  ['3.7', [3210, 3600]],
] as const)('CONST-04: after a jump, etcd %s', (etcd, [landed, next]) => {
  const rig = new Rig({ etcd }, { firstTurn: instant(100) });
  rig.grant(1n, 2);
  rig.jumpTo(landed);
  expect(turnsOf(rig)).toEqual(['turn 1']);
  rig.advanceTo(next - 1);
  expect(turnsOf(rig)).toHaveLength(1);
  rig.advanceTo(next);
  expect(turnsOf(rig)).toHaveLength(2);
  rig.advanceTo(next + 500);
  expect(turnsOf(rig)).toHaveLength(3);
});

test('CONST-04: a jump onto the grid of etcd 3.6 runs a turn there and the next 500 ms on', () => {
  const rig = new Rig({ etcd: '3.6' }, { firstTurn: instant(100) });
  rig.jumpTo(3100);
  rig.advanceTo(3599);
  expect(turnsOf(rig)).toHaveLength(1);
  rig.advanceTo(3600);
  expect(turnsOf(rig)).toHaveLength(2);
});

test.each(MINOR_VERSIONS)('CONST-04: an advance runs each turn at its instant, etcd %s', (etcd) => {
  const at: number[] = [];
  const rig: Rig = new Rig(
    { etcd },
    { firstTurn: instant(123), onTurn: () => at.push(rig.clock.now) },
  );
  rig.advanceTo(1700);
  rig.advanceTo(2200);
  expect(at).toEqual([123, 623, 1123, 1623, 2123]);
});

test('CONST-05: a jump revokes one batch where it lands', () => {
  const rig = new Rig({}, { scanEvery: 100 });
  for (let id = 1n; id <= 501n; id += 1n) rig.grant(id, 2);
  rig.jumpTo(60_000);
  expect(rig.leases()).toBe('501');
  expect(rig.ttl(501n)).toBe('-58 of 2');
  expect(rig.keepAlive(501n)).toBe('waits');
});
