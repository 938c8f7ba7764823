/** Watches, as etcd 3.4.23, 3.5.16, 3.5.30, 3.6.16 and 3.7.3 served them. */
import { expect, test } from 'vitest';
import { asBytes } from '../../src/api/bytes.ts';
import { del, KvDriver, put, txn, watch } from './kv-driver.ts';

const K = asBytes('k');
const L = asBytes('l');
const progress = { kind: 'watchProgress', stream: 1 } as const;
const cancel = (id: bigint) => ({ kind: 'cancelWatch', stream: 1, watch: id }) as const;
const compact = (of: bigint) => ({ kind: 'compact', revision: of, physical: true }) as const;

/** Revisions 2 to 6: k1=a, k2=b on lease 5, k1=c, k2 deleted, k2=d. */
const server = (etcd: '3.4' | '3.5' | '3.6' | '3.7' = '3.5'): KvDriver => {
  const driver = new KvDriver(etcd);
  driver.grant(5n);
  driver.ask(put('k1', 'a'));
  driver.ask(put('k2', 'b', { lease: 5n }));
  driver.ask(put('k1', 'c'));
  driver.ask(del('k2'));
  driver.ask(put('k2', 'd'));
  return driver;
};

test('KV-25: ids are counted from 0, and those in use passed over', () => {
  const driver = new KvDriver();
  const ids = [0n, 2n, 0n, 0n, 2n, -7n].map((id) => driver.ask(watch({ watch: id })));
  const created = (id: number) => `watchCreated ${id} @1`;
  expect(ids).toEqual([0, 2, 1, 3].map(created).concat('watch-id-in-use', created(-7)));
  expect(driver.ask(cancel(1n))).toBe('watchCanceled 1 @1');
  expect(driver.ask(watch())).toBe(created(4));
  expect(driver.ask(watch({ watch: 1n }))).toBe(created(1));
  expect(driver.ask(watch({ stream: 2 }))).toBe(created(0));
});

test('KV-24: a range that is empty is refused first', () => {
  const driver = new KvDriver();
  driver.ask(watch({ watch: 2n }));
  expect(driver.ask(watch({ watch: 2n, key: L, rangeEnd: K }))).toBe('empty-range');
  expect(driver.ask(watch({ key: K, rangeEnd: K }))).toBe('empty-range');
  expect(driver.ask(watch())).toBe('watchCreated 0 @1');
});

test.each([
  [
    { prevKv: true },
    'put k1=a@2, put k2=b@3:5, put k1=c@4 was k1=a@2, delete k2@5 was k2=b@3:5, put k2=d@6',
  ],
  [{}, 'put k1=a@2, put k2=b@3:5, put k1=c@4, delete k2@5, put k2=d@6'],
  [{ noPut: true }, 'delete k2@5'],
  [{ noDelete: true }, 'put k1=a@2, put k2=b@3:5, put k1=c@4, put k2=d@6'],
  [{ noPut: true, noDelete: true }, ''],
  [{ key: asBytes('k1'), rangeEnd: asBytes('') }, 'put k1=a@2, put k1=c@4'],
  [{ key: asBytes('k2'), rangeEnd: asBytes('k3') }, 'put k2=b@3:5, delete k2@5, put k2=d@6'],
  [{ startRevision: 5n }, 'delete k2@5, put k2=d@6'],
  [{ startRevision: 6n }, 'put k2=d@6'],
  [{ startRevision: 7n }, ''],
])('KV-23, KV-24: what is caught up with: %#', (asked, events) => {
  const driver = server();
  driver.ask(watch({ startRevision: 1n, ...asked }));
  const found = driver.delivered.map((delivery) => delivery.replace('1.0 @6: ', ''));
  expect(found.join(', ')).toBe(events);
});

test('KV-22, KV-13: the events of a transaction in its order, with what was there before', () => {
  const driver = server();
  driver.ask(watch({ prevKv: true }));
  driver.ask(txn([put('k1', 'e'), del('k2'), put('k3'), txn([put('k0')])]));
  expect(driver.delivered).toEqual([
    '1.0 @7: put k1=e@7 was k1=c@4, delete k2@7 was k2=d@6, put k3@7, put k0@7',
  ]);
  driver.ask(txn([txn([put('t', '1')]), txn([del('t')])]));
  expect(driver.delivered).toEqual(['1.0 @8: put t=1@8, delete t@8']);
});

test('KV-22: leases that go in one turn make a delivery each', () => {
  const driver = server();
  driver.grant(6n);
  driver.ask(txn([put('y', '', { lease: 6n }), put('x', '', { lease: 6n })]));
  driver.ask(put('k2', '', { lease: 5n }));
  driver.ask(watch());
  driver.ask({ kind: 'turn', revoked: [5n, 6n] } as never);
  expect(driver.delivered).toEqual(['1.0 @9: delete k2@9', '1.0 @10: delete x@10, delete y@10']);
});

test('KV-23: a watch of the future waits for it', () => {
  const driver = new KvDriver();
  driver.ask(watch({ startRevision: 3n }));
  driver.ask(put('a'));
  expect(driver.delivered).toEqual([]);
  driver.ask(put('a'));
  expect(driver.delivered).toEqual(['1.0 @3: put a@3']);
});

test.each(['3.5', '3.6', '3.7'] as const)('KV-23: a negative start is refused by %s', (etcd) => {
  const driver = server(etcd);
  expect(driver.ask(watch({ startRevision: -1n, rangeEnd: K, key: L }))).toBe('compacted');
  expect(driver.ask(watch())).toBe('watchCreated 0 @6');
});

test('KV-23: 3.4 takes -1 for the next one until the first compaction', () => {
  const driver = server('3.4');
  driver.ask(watch({ startRevision: -1n }));
  expect(driver.delivered).toEqual([]);
  driver.ask(watch({ startRevision: -9n }));
  expect(driver.delivered).toEqual(['1.1 @0: ended by -1']);
  driver.ask(put('a'));
  expect(driver.delivered).toEqual(['1.0 @7: put a@7']);
  driver.ask(compact(3n));
  driver.ask(watch({ startRevision: -1n }));
  expect(driver.delivered).toEqual(['1.2 @0: ended by 3']);
});

test('KV-17: a compacted start ends the watch, whose id stays in use', () => {
  const driver = server();
  driver.ask(compact(5n));
  expect(driver.ask(watch({ startRevision: 4n }))).toBe('watchCreated 0 @6');
  expect(driver.delivered).toEqual(['1.0 @0: ended by 5']);
  driver.ask(put('a'));
  expect(driver.delivered).toEqual([]);
  expect(driver.ask(watch())).toBe('watchCreated 1 @7');
  expect(driver.ask(progress)).toBe('silent');
  expect(driver.ask(cancel(0n))).toBe('watchCanceled 0 @7');
  expect(driver.ask(cancel(0n))).toBe('silent');
  expect(driver.ask(progress)).toBe('progress @7');
});

test.each([
  ['3.4', ['put k2=d@6']],
  ['3.5', ['delete k2@5', 'put k2=d@6']],
  ['3.7', ['delete k2@5', 'put k2=d@6']],
] as const)('KV-20: from a compacted deletion %s delivers %j', (etcd, events) => {
  const driver = server(etcd);
  driver.ask(compact(5n));
  driver.ask(watch({ startRevision: 5n, prevKv: true }));
  expect(driver.delivered).toEqual(events.map((event) => `1.0 @6: ${event}`));
});

test('KV-20: from a compacted put there is no previous value', () => {
  const driver = server();
  driver.ask(put('k1', 'e'));
  driver.ask(put('k1', 'f'));
  driver.ask(compact(7n));
  driver.ask(watch({ startRevision: 7n, prevKv: true }));
  expect(driver.delivered).toEqual(['1.0 @8: put k1=e@7', '1.0 @8: put k1=f@8 was k1=e@7']);
});

test('KV-26: what is cancelled delivers no more, and what is not there has no answer', () => {
  const driver = new KvDriver();
  driver.ask(watch());
  expect(driver.ask(cancel(9n))).toBe('silent');
  expect(driver.ask(cancel(0n))).toBe('watchCanceled 0 @1');
  driver.ask(put('a'));
  expect(driver.delivered).toEqual([]);
});

test.each([
  ['3.4', 'progress @1', 'progress @1'],
  ['3.5', 'silent', 'silent'],
  ['3.6', 'silent', 'silent'],
  ['3.7', 'silent', 'silent'],
] as const)('KV-27: without a watch %s is %s, with one to come %s', (etcd, none, toCome) => {
  const driver = new KvDriver(etcd);
  expect(driver.ask(progress)).toBe(none);
  driver.ask(watch());
  expect(driver.ask(progress)).toBe('progress @1');
  driver.ask(watch({ startRevision: 2n }));
  expect(driver.ask(progress)).toBe(toCome);
  driver.ask(put('a'));
  expect(driver.ask(progress)).toBe('progress @2');
});
