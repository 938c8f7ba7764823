import { expect, test } from 'vitest';
import { asBytes, FROM_KEY } from '../../src/api/bytes.ts';
import { Rig } from './rig.ts';

const withLeases = (): Rig => {
  const rig = new Rig();
  rig.grant(1n, 60);
  rig.grant(2n, 60);
  return rig;
};

test('KV-01: a put attaches, and an unknown lease is refused without a revision', () => {
  const rig = withLeases();
  expect(rig.put('k', 'v', 1n)).toBe('putDone @2');
  expect(rig.range('k')).toBe('k=v/1/2/2/1');
  expect(rig.put('k', 'w', 9n)).toBe('lease-not-found');
  expect(rig.put('k', 'w', -9n)).toBe('lease-not-found');
  expect(rig.range('k')).toBe('k=v/1/2/2/1');
  expect(rig.simulator.revision).toBe(2);
});

test('KV-02: a put moves a key, keeps it, or detaches it', () => {
  const rig = withLeases();
  rig.put('k', 'v', 1n);
  rig.put('k', 'v', 1n);
  expect(rig.ttl(1n)).toBe('60 of 60 k');
  rig.put('k', 'v', 2n);
  expect([rig.ttl(1n), rig.ttl(2n)]).toEqual(['60 of 60', '60 of 60 k']);
  rig.put('k', 'v');
  expect([rig.ttl(1n), rig.ttl(2n)]).toEqual(['60 of 60', '60 of 60']);
  rig.revoke(1n);
  rig.revoke(2n);
  expect(rig.range('k')).toBe('k=v/0/2/5/4');
});

test('KV-02: a put never touches the deadline of a lease', () => {
  const rig = withLeases();
  rig.advanceTo(10_000);
  rig.put('k', 'v', 1n);
  expect(rig.ttl(1n)).toBe('50 of 60 k');
});

test('KV-03: ignore_lease keeps the lease, and 0 stays 0', () => {
  const rig = withLeases();
  rig.put('k', 'v', 1n);
  rig.put('l', 'v');
  rig.put('k', 'w', 0n, { ignoreLease: true });
  rig.put('l', 'w', 0n, { ignoreLease: true });
  expect(rig.range('k', 'm')).toBe('k=w/1/2/4/2 l=w/0/3/5/2');
  expect(rig.ttl(1n)).toBe('60 of 60 k');
});

test('KV-04: ignore_value keeps the value and applies the lease', () => {
  const rig = withLeases();
  rig.put('k', 'v', 1n);
  rig.put('k', '', 2n, { ignoreValue: true });
  expect(rig.range('k')).toBe('k=v/2/2/3/2');
  rig.put('k', '', 0n, { ignoreValue: true });
  expect(rig.range('k')).toBe('k=v/0/2/4/3');
  expect([rig.ttl(1n), rig.ttl(2n)]).toEqual(['60 of 60', '60 of 60']);
  rig.put('k', '', 1n, { ignoreValue: true });
  rig.put('k', '', 0n, { ignoreValue: true, ignoreLease: true });
  expect(rig.range('k')).toBe('k=v/1/2/6/5');
});

const BOTH = { ignoreValue: true, ignoreLease: true };
test.each([
  // key, value, lease, flags, reason
  ['', 'v', 9n, BOTH, 'key-empty'],
  ['k', 'v', 9n, BOTH, 'value-provided'],
  ['k', '', 9n, BOTH, 'lease-provided'],
  ['k', '', 9n, { ignoreValue: true }, 'lease-not-found'],
  ['k', 'v', 1n, { ignoreLease: true }, 'lease-provided'],
  ['k', '', 1n, { ignoreValue: true }, 'key-not-found'],
  ['k', 'v', 0n, { ignoreLease: true }, 'key-not-found'],
  ['k', '', 0n, BOTH, 'key-not-found'],
  ['', 'v', 9n, {}, 'key-empty'],
])('KV-05: put %j value %j lease %i %j is refused: %s', (key, value, lease, flags, reason) => {
  const rig = withLeases();
  expect(rig.put(key, value, lease, flags)).toBe(reason);
  expect(rig.simulator.revision).toBe(1);
  expect(rig.log.filter((line) => line.includes('put'))).toEqual([]);
});

test('KV-05: an empty key is refused for range and delete', () => {
  const rig = new Rig();
  expect(rig.range('')).toBe('key-empty');
  expect(rig.range('', '\0')).toBe('key-empty');
  expect(rig.delete('')).toBe('key-empty');
  expect(rig.delete('', FROM_KEY)).toBe('key-empty');
});

test('KV-06: a delete detaches, and the lease stays', () => {
  const rig = withLeases();
  for (const key of ['c', 'a', 'b']) rig.put(key, 'v', 1n);
  rig.log.length = 0;
  expect(rig.delete('a', asBytes('c'))).toBe('deleted 2 @5');
  expect(rig.log).toEqual(['5: delete a, delete b', 'answer 6']);
  expect(rig.ttl(1n)).toBe('60 of 60 c');
  rig.put('a', 'again');
  rig.revoke(1n);
  expect(rig.range('\0', '\0')).toBe('a=again/0/6/6/1');
});

test('KV-06: to delete nothing takes no revision and makes no event', () => {
  const rig = new Rig();
  rig.put('k');
  rig.log.length = 0;
  expect(rig.delete('l')).toBe('deleted 0 @2');
  expect(rig.delete('l', FROM_KEY)).toBe('deleted 0 @2');
  expect(rig.delete('z', asBytes('a'))).toBe('deleted 0 @2');
  expect(rig.log).toEqual(['answer 2', 'answer 3', 'answer 4']);
});

test.each([
  ['a', '', 'a'],
  ['x', '', ''],
  ['a', 'b', 'a aa'],
  ['a', 'a', ''],
  ['aa', 'c', 'aa b'],
  ['aa', '\0', 'aa b c'],
  ['z', '\0', ''],
  ['b', 'a', ''],
  ['\0', '\0', 'B a aa b c'],
])('KV-12: the range from %j to %j', (key, rangeEnd, expected) => {
  const rig = new Rig();
  for (const put of ['c', 'a', 'b', 'aa', 'B']) rig.put(put);
  const keys = rig.range(key, rangeEnd).replaceAll(/=\S*/g, '');
  expect(keys).toBe(expected);
});

test('KV-13: prev_kv is what was before, with its lease, for those who ask', () => {
  const rig = withLeases();
  const put = { kind: 'put', key: asBytes('k'), ignoreLease: false, ignoreValue: false } as const;
  const first = { ...put, value: asBytes('v'), lease: 1n, prevKv: true };
  expect(rig.send(first)).toEqual({ kind: 'putDone', revision: 2, prevKv: null });
  const kv = { key: 'k', value: 'v', createRevision: 2, modRevision: 2, version: 1, lease: 1n };
  const second = { ...put, value: asBytes('w'), lease: 2n, prevKv: true };
  expect(rig.send(second)).toEqual({ kind: 'putDone', revision: 3, prevKv: kv });
  const third = { ...second, prevKv: false };
  expect(rig.send(third)).toEqual({ kind: 'putDone', revision: 4, prevKv: null });
  const del = { kind: 'deleteRange', key: asBytes('k'), rangeEnd: asBytes('') } as const;
  expect(rig.send({ ...del, prevKv: true })).toEqual({
    kind: 'deleted',
    revision: 5,
    deleted: 1,
    prevKvs: [{ ...kv, value: 'w', modRevision: 4, version: 3, lease: 2n }],
  });
  rig.put('k');
  expect(rig.send({ ...del, prevKv: false })).toMatchObject({ deleted: 1, prevKvs: [] });
});

test('KV-13: a put event carries the new lease, and the old one in prev_kv', () => {
  const leases: unknown[] = [];
  const rig = new Rig(
    {},
    { onWatch: (_, [event]) => leases.push([event?.prevKv?.lease, event?.kv.lease]) },
  );
  rig.grant(1n, 60);
  rig.grant(2n, 60);
  rig.put('k', 'v', 1n);
  rig.put('k', 'v', 2n);
  rig.put('k', 'v');
  expect(leases).toEqual([
    [undefined, 1n],
    [1n, 2n],
    [2n, 0n],
  ]);
});
