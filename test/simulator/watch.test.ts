import { expect, test } from 'vitest';
import { asBytes } from '../../src/api/bytes.ts';
import { MINOR_VERSIONS, type MinorVersion } from '../../src/api/config.ts';
import { Rig } from './rig.ts';

const cancel = (rig: Rig, watch: bigint, stream = 1): string =>
  rig.send({ kind: 'cancelWatch', stream, watch })?.kind ?? 'silence';

const progress = (rig: Rig, stream = 1): string => {
  const response = rig.send({ kind: 'watchProgress', stream });
  return response?.kind === 'progress' ? `@${response.revision}` : 'silence';
};

test('REVOKE-05: a watch gets one delivery a revision, with all of a revoke in it', () => {
  const rig = new Rig();
  expect(rig.watch('k', '')).toBe('watch 0 @1');
  expect(rig.watch('j', 'l', { prevKv: true })).toBe('watch 1 @1');
  expect(rig.watch('\0', '\0', { stream: 2 })).toBe('watch 0 @1');
  rig.grant(1n, 60);
  rig.put('k', '1', 1n);
  rig.put('j', '2', 1n);
  rig.put('l', '3', 1n);
  expect(rig.delivered()).toEqual([
    '1.0 @2 put k=1@2',
    '1.1 @2 put k=1@2',
    '2.0 @2 put k=1@2',
    '1.1 @3 put j=2@3',
    '2.0 @3 put j=2@3',
    '2.0 @4 put l=3@4',
  ]);
  rig.revoke(1n);
  expect(rig.delivered()).toEqual([
    '1.0 @5 delete k@5',
    '1.1 @5 delete j@5<2, delete k@5<1',
    '2.0 @5 delete j@5, delete k@5, delete l@5',
  ]);
});

test('EXP-08: a watch sees an expiry as it sees a revoke', () => {
  const rig = new Rig();
  rig.watch('k', '', { prevKv: true });
  rig.grant(1n, 2);
  rig.put('k', '1', 1n);
  rig.advanceTo(2000);
  expect(rig.delivered()).toEqual(['1.0 @2 put k=1@2', '1.0 @3 delete k@3<1']);
});

test.each([
  ['k', '', 'k'],
  ['k', 'l', 'k ka'],
  ['k', 'ka', 'k'],
  ['ka', '\0', 'ka l'],
  ['', '', '\0'],
  ['', '\0', '\0 k ka l'],
  ['', 'k', '\0'],
])('a watch of %j to %j sees %j', (key, rangeEnd, expected) => {
  const rig = new Rig();
  rig.watch(key, rangeEnd);
  for (const put of ['\0', 'k', 'ka', 'l']) rig.put(put);
  const keys = rig.delivered().map((line) => line.replace(/^.* put (.*)=v@.*$/, '$1'));
  expect(keys.join(' ')).toBe(expected);
});

test('a watch leaves out puts or deletes when it asked for that', () => {
  const rig = new Rig();
  rig.watch('\0', '\0', { noPut: true });
  rig.watch('\0', '\0', { noDelete: true });
  rig.watch('\0', '\0', { noDelete: true, noPut: true });
  rig.put('k');
  rig.delete('k');
  expect(rig.delivered()).toEqual(['1.1 @2 put k=v@2', '1.0 @3 delete k@3']);
});

test('watch ids count from 0 on each stream, past those in use, and none comes twice', () => {
  const rig = new Rig();
  expect(rig.watch('k', '')).toBe('watch 0 @1');
  expect(rig.watch('k', '', { watch: 1n })).toBe('watch 1 @1');
  expect(rig.watch('k', '', { watch: 1n })).toBe('watch-id-in-use');
  expect(rig.watch('k', '', { watch: -7n })).toBe('watch -7 @1');
  expect(rig.watch('k', '')).toBe('watch 2 @1');
  expect(rig.watch('k', '', { stream: 2 })).toBe('watch 0 @1');
  expect(cancel(rig, 2n)).toBe('watchCanceled');
  expect(rig.watch('k', '')).toBe('watch 3 @1');
  expect(cancel(rig, 1n)).toBe('watchCanceled');
  expect(rig.watch('k', '', { watch: 1n })).toBe('watch 1 @1');
});

test.each([
  ['k', 'k', 'empty-range'],
  ['k', 'j', 'empty-range'],
  ['', '\0', 'watch 0 @1'],
])('a watch of %j to %j: %s', (key, rangeEnd, expected) => {
  expect(new Rig().watch(key, rangeEnd)).toBe(expected);
});

test('a canceled watch gets nothing more, and one that is not there has no answer', () => {
  const rig = new Rig();
  rig.watch('k', '');
  rig.put('k');
  expect([cancel(rig, 0n), cancel(rig, 0n), cancel(rig, 9n), cancel(rig, 0n, 2)]).toEqual([
    'watchCanceled',
    'silence',
    'silence',
    'silence',
  ]);
  rig.put('k');
  expect(rig.delivered()).toEqual(['1.0 @2 put k=v@2']);
  expect(rig.simulator.status).toMatchObject({ watches: 0, watchStreams: 1 });
});

/** a put at 2 and 4, deleted at 5; b put at 3; both put at 6 in one transaction. */
const withPast = (etcd: MinorVersion = '3.5'): Rig => {
  const rig = new Rig({ etcd });
  rig.put('a', '1');
  rig.put('b', '1');
  rig.put('a', '2');
  rig.delete('a');
  const put = { kind: 'put', value: asBytes('3'), lease: 0n, prevKv: false } as const;
  const flags = { ignoreLease: false, ignoreValue: false } as const;
  const success = [
    { ...put, ...flags, key: asBytes('b') },
    { ...put, ...flags, key: asBytes('a') },
  ];
  rig.send({ kind: 'txn', compares: [], success, failure: [] });
  return rig;
};

const PAST = [
  '1.0 @6 put a=1@2',
  '1.0 @6 put b=1@3',
  '1.0 @6 put a=2@4<1',
  '1.0 @6 delete a@5<2',
  '1.0 @6 put b=3@6<1, put a=3@6',
];

test.each([1, 2, 3, 4, 5, 6, 7])('a watch from revision %i is caught up at once', (start) => {
  const rig = withPast();
  rig.watch('a', 'c', { startRevision: BigInt(start), prevKv: true });
  expect(rig.delivered()).toEqual(PAST.slice(Math.max(start, 2) - 2));
  rig.put('a', '4');
  expect(rig.delivered()).toEqual(['1.0 @7 put a=4@7<3']);
});

test('a watch of one key from the past sees that key', () => {
  const rig = withPast();
  rig.watch('a', '', { startRevision: 3n });
  rig.watch('b', '', { startRevision: 4n, prevKv: true, noDelete: true });
  expect(rig.delivered()).toEqual([
    '1.0 @6 put a=2@4',
    '1.0 @6 delete a@5',
    '1.0 @6 put a=3@6',
    '1.1 @6 put b=3@6<1',
  ]);
});

test('a watch from a future revision gets nothing before it', () => {
  const rig = withPast();
  rig.watch('a', '', { startRevision: 9n });
  rig.put('a', '7');
  rig.put('a', '8');
  rig.put('a', '9');
  expect(rig.delivered()).toEqual(['1.0 @9 put a=9@9']);
});

test('KV-17: a start below the compacted revision ends the watch, with revision 0', () => {
  const rig = withPast();
  rig.compact(4);
  expect(rig.watch('a', '', { startRevision: 3n })).toBe('watch 0 @6');
  expect(rig.delivered()).toEqual(['1.0 @0 compacted 4']);
  rig.put('a', '4');
  expect(rig.delivered()).toEqual([]);
  expect(rig.simulator.status.watches).toBe(0);
  // Its id is in use until the client cancels it.
  expect(rig.watch('a', '', { watch: 5n, startRevision: 1n })).toBe('watch 5 @7');
  expect(rig.watch('a', '', { watch: 5n })).toBe('watch-id-in-use');
  expect(cancel(rig, 5n)).toBe('watchCanceled');
  expect(rig.watch('a', '', { watch: 5n })).toBe('watch 5 @7');
});

test.each([
  ['3.4', []],
  ['3.5', ['1.0 @6 delete a@5']],
  ['3.7', ['1.0 @6 delete a@5']],
] as const)('KV-17: a deletion at the compacted revision, in %s', (etcd, seen) => {
  const rig = withPast(etcd);
  rig.compact(5);
  rig.watch('a', '', { startRevision: 5n, prevKv: true });
  expect(rig.delivered()).toEqual([...seen, '1.0 @6 put a=3@6']);
});

test('KV-13: what was before the compacted revision is missing in prev_kv', () => {
  const rig = withPast();
  rig.compact(6);
  rig.watch('a', 'c', { startRevision: 6n, prevKv: true });
  rig.put('b', '7');
  expect(rig.delivered()).toEqual(['1.0 @6 put b=3@6, put a=3@6', '1.0 @7 put b=7@7<3']);
});

test.each(MINOR_VERSIONS)('a negative start, in %s', (etcd) => {
  const rig = withPast(etcd);
  const isKnown = etcd === '3.4';
  expect(rig.watch('b', '', { startRevision: -1n })).toBe(isKnown ? 'watch 0 @6' : 'compacted');
  rig.put('b', '7');
  expect(rig.delivered()).toEqual(isKnown ? ['1.0 @7 put b=7@7'] : []);
  rig.watch('b', '', { startRevision: -2n });
  expect(rig.delivered()).toEqual(isKnown ? ['1.1 @0 compacted -1'] : []);
  rig.compact(3);
  rig.watch('b', '', { startRevision: -1n });
  expect(rig.delivered()).toEqual(isKnown ? ['1.2 @0 compacted 3'] : []);
});

test.each(MINOR_VERSIONS)('progress, in %s', (etcd) => {
  const rig = withPast(etcd);
  const unless = etcd === '3.4' ? '@6' : 'silence';
  expect(progress(rig)).toBe(unless);
  rig.watch('a', '');
  expect(progress(rig)).toBe('@6');
  expect(progress(rig, 2)).toBe(unless);
  rig.watch('a', '', { startRevision: 7n });
  expect(progress(rig)).toBe(unless);
  rig.put('x');
  expect(progress(rig)).toBe('@7');
  rig.compact(7);
  rig.watch('a', '', { startRevision: 2n });
  expect(progress(rig)).toBe(etcd === '3.4' ? '@7' : 'silence');
  cancel(rig, 2n);
  expect(progress(rig)).toBe('@7');
});

test('a put and its deletion in one transaction are shown against what was before', () => {
  const rig = withPast();
  rig.watch('a', '', { prevKv: true });
  const key = asBytes('a');
  const rangeEnd = asBytes('');
  const put = { kind: 'put', key, value: asBytes('x'), lease: 0n, prevKv: false } as const;
  const inside = { kind: 'txn', compares: [], failure: [] } as const;
  rig.send({
    ...inside,
    success: [
      { ...inside, success: [{ ...put, ignoreLease: false, ignoreValue: false }] },
      { ...inside, success: [{ kind: 'deleteRange', key, rangeEnd, prevKv: false }] },
    ],
  });
  const seen = ' put a=x@7<3, delete a@7<3';
  expect(rig.delivered()).toEqual([`1.0 @7${seen}`]);
  rig.watch('a', '', { startRevision: 7n, prevKv: true });
  expect(rig.delivered()).toEqual([`1.1 @7${seen}`]);
});
