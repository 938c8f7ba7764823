import { expect, test } from 'vitest';
import type { ServerConfig } from '../../src/api/config.ts';
import { instant, milliseconds } from '../../src/api/units.ts';
import { minTtl } from '../../src/simulator/flags.ts';
import { Rig } from './rig.ts';

const LOWEST = -(2n ** 63n);
const HIGHEST = 2n ** 63n - 1n;

const granted = (id: bigint): string => `granted ${id} ttl=5`;

test.each([
  // heartbeat, election, seconds
  [100, 1000, 2],
  [100, 500, 1],
  [50, 500, 1],
  [100, 5000, 8],
  [250, 2500, 4],
  [30, 1000, 2],
  [1000, 50_000, 75],
  [10, 100, 1],
  [10, 50, 1],
  [1, 5, 1],
  [500, 5000, 8],
  [10, 1010, 2],
  [333, 1700, 3],
])('CONST-02: heartbeat %i ms and election timeout %i ms give %i s', (heartbeat, election, ttl) => {
  const config: ServerConfig = {
    etcd: '3.5',
    heartbeat: milliseconds(heartbeat),
    election: milliseconds(election),
  };
  expect(minTtl(config)).toBe(ttl);
  expect(new Rig(config).grant(1n, 1)).toBe(`granted 1 ttl=${ttl}`);
});

test.each([
  ['0', 0n, 'granted 7 ttl=2'],
  ['-1', -1n, 'granted 7 ttl=2'],
  ['the lowest int64', LOWEST, 'granted 7 ttl=2'],
  ['1', 1n, 'granted 7 ttl=2'],
  ['2', 2n, 'granted 7 ttl=2'],
  ['3', 3n, 'granted 7 ttl=3'],
  ['9000000000', 9_000_000_000n, 'granted 7 ttl=9000000000'],
  ['one more', 9_000_000_001n, 'ttl-too-large'],
  ['the highest int64', HIGHEST, 'ttl-too-large'],
])('GRANT-02, GRANT-03, CONST-01: a requested TTL of %s', (_, ttl, expected) => {
  const rig = new Rig();
  expect(rig.grant(7n, ttl)).toBe(expected);
  expect(rig.leases()).toBe(expected === 'ttl-too-large' ? '' : '7');
});

test('CONST-01: the longest TTL is exact', () => {
  const rig = new Rig();
  rig.grant(7n, 9_000_000_000n);
  expect(rig.ttl(7n)).toBe('9000000000 of 9000000000');
  rig.advanceTo(1);
  expect(rig.ttl(7n)).toBe('8999999999 of 9000000000');
});

test.each([-1n, -5n, 1n, LOWEST, HIGHEST])('CONST-15: %i is an id like any other', (id) => {
  const rig = new Rig();
  expect(rig.grant(id, 5)).toBe(granted(id));
  expect(rig.grant(id, 5)).toBe('lease-exists');
  expect(rig.put('k', 'v', id)).toBe('putDone @2');
  expect(rig.ttl(id)).toBe('5 of 5 k');
  expect(rig.keepAlive(id)).toBe('ttl=5 @2');
  expect(rig.leases()).toBe(`${id}`);
  expect(rig.revoke(id)).toBe('revoked @3');
  expect(rig.leases()).toBe('');
});

test('CONST-15: an id and the same bits with another high word are two leases', () => {
  const rig = new Rig();
  for (const id of [1n, 1n << 32n, (1n << 32n) + 1n, -1n, 0xffffffffn]) rig.grant(id, 5);
  expect(rig.leases()).toBe('1 4294967296 4294967297 -1 4294967295');
});

test('CONST-14: automatic ids carry the member and the start, and step by 2', () => {
  const rig = new Rig({}, { memberId: 0xabcd_0000_0000_10d7n, startedAt: 0xa1f7dce508 });
  expect(rig.grant(0n, 5)).toBe(granted(0x10d7a1f7dce50801n));
  expect(rig.grant(0n, 5)).toBe(granted(0x10d7a1f7dce50803n));
  rig.put('a');
  rig.put('b');
  expect(rig.grant(0n, 5)).toBe(granted(0x10d7a1f7dce50807n));
});

test('CONST-14: automatic ids are positive, and the counter overflows into the start', () => {
  const rig = new Rig({}, { memberId: 0xffffn, startedAt: 2 ** 40 - 1 });
  for (let count = 0; count < 127; count += 1) rig.grant(0n, 5);
  expect(rig.grant(0n, 5)).toBe(granted(0x7fffffffffffffffn));
  expect(rig.grant(0n, 5)).toBe(granted(0x7fff000000000001n));
});

test('CONST-14: 0 is not chosen', () => {
  const rig = new Rig({}, { memberId: 0n, startedAt: 2 ** 40 - 1 });
  // An odd number of other requests, so that the counter meets 0 when a lease asks.
  rig.put('k');
  for (let count = 0; count < 127; count += 1) rig.grant(0n, 5);
  expect(rig.grant(0n, 5)).toBe('granted 1 ttl=5');
});

test('GRANT-01: a TTL that is too large is refused before an id that is taken', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  expect(rig.grant(1n, 9_000_000_001n)).toBe('ttl-too-large');
});

test('GRANT-04: a second grant changes nothing, not even of an overdue lease', () => {
  const rig = new Rig({}, { firstTurn: instant(5400) });
  rig.grant(1n, 5);
  rig.advanceTo(1000);
  expect(rig.grant(1n, 60)).toBe('lease-exists');
  expect(rig.ttl(1n)).toBe('4 of 5');
  rig.advanceTo(5200);
  expect(rig.grant(1n, 60)).toBe('lease-exists');
  rig.advanceTo(5400);
  expect(rig.grant(1n, 60)).toBe('granted 1 ttl=60');
});

test('GRANT-05: an id granted again has no keys', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.revoke(1n);
  expect(rig.grant(1n, 7)).toBe('granted 1 ttl=7');
  expect(rig.ttl(1n)).toBe('7 of 7');
});

test('GRANT-06: grants, renewals and questions leave the revision as it is', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  rig.keepAlive(1n);
  rig.ttl(1n);
  rig.leases();
  expect(rig.simulator.revision).toBe(1);
});

test('REVOKE-01: an unknown lease, 0, and a second revoke are refused', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  expect(rig.revoke(2n)).toBe('lease-not-found');
  expect(rig.revoke(0n)).toBe('lease-not-found');
  expect(rig.revoke(1n)).toBe('revoked @1');
  expect(rig.revoke(1n)).toBe('lease-not-found');
});

test('REVOKE-02, REVOKE-04: all keys go at one revision, in bytewise order', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  for (const key of ['c', 'a', 'b', 'aa', 'B', '\xff', '\x00']) rig.put(key, 'v', 1n);
  rig.log.length = 0;
  expect(rig.revoke(1n)).toBe('revoked @9');
  expect(rig.log).toEqual([
    '9: delete \x00, delete B, delete a, delete aa, delete b, delete c, delete \xff',
    'answer 9',
  ]);
  expect(rig.range('\x00', '\x00')).toBe('');
});

test('REVOKE-03: a lease without keys goes without a revision and without an event', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  expect(rig.revoke(1n)).toBe('revoked @1');
  expect(rig.log).toEqual(['answer 1', 'answer 2']);
});

test('REVOKE-05: a delete event has the key and its revision, and all of what was before', () => {
  const events: unknown[] = [];
  const rig = new Rig({}, { onWatch: (revision, batch) => events.push([revision, ...batch]) });
  rig.grant(1n, 5);
  rig.put('k', 'v', 1n);
  rig.revoke(1n);
  const kv = { key: 'k', value: 'v', createRevision: 2, modRevision: 2, version: 1, lease: 1n };
  const gone = { key: 'k', value: '', createRevision: 0, modRevision: 3, version: 0, lease: 0n };
  expect(events).toEqual([
    [2, { kind: 'put', kv, prevKv: null }],
    [3, { kind: 'delete', kv: gone, prevKv: kv }],
  ]);
});

test('REVOKE-07: an overdue lease can be revoked, once', () => {
  const rig = new Rig({}, { firstTurn: instant(400) });
  rig.grant(1n, 2);
  rig.advanceTo(2001);
  expect(rig.revoke(1n)).toBe('revoked @1');
  rig.log.length = 0;
  rig.advanceTo(2400);
  expect(rig.log).toEqual(['turn']);
});

test.each([
  [0, '5 of 5'],
  [1, '4 of 5'],
  [1000, '4 of 5'],
  [1001, '3 of 5'],
  [4000, '1 of 5'],
  [4001, '0 of 5'],
  [4999, '0 of 5'],
  [5000, '0 of 5'],
  [5001, '0 of 5'],
  [5999, '0 of 5'],
  [6000, '-1 of 5'],
  [6999, '-1 of 5'],
  [7000, '-2 of 5'],
  [7999, '-2 of 5'],
  [8000, '-1 of 0'],
])('TTL-01, TTL-02, TTL-03: %i ms after a grant of 5 s', (at, expected) => {
  const rig = new Rig({}, { firstTurn: instant(8000) });
  rig.grant(1n, 5);
  rig.advanceTo(at);
  expect(rig.ttl(1n)).toBe(expected);
});

test('TTL-03: an unknown lease and 0 have a TTL of -1 of 0', () => {
  const rig = new Rig();
  expect(rig.send({ kind: 'timeToLive', id: 0n, keys: true })).toEqual({
    kind: 'remainingTtl',
    revision: 1,
    id: 0n,
    ttl: -1,
    grantedTtl: 0,
    keys: [],
  });
});

test('TTL-04: keys are only told when asked for', () => {
  const rig = new Rig();
  rig.grant(1n, 5);
  rig.put('b', 'v', 1n);
  rig.put('a', 'v', 1n);
  expect(rig.ttl(1n)).toBe('5 of 5 b,a');
  const silent = rig.send({ kind: 'timeToLive', id: 1n, keys: false });
  expect(silent).toMatchObject({ keys: [] });
});

test('LIST-02, LIST-03: all leases, soonest due first, the overdue ones too', () => {
  const rig = new Rig({}, { firstTurn: instant(4000) });
  for (const [id, ttl] of [
    [5n, 9],
    [4n, 3],
    [3n, 2],
    [2n, 7],
    [1n, 7],
  ] as const) {
    rig.grant(id, ttl);
  }
  expect(rig.leases()).toBe('3 4 2 1 5');
  rig.advanceTo(2000);
  expect(rig.leases()).toBe('3 4 2 1 5');
  rig.keepAlive(4n);
  expect(rig.leases()).toBe('3 4 2 1 5');
  rig.advanceTo(2500);
  rig.keepAlive(2n);
  expect(rig.leases()).toBe('3 4 1 5 2');
});
