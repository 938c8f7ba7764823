import { expect, test } from 'vitest';
import { asBytes } from '../../src/api/bytes.ts';
import { type Compare, PLAIN_VIEW, type RequestOp, type Txn } from '../../src/api/command.ts';
import { MINOR_VERSIONS, type MinorVersion } from '../../src/api/config.ts';
import { type PutFlags, Rig, shownOp } from './rig.ts';

const put = (key: string, value = 'v', lease = 0n, flags: PutFlags = {}): RequestOp => ({
  kind: 'put',
  key: asBytes(key),
  value: asBytes(value),
  lease,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
  ...flags,
});

const del = (key: string, rangeEnd = ''): RequestOp => ({
  kind: 'deleteRange',
  key: asBytes(key),
  rangeEnd: asBytes(rangeEnd),
  prevKv: false,
});

const get = (key: string, rangeEnd = '', revision = 0n): RequestOp => ({
  kind: 'range',
  key: asBytes(key),
  rangeEnd: asBytes(rangeEnd),
  view: { ...PLAIN_VIEW, revision },
});

const inner = (
  success: readonly RequestOp[],
  failure: readonly RequestOp[] = [],
  compares: readonly Compare[] = [],
): RequestOp & Omit<Txn, 'token'> => ({ kind: 'txn', compares, success, failure });

const compare = (
  key: string,
  target: 'version' | 'create' | 'mod' | 'lease',
  result: Compare['result'],
  operand: bigint,
  rangeEnd = '',
): Compare => ({ key: asBytes(key), rangeEnd: asBytes(rangeEnd), result, target, operand });

const compareValue = (key: string, result: Compare['result'], operand: string): Compare => ({
  key: asBytes(key),
  rangeEnd: asBytes(''),
  result,
  target: 'value',
  operand: asBytes(operand),
});

const run = (rig: Rig, ...txn: Parameters<typeof inner>): string => {
  const response = rig.send(inner(...txn));
  if (response?.kind === 'txnResult') return shownOp(response);
  return response?.kind === 'refused' ? response.reason : `${response?.kind}`;
};

/** a is put at 2 with lease 1, b at 3 without. */
const withKeys = (etcd: MinorVersion = '3.5'): Rig => {
  const rig = new Rig({ etcd });
  rig.grant(1n, 60);
  rig.put('a', '1', 1n);
  rig.put('b', '2');
  rig.log.length = 0;
  return rig;
};

test('KV-10: all writes share one revision, and each operation sees those before it', () => {
  const rig = withKeys();
  const ops = [get('a', 'z'), put('c', '3'), get('c'), del('a', 'b'), inner([put('d', '4')])];
  expect(run(rig, [...ops, get('a', 'z'), del('x')])).toBe(
    'true @4 (range @3 a=1/1/2/2/1 b=2/0/3/3/1, put @4, range @4 c=3/0/4/4/1, deleted 1 @4, ' +
      'true @0 (put @4), range @4 b=2/0/3/3/1 c=3/0/4/4/1 d=4/0/4/4/1, deleted 0 @4)',
  );
  expect(rig.log).toEqual(['4: put c, delete a, put d', 'answer 4']);
  expect(rig.range('a', 'z')).toBe('b=2/0/3/3/1 c=3/0/4/4/1 d=4/0/4/4/1');
  expect(rig.ttl(1n)).toBe('60 of 60');
});

test('KV-10: what changes nothing takes no revision', () => {
  const rig = withKeys();
  expect(run(rig, [])).toBe('true @3 ()');
  expect(run(rig, [get('a')])).toBe('true @3 (range @3 a=1/1/2/2/1)');
  expect(run(rig, [del('x'), get('a')])).toBe('true @3 (deleted 0 @3, range @3 a=1/1/2/2/1)');
  expect(rig.log.filter((line) => line.includes(':'))).toEqual([]);
});

test('KV-10: a range in a transaction reads the past, the moment before included', () => {
  const rig = withKeys();
  const ops = [put('b', 'new'), get('a', 'z', 2n), get('b', '', 3n), get('b')];
  expect(run(rig, ops)).toBe(
    'true @4 (put @4, range @4 a=1/1/2/2/1, range @4 b=2/0/3/3/1, range @4 b=new/0/3/4/2)',
  );
  expect(run(rig, [put('b'), get('b', '', 5n)])).toBe('future-revision');
  rig.compact(3);
  expect(run(rig, [get('b', '', 2n)])).toBe('compacted');
  expect(run(rig, [get('b', '', -1n)])).toBe('compacted');
  expect(run(rig, [get('b', '', 3n)])).toBe('true @4 (range @4 b=2/0/3/3/1)');
});

test('KV-10: before a compaction only a revision below -1 is compacted', () => {
  const rig = withKeys();
  expect(run(rig, [get('b', '', -1n)])).toBe('true @3 (range @3 b=2/0/3/3/1)');
  expect(run(rig, [get('b', '', -2n)])).toBe('compacted');
});

test('KV-07: an unknown lease in the taken branch refuses all of it, elsewhere none', () => {
  const rig = withKeys();
  expect(run(rig, [put('c'), put('d', 'v', 9n)])).toBe('lease-not-found');
  expect(run(rig, [put('c'), inner([put('d', 'v', 9n)])])).toBe('lease-not-found');
  expect(rig.range('c', 'z')).toBe('');
  expect(rig.simulator.revision).toBe(3);
  expect(run(rig, [put('c')], [put('d', 'v', 9n)])).toBe('true @4 (put @4)');
  expect(run(rig, [inner([], [put('d', 'v', 9n)])])).toBe('true @4 (true @0 ())');
});

test('KV-08: checks and comparisons see the state before the transaction', () => {
  const rig = withKeys();
  const touch = inner([put('c', '', 0n, { ignoreValue: true })]);
  expect(run(rig, [inner([put('c')]), touch])).toBe('duplicate-key');
  expect(run(rig, [put('d'), touch])).toBe('key-not-found');
  const isThere = [compare('d', 'version', 'greater', 0n)];
  expect(run(rig, [put('d'), inner([put('yes')], [put('no')], isThere)])).toBe(
    'true @4 (put @4, false @0 (put @4))',
  );
});

test.each([
  ['3.4', 'key-not-found'],
  ['3.5', 'key-not-found'],
  ['3.6', 'key-not-found'],
  ['3.7', 'lease-not-found'],
] as const)('KV-05: in a transaction of %s a missing key and lease are %s', (etcd, reason) => {
  const op = put('x', '', 9n, { ignoreValue: true });
  expect(run(withKeys(etcd), [op])).toBe(reason);
});

test.each([
  ['3.4', 'lease-not-found'],
  ['3.5', 'lease-not-found'],
  ['3.6', 'future-revision'],
  ['3.7', 'future-revision'],
] as const)('KV-07: in %s of a range and a put %s comes first', (etcd, reason) => {
  expect(run(withKeys(etcd), [get('a', '', 99n), put('x', 'v', 9n)])).toBe(reason);
  expect(run(withKeys(etcd), [put('x', 'v', 9n), get('a', '', 99n)])).toBe('lease-not-found');
});

test.each<[string, readonly RequestOp[], boolean]>([
  ['two puts', [put('k'), put('k')], false],
  ['a put and its delete', [put('k'), del('k')], false],
  ['a delete and its put', [del('k'), put('k')], false],
  ['a put at the start of a deleted range', [del('k', 'm'), put('k')], false],
  ['a put at the end of a deleted range', [del('k', 'm'), put('m')], true],
  ['a put before a deleted range', [del('k', 'm'), put('j\xff')], true],
  ['a put in an empty range', [del('m', 'k'), put('l')], true],
  ['two deletes', [del('k'), del('k'), del('a', 'z')], true],
  ['a put here and in a transaction', [put('k'), inner([put('k')])], false],
  ['a put here and in an else', [put('k'), inner([], [put('k')])], false],
  ['a put in then and else', [inner([put('k')], [put('k')])], true],
  ['a put in two transactions', [inner([put('k')]), inner([put('k')])], false],
  ['a put in else and in another else', [inner([], [put('k')]), inner([], [put('k')])], false],
  ['a put here, deleted inside', [put('k'), inner([del('a', 'z')])], false],
  ['a put inside, deleted here', [inner([put('k')]), del('k')], false],
  ['a put inside, deleted inside before', [inner([del('k')]), inner([put('k')])], false],
  ['a put inside, deleted inside after', [inner([put('k')]), inner([del('k')])], true],
  ['a put and a delete of two levels', [inner([inner([put('k')])]), del('k')], false],
])('KV-09: %s', (_, ops, isAllowed) => {
  expect(run(withKeys(), ops).startsWith('true')).toBe(isAllowed);
  expect(run(withKeys(), [], ops)).toBe(isAllowed ? 'true @3 ()' : 'duplicate-key');
});

test('KV-09: the end of a range is taken as it is written, so all from a key on are none', () => {
  const rig = withKeys();
  expect(run(rig, [put('c'), del('a', '\0'), get('a', '\0')])).toBe(
    'true @4 (put @4, deleted 3 @4, range @4)',
  );
  expect(rig.log).toEqual(['4: put c, delete a, delete b, delete c', 'answer 4']);
  expect(rig.ttl(1n)).toBe('60 of 60');
  expect(run(rig, [put('a'), put('d'), del('a', '\0'), inner([put('e')])])).toBe(
    'true @5 (put @5, put @5, deleted 2 @5, true @0 (put @5))',
  );
  expect(rig.range('a', '\0')).toBe('e=v/0/5/5/1');
});

test('KV-08: nothing is applied when a put needs what its own transaction has deleted', () => {
  const rig = withKeys();
  const touch = put('a', '', 0n, { ignoreValue: true });
  expect(run(rig, [del('a', '\0'), touch])).toBe('key-not-found');
  expect(rig.range('a', '\0')).toBe('a=1/1/2/2/1 b=2/0/3/3/1');
});

const puts = (count: number): RequestOp[] => Array.from({ length: count }, (_, n) => put(`n${n}`));
const same = (count: number): Compare[] =>
  Array.from({ length: count }, () => compare('a', 'version', 'equal', 1n));

test.each<[string, Parameters<typeof inner>, boolean]>([
  ['128', [puts(128)], true],
  ['129', [puts(129)], false],
  ['129 in the other branch', [[], puts(129)], false],
  ['128 comparisons', [[], [], same(128)], true],
  ['129 comparisons', [[], [], same(129)], false],
  ['127 inside one', [[inner(puts(127))]], true],
  ['128 inside one', [[inner(puts(128))]], false],
  ['127 inside one beside 2 comparisons', [[inner(puts(127))], [], same(2)], false],
])('CONST-16: of operations in a transaction %s', (_, txn, isAllowed) => {
  const result = run(withKeys(), ...txn);
  expect(isAllowed ? result.slice(0, 4) : result).toBe(isAllowed ? 'true' : 'too-many-ops');
});

test.each<[string, Parameters<typeof inner>]>([
  ['too-many-ops', [puts(129), [], [compare('', 'version', 'equal', 0n)]]],
  ['key-empty', [[put('k', 'v', 0n, { ignoreValue: true })], [], [compare('', 'mod', 'less', 0n)]]],
  ['value-provided', [[put('k'), put('k', 'v', 0n, { ignoreValue: true })]]],
  ['lease-provided', [[], [inner([put('k', 'v', 9n, { ignoreLease: true })])]]],
  ['key-empty', [[get('')]]],
  ['key-empty', [[del('')]]],
])('KV-05: what is wrong with the request itself comes first: %s', (reason, txn) => {
  expect(run(withKeys(), ...txn)).toBe(reason);
});

test.each<[Compare, boolean]>([
  [compare('a', 'version', 'equal', 1n), true],
  [compare('a', 'version', 'greater', 1n), false],
  [compare('a', 'create', 'less', 3n), true],
  [compare('a', 'mod', 'notEqual', 2n), false],
  [compare('a', 'lease', 'equal', 1n), true],
  [compare('a', 'lease', 'greater', -5n), true],
  [compare('b', 'lease', 'equal', 0n), true],
  [compare('x', 'lease', 'equal', 0n), true],
  [compare('x', 'lease', 'less', 5n), true],
  [compare('x', 'version', 'greater', 0n), false],
  [compare('a', 'version', 'equal', 1n, 'z'), true],
  [compare('a', 'mod', 'equal', 2n, 'z'), false],
  [compare('x', 'create', 'equal', 0n, '\0'), true],
  [compareValue('a', 'equal', '1'), true],
  [compareValue('a', 'less', '10'), true],
  [compareValue('x', 'notEqual', '1'), false],
  [compareValue('x', 'equal', ''), false],
])('KV-11: %o is %s', (compared, holds) => {
  expect(run(withKeys(), [], [], [compared])).toBe(`${holds} @3 ()`);
});

test('KV-11: all comparisons have to hold', () => {
  const right = compare('a', 'version', 'equal', 1n);
  const wrong = compare('a', 'version', 'equal', 2n);
  expect(run(withKeys(), [], [get('x')], [right, wrong])).toBe('false @3 (range @3)');
});

test('KV-02: a transaction moves keys between leases', () => {
  const rig = withKeys();
  rig.grant(2n, 60);
  run(rig, [put('a', 'v', 2n), put('b', 'v', 2n), put('c', 'v', 1n)]);
  expect([rig.ttl(1n), rig.ttl(2n)]).toEqual(['60 of 60 c', '60 of 60 a,b']);
  run(rig, [put('a', 'w', 0n, { ignoreLease: true }), put('b'), del('c')]);
  expect([rig.ttl(1n), rig.ttl(2n)]).toEqual(['60 of 60', '60 of 60 a']);
  rig.revoke(2n);
  expect(rig.range('a', 'z')).toBe('b=v/0/3/5/3');
});

test('KV-13: a put in a transaction tells what was before, of the same transaction too', () => {
  const rig = withKeys();
  expect(run(rig, [put('a', '2', 0n, { prevKv: true })])).toBe('true @4 (put @4 was a=1/1/2/2/1)');
  const again = put('a', '3', 0n, { prevKv: true });
  expect(run(rig, [del('a', '\0'), again])).toBe('true @5 (deleted 2 @5, put @5)');
  expect(rig.range('a')).toBe('a=3/0/5/5/1');
});

test.each(MINOR_VERSIONS)('GRANT-09: a put in a transaction of %s has no space', (etcd) => {
  const rig = withKeys(etcd);
  rig.alarm('raise');
  expect(run(rig, [put('c')])).toBe('no-space');
  expect(run(rig, [], [put('c')])).toBe('no-space');
  expect(run(rig, [put('c', 'v', 9n)])).toBe('no-space');
  expect(run(rig, [put('c'), put('c')])).toBe('duplicate-key');
  expect(run(rig, [get('x'), inner([get('x')])])).toBe('true @3 (range @3, true @0 (range @3))');
  expect(run(rig, [del('b')])).toBe('true @4 (deleted 1 @4)');
  const isFree = etcd === '3.4' || etcd === '3.5';
  expect(run(rig, [inner([put('c')])])).toBe(isFree ? 'true @5 (true @0 (put @5))' : 'no-space');
  expect(run(rig, [inner([], [put('c')])])).toBe(isFree ? 'true @5 (true @0 ())' : 'no-space');
});
