/** Transactions, as etcd 3.4.23, 3.5.16, 3.5.30, 3.6.16 and 3.7.3 answered them. */
import { describe, expect, test } from 'vitest';
import type { Compare, RequestOp } from '../../src/api/command.ts';
import { MINOR_VERSIONS } from '../../src/api/config.ts';
import { compare, compareValue, del, KvDriver, put, range, txn } from './kv-driver.ts';

const UNKNOWN = 999n;
const FUTURE = { revision: 9999n };

/** At revision 2: the key k, attached to lease 101. */
const server = (etcd = '3.5' as (typeof MINOR_VERSIONS)[number]): KvDriver => {
  const driver = new KvDriver(etcd);
  driver.grant(5n);
  driver.grant(101n);
  driver.ask(put('k', 'v', { lease: 101n }));
  return driver;
};

const many = (count: number, key = 'm'): RequestOp[] =>
  Array.from({ length: count }, (_, index) => put(`${key}${index}`));

describe.each<[string, string, RequestOp[], RequestOp[]?]>([
  ['KV-10', 'then [] @2', []],
  [
    'KV-10',
    'then [k=v@2:101 of 1 @2, put @3, n1=x@3 of 1 @3, deleted 0 @3, deleted 1 @3 was k=v@2:101] @3',
    [range('k'), put('n1', 'x', { prevKv: true }), range('n', 'o'), del('z'), del('k', '', true)],
  ],
  ['KV-10', 'then [deleted 0 @2] @2', [del('none')]],
  ['KV-10', 'then [deleted 0 @2, put @3, deleted 0 @3] @3', [del('none'), put('n'), del('none')]],
  [
    'KV-10',
    'then [put @3, then [put @3, n4@3 of 1 @3] @0, n5@3 of 1 @3] @3',
    [put('n4'), txn([put('n5'), range('n4')]), range('n5')],
  ],
  ['KV-10', 'then [then [k=v@2:101 of 1 @2] @0] @2', [txn([range('k')])]],
  [
    'KV-28',
    'then [then [put @3] @0, then [deleted 1 @3 was g@3] @0] @3',
    [txn([put('g')]), txn([del('g', '', true)])],
  ],
  [
    'KV-28',
    'then [put @3, k=v@2:101 of 1 @3] @3',
    [put('k', 'w'), range('k', '', { revision: 2n })],
  ],
  ['KV-07', 'lease-not-found', [put('x1'), put('x2', '', { lease: UNKNOWN })]],
  ['KV-07', 'lease-not-found', [put('x1'), txn([put('x2', '', { lease: UNKNOWN })])]],
  ['KV-07', 'then [put @3] @3', [put('x1')], [put('x2', '', { lease: UNKNOWN })]],
  [
    'KV-07',
    'then [put @3, then [] @0] @3',
    [put('x1'), txn([], [put('x2', '', { lease: UNKNOWN })])],
  ],
  ['KV-08', 'key-not-found', [txn([put('y1')]), put('y2', '', { ignoreLease: true })]],
  [
    'KV-08',
    'then [deleted 1 @3, then [none of 0 @3] @0] @3',
    [del('k'), txn([range('k')], [put('no')], [compare('k', 'version', 'greater', 0n)])],
  ],
  ['KV-08', 'future-revision', [put('q'), range('q', '', { revision: 3n })]],
  ['KV-08', 'then [] @2', [], [range('k', '', FUTURE)]],
  ['KV-09', 'duplicate-key', [put('d'), put('d')]],
  ['KV-09', 'duplicate-key', [put('d'), del('d')]],
  ['KV-09', 'duplicate-key', [put('d'), del('c', 'e')]],
  ['KV-09', 'then [put @3, deleted 0 @3] @3', [put('d'), del('c', 'd')]],
  ['KV-09', 'then [put @3, deleted 0 @3] @3', [put('d'), del('d', 'a')]],
  ['KV-09', 'then [deleted 1 @3, deleted 0 @3] @3', [del('k'), del('k')]],
  ['KV-09', 'then [then [put @3] @0] @3', [txn([put('d')], [put('d')])]],
  ['KV-09', 'then [then [put @3] @0] @3', [txn([put('d')], [del('d')])]],
  ['KV-09', 'duplicate-key', [txn([put('d')]), txn([put('d')])]],
  ['KV-09', 'duplicate-key', [txn([put('d')]), txn([], [put('d')])]],
  ['KV-09', 'duplicate-key', [txn([del('d')]), put('d')]],
  ['KV-09', 'duplicate-key', [txn([put('d')]), del('d')]],
  ['KV-09', 'duplicate-key', [txn([del('d')]), txn([put('d')])]],
  [
    'KV-09',
    'then [then [put @3] @0, then [deleted 1 @3] @0] @3',
    [txn([put('d')]), txn([del('d')])],
  ],
  ['KV-09', 'duplicate-key', [], [put('d'), put('d')]],
  ['KV-09', 'duplicate-key', [txn([], [put('d'), put('d')])]],
  ['KV-05', 'key-empty', [put('d'), put('d'), put('')]],
  ['KV-05', 'value-provided', [], [put('d', 'v', { ignoreValue: true })]],
  ['KV-05', 'lease-provided', [put('d', '', { ignoreLease: true, lease: 5n })]],
  ['KV-05', 'key-empty', [range('')]],
  ['KV-19', 'compacted', [range('k', '', { revision: -2n })]],
  ['KV-19', 'then [k=v@2:101 of 1 @2] @2', [range('k', '', { revision: -1n })]],
])('%s: %s', (_rule, answer, success, failure = []) => {
  test.each(MINOR_VERSIONS)('%s', (etcd) => {
    expect(server(etcd).ask(txn(success, failure))).toBe(answer);
  });
});

test.each([
  [many(128), [], [], 'then'],
  [many(129), [], [], 'too-many-ops'],
  [many(99), [txn(many(28, 'q'))], [], 'then'],
  [many(99), [txn(many(29, 'q'))], [], 'too-many-ops'],
  [many(100), [], [txn(many(28, 'q'))], 'then'],
  [many(100), [], [txn(many(29, 'q'))], 'too-many-ops'],
  [[], [txn(many(126, 'q')), txn(many(126, 'r'))], [], 'then'],
])('CONST-16: the longest list, and what it leaves: %#', (ops, nested, failure, answer) => {
  expect(
    server()
      .ask(txn([...ops, ...nested], failure))
      .slice(0, answer.length),
  ).toBe(answer);
});

test('CONST-16: comparisons count, and come before their keys', () => {
  const compares = (count: number, key: string) =>
    Array.from({ length: count }, () => compare(key, 'version', 'equal', 0n));
  expect(server().ask(txn([], [], compares(128, 'c')))).toBe('then [] @2');
  expect(server().ask(txn([], [], compares(129, '')))).toBe('too-many-ops');
  expect(server().ask(txn([], [], compares(1, '')))).toBe('key-empty');
});

test.each<[Compare, boolean]>([
  [compare('none', 'lease', 'equal', 0n), true],
  [compare('none', 'lease', 'less', 5n), true],
  [compareValue('none', 'equal', ''), false],
  [compareValue('none', 'notEqual', 'x'), false],
  [compareValue('none', 'notEqual', 'x', 'nonf'), false],
  [compare('none', 'create', 'equal', 0n, 'nonf'), true],
  [compareValue('va', 'greater', '4', 'vc'), true],
  [compareValue('va', 'greater', '5', 'vc'), false],
  [compare('va', 'lease', 'greater', 0n, 'vc'), false],
  [compare('va', 'lease', 'notEqual', 5n, 'vc'), true],
  [compare('va', 'version', 'greater', 0n, '\0'), true],
  [compare('vc', 'mod', 'equal', 0n, 'va'), true],
  [compare('vb', 'lease', 'equal', 101n), true],
  [compare('vb', 'lease', 'less', 101n), false],
  [compare('vb', 'mod', 'equal', 4n), true],
  [compare('vb', 'create', 'greater', 3n), true],
])('KV-11: %#', (given, holds) => {
  const driver = server();
  driver.ask(put('va', '5'));
  driver.ask(put('vb', '7', { lease: 101n }));
  expect(driver.ask(txn([], [], [given]))).toBe(`${holds ? 'then' : 'else'} [] @4`);
});

const both = put('y', '', { ignoreValue: true, lease: UNKNOWN });

test.each([
  ['3.4', 'key-not-found'],
  ['3.5', 'key-not-found'],
  ['3.6', 'key-not-found'],
  ['3.7', 'lease-not-found'],
] as const)('KV-05: neither key nor lease: %s says %s', (etcd, answer) => {
  expect(server(etcd).ask(txn([both]))).toBe(answer);
  expect(server(etcd).ask(both)).toBe('lease-not-found');
});

test.each([
  ['3.4', 'lease-not-found'],
  ['3.5', 'lease-not-found'],
  ['3.6', 'future-revision'],
  ['3.7', 'future-revision'],
] as const)('KV-08: %s checks a bad range before a bad put: %s', (etcd, answer) => {
  const ops = [txn([range('a', '', FUTURE)]), put('a', '', { lease: UNKNOWN })];
  expect(server(etcd).ask(txn(ops))).toBe(answer);
  expect(server(etcd).ask(txn(ops.toReversed()))).toBe('lease-not-found');
});

test('KV-10: a transaction that is refused changes nothing', () => {
  const driver = server();
  const before = driver.state;
  driver.ask(txn([put('a'), put('b', '', { lease: UNKNOWN })]));
  expect(driver.state).toBe(before);
});

test('KV-07: keys of a transaction are attached and detached like others', () => {
  const driver = server();
  driver.ask(txn([put('k'), put('l', '', { lease: 101n }), txn([put('m', '', { lease: 5n })])]));
  const attached = driver.state.attachments.all().map(({ key, lease }) => `${key}:${lease}`);
  expect(attached).toEqual(['m:5', 'l:101']);
});
