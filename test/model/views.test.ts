/** Views of ranges, old revisions and compaction, as etcd 3.4.23, 3.5.30 and 3.7.3 showed them. */
import { expect, test } from 'vitest';
import { asBytes } from '../../src/api/bytes.ts';
import type { RangeView } from '../../src/api/command.ts';
import type { RangeResult } from '../../src/api/response.ts';
import { matches } from '../../src/model/index.ts';
import { KvDriver, put, range, txn, watch, wordedKv } from './kv-driver.ts';
import { revision } from '../../src/api/units.ts';

/** At revision 9, b on a lease: a=9 (8), b=1 (9), c=2 (7), d=1 (5), e=5 (6). */
const server = (etcd: '3.4' | '3.5' | '3.6' | '3.7' = '3.5'): KvDriver => {
  const driver = new KvDriver(etcd);
  for (const [key, value] of ['a3', 'b1', 'c2', 'd1', 'e5', 'c2', 'a9']) {
    driver.ask(put(key as string, value));
  }
  driver.grant(77n);
  driver.ask(put('b', '1', { lease: 77n }));
  return driver;
};

const [a, b, c, d, e] = ['a=9@8', 'b=1@9:77', 'c=2@7', 'd=1@5', 'e=5@6'];

test.each<[Partial<RangeView>, string]>([
  [{}, `${a} ${b} ${c} ${d} ${e}`],
  [{ limit: 2n }, `${a} ${b} …`],
  [{ limit: 5n }, `${a} ${b} ${c} ${d} ${e}`],
  [{ limit: -1n }, `${a} ${b} ${c} ${d} ${e}`],
  [{ limit: 2n, sortTarget: 'value' }, `${b} ${c} …`],
  [{ limit: 3n, sortTarget: 'value' }, `${b} ${d} ${c} …`],
  [{ sortTarget: 'value' }, `${b} ${d} ${c} ${e} ${a}`],
  [{ limit: 2n, sortTarget: 'mod' }, `${c} ${a} …`],
  [{ limit: 2n, sortTarget: 'value', sortOrder: 'ascend' }, `${b} ${d} …`],
  [{ sortTarget: 'value', sortOrder: 'descend' }, `${a} ${e} ${c} ${b} ${d}`],
  [{ limit: 2n, sortTarget: 'key', sortOrder: 'descend' }, `${e} ${d} …`],
  [{ sortTarget: 'version', sortOrder: 'descend' }, `${a} ${b} ${c} ${d} ${e}`],
  [{ sortTarget: 'version', sortOrder: 'ascend' }, `${d} ${e} ${a} ${b} ${c}`],
  [{ sortTarget: 'create', sortOrder: 'descend' }, `${e} ${d} ${c} ${b} ${a}`],
  [{ countOnly: true, limit: 2n, minModRevision: 5n }, 'none'],
  [{ minModRevision: 5n }, `${a} ${b} ${c} ${d} ${e}`],
  [{ maxModRevision: 5n }, d],
  [{ minModRevision: 5n, limit: 1n }, `${a} …`],
  [{ maxModRevision: 5n, limit: 2n }, d],
  [{ minCreateRevision: 4n }, `${c} ${d} ${e}`],
  [{ maxCreateRevision: 4n }, `${a} ${b} ${c}`],
  [{ minModRevision: -1n }, `${a} ${b} ${c} ${d} ${e}`],
  [{ maxModRevision: -1n }, 'none'],
])('KV-18: %#', (view, shown) => {
  expect(server().ask(range('a', 'f', view))).toBe(`${shown} of 5 @9`);
});

test.each([
  ['3.6', {}, 'a@8 b@9:77 c@7 d@5 e@6'],
  ['3.7', {}, 'a@8 b@9 c@7 d@5 e@6'],
  ['3.7', { sortTarget: 'value' }, 'b@9:77 d@5 c@7 e@6 a@8'],
  ['3.7', { sortTarget: 'mod', sortOrder: 'descend' }, 'b@9 a@8 c@7 e@6 d@5'],
] as const)('KV-12: keys alone in %s: %#', (etcd, view, shown) => {
  const given = range('a', 'f', { keysOnly: true, ...view });
  expect(server(etcd).ask(given)).toBe(`${shown} of 5 @9`);
  expect(server(etcd).ask(txn([given]))).toBe(`then [${shown} of 5 @9] @9`);
});

test('KV-19: a revision shows the keys as they were', () => {
  const driver = server();
  const shown = (of: bigint) => driver.ask(range('a', 'f', { revision: of }));
  expect(shown(1n)).toBe('none of 0 @9');
  expect(shown(5n)).toBe('a=3@2 b=1@3 c=2@4 d=1@5 of 4 @9');
  expect(shown(-9n)).toBe(`${a} ${b} ${c} ${d} ${e} of 5 @9`);
  expect(shown(10n)).toBe('future-revision');
  expect(driver.ask(range('', '', { revision: 10n }))).toBe('key-empty');
});

test('REVOKE-06: the past still has the lease, and a put begins anew', () => {
  const driver = server();
  driver.ask({ kind: 'revoke', id: 77n });
  expect(driver.ask(range('b'))).toBe('none of 0 @10');
  expect(driver.ask(range('b', '', { revision: 9n }))).toBe(`${b} of 1 @10`);
  expect(driver.rules).toContain('REVOKE-06');
  driver.ask(put('b'));
  expect(driver.state.kvs.find(asBytes('b'))).toMatchObject({ version: 1, createRevision: 11 });
});

test('KV-20: a compaction goes forward, and not beyond the present', () => {
  const driver = server();
  const compact = (of: bigint) => driver.ask({ kind: 'compact', revision: of, physical: false });
  expect(compact(-1n)).toBe('compacted');
  expect(compact(0n)).toBe('compacted @9');
  expect(compact(0n)).toBe('compacted');
  expect(compact(5n)).toBe('compacted @9');
  expect(compact(5n)).toBe('compacted');
  expect(compact(10n)).toBe('future-revision');
  expect(driver.ask(range('a', '', { revision: 4n }))).toBe('compacted');
  expect(driver.ask(range('a', '', { revision: 5n }))).toBe('a=3@2 of 1 @9');
  expect(driver.ask(range('a', '', { revision: -1n }))).toBe(`${a} of 1 @9`);
  expect(driver.ask(txn([range('a', '', { revision: -1n })]))).toBe('compacted');
  expect(compact(9n)).toBe('compacted @9');
  expect(driver.ask(range('a', 'f', { revision: 9n }))).toBe(`${a} ${b} ${c} ${d} ${e} of 5 @9`);
});

test('KV-14: keys and attachments stay', () => {
  const driver = server();
  driver.ask({ kind: 'compact', revision: 9n, physical: true });
  driver.ask(watch());
  driver.ask({ kind: 'revoke', id: 77n });
  expect(driver.delivered).toEqual(['1.0 @10: delete b@10']);
});

test('KV-18: of more than 12 keys, those that are equal may stand in any order', () => {
  const driver = new KvDriver();
  for (let index = 0; index < 14; index += 1) {
    driver.ask(put(`s${String.fromCharCode(97 + index)}`, index === 0 ? 'y' : 'x'));
  }
  driver.ask(put('sa', 'y'));
  const keys = driver.state.kvs.all();
  const result = (kvs: typeof keys, more = false): RangeResult => ({
    kind: 'rangeResult',
    revision: revision(16),
    kvs,
    more,
    count: 14,
  });
  const allowed = (predicted: typeof keys, observed: typeof keys, more = false): boolean =>
    matches(driver.state, result(predicted, more), result(observed, more));
  // By value or version, the one that differs last.
  const sorted = [...keys.slice(1), ...keys.slice(0, 1)];
  const swapped = [...sorted.slice(1, 3), ...sorted.slice(0, 1), ...sorted.slice(3)];
  expect(allowed(sorted, swapped)).toBe(true);
  expect(allowed(sorted, sorted.with(0, sorted.at(1) as never))).toBe(false);
  expect(allowed(sorted, sorted.toReversed())).toBe(false);
  expect(allowed(sorted.slice(0, 3), sorted.slice(4, 7), true)).toBe(true);
  expect(allowed(sorted.slice(0, 3), sorted.slice(4, 7))).toBe(false);
  const few = { ...result(sorted), count: 12 };
  expect(matches(driver.state, few, { ...few, kvs: swapped })).toBe(false);
  expect(wordedKv(sorted[0] as never)).toBe('sb=x@3');
});
