import { expect, test } from 'vitest';
import { asBytes } from '../../src/api/bytes.ts';
import type { MinorVersion } from '../../src/api/config.ts';
import { Rig } from './rig.ts';

/** a put at 2 and 4, deleted at 6; b put at 3 and 5, with a lease. */
const withPast = (etcd: MinorVersion = '3.5'): Rig => {
  const rig = new Rig({ etcd });
  rig.grant(1n, 60);
  rig.put('a', '1');
  rig.put('b', '1', 1n);
  rig.put('a', '2');
  rig.put('b', '2', 1n);
  rig.delete('a');
  return rig;
};

test.each([
  [1, ''],
  [2, 'a=1/0/2/2/1'],
  [3, 'a=1/0/2/2/1 b=1/1/3/3/1'],
  [4, 'a=2/0/2/4/2 b=1/1/3/3/1'],
  [5, 'a=2/0/2/4/2 b=2/1/3/5/2'],
  [6, 'b=2/1/3/5/2'],
  [7, 'future-revision'],
  [0, 'b=2/1/3/5/2'],
  [-5, 'b=2/1/3/5/2'],
])('REVOKE-06: a range at revision %i', (revision, expected) => {
  expect(withPast().range('a', '\0', { revision: BigInt(revision) })).toBe(expected);
});

test('REVOKE-06: before a revoke its keys are there with their lease', () => {
  const rig = withPast();
  rig.revoke(1n);
  expect(rig.range('b', '', { revision: 6n })).toBe('b=2/1/3/5/2');
  expect(rig.range('b', '', { revision: 7n })).toBe('');
  rig.put('b', '3');
  expect(rig.range('b', '', { revision: 8n })).toBe('b=3/0/8/8/1');
  expect(rig.range('b', '', { revision: 6n })).toBe('b=2/1/3/5/2');
});

test('compaction: below the revision is gone, the revision itself is not', () => {
  const rig = withPast();
  expect(rig.compact(4)).toBe('compacted @6');
  expect(rig.range('a', '\0', { revision: 3n })).toBe('compacted');
  expect(rig.range('a', '\0', { revision: 4n })).toBe('a=2/0/2/4/2 b=1/1/3/3/1');
  expect(rig.range('a', '\0', { revision: 5n })).toBe('a=2/0/2/4/2 b=2/1/3/5/2');
  expect(rig.range('a', '\0', { revision: -5n })).toBe('b=2/1/3/5/2');
  expect(rig.compact(6)).toBe('compacted @6');
  expect(rig.range('a', '\0', { revision: 6n })).toBe('b=2/1/3/5/2');
  rig.put('a', '4');
  expect(rig.range('a', '\0')).toBe('a=4/0/7/7/1 b=2/1/3/5/2');
});

test.each([
  [-1, 'compacted'],
  [0, 'compacted @6'],
  [3, 'compacted @6'],
  [6, 'compacted @6'],
  [7, 'future-revision'],
])('compaction: the first, of revision %i', (revision, expected) => {
  expect(withPast().compact(revision)).toBe(expected);
});

test('compaction: what is compacted is not compacted again', () => {
  const rig = withPast();
  rig.compact(4);
  expect([rig.compact(3), rig.compact(4), rig.compact(5)]).toEqual([
    'compacted',
    'compacted',
    'compacted @6',
  ]);
});

test('KV-14: attachments survive compaction', () => {
  const rig = withPast();
  rig.compact(6);
  expect(rig.ttl(1n)).toBe('60 of 60 b');
  rig.revoke(1n);
  expect(rig.range('\0', '\0')).toBe('');
});

test('compaction gives memory back, and the state hash tells of it', () => {
  const rig = new Rig({}, { scanEvery: 1000 });
  for (let count = 0; count < 100; count += 1) rig.put('k', 'v');
  const { bytes } = rig.simulator.status;
  const before = rig.simulator.stateHash;
  rig.compact(101);
  expect(rig.simulator.status.bytes * 100).toBe(bytes);
  expect(rig.simulator.stateHash).not.toBe(before);
});

test('the history agrees with a copy of the store at each revision', () => {
  const rig = new Rig();
  const keys = ['a', 'b', 'c', 'd'];
  const copies = new Map<number, string>([[1, '']]);
  let floor = 1;
  for (let count = 0; count < 400; count += 1) {
    const key = keys[(count * 7 + (count >> 2)) % 4] as string;
    if (count % 3 === 0) rig.delete(key, count % 2 === 0 ? undefined : asBytes('d'));
    else rig.put(key, `${count}`);
    const { revision } = rig.simulator;
    copies.set(revision, rig.range('a', 'z'));
    if (count % 37 === 36) {
      floor = revision - (count % 5);
      rig.compact(floor);
    }
    if (count % 10 !== 0) continue;
    for (let past = floor; past <= revision; past += 1) {
      expect(rig.range('a', 'z', { revision: BigInt(past) })).toBe(copies.get(past));
    }
  }
});

test('HashKV is what etcd 3.6.16 and 3.7.3 answer after the same requests', () => {
  const rig = new Rig();
  for (const put of ['a2', 'b1', 'c2', 'd1', 'e2', 'a2', 'c2']) {
    rig.put(put.charAt(0), put.charAt(1));
  }
  rig.compact(1);
  rig.grant(7n, 60);
  rig.put('a', 'x', 7n);
  const hash = (revision: bigint): unknown => {
    const result = rig.simulator.hashKv(revision);
    return result.kind === 'hash' ? result.hash : result.reason;
  };
  expect([hash(0n), hash(4n)]).toEqual([3_872_819_078, 2_839_484_921]);
  rig.compact(5);
  expect([hash(0n), hash(4n), hash(10n)]).toEqual([2_918_251_911, 'compacted', 'future-revision']);
  expect(hash(-1n)).toBe(1_084_519_789);
});
