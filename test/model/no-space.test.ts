/** The NOSPACE alarm, as etcd 3.4.23, 3.5.16, 3.5.30, 3.6.16 and 3.7.3 treated it. */
import { expect, test } from 'vitest';
import { MINOR_VERSIONS } from '../../src/api/config.ts';
import { del, KvDriver, put, range, txn } from './kv-driver.ts';

const alarm = (action: 'list' | 'raise' | 'clear') => ({ kind: 'alarm', action }) as const;

const server = (etcd: (typeof MINOR_VERSIONS)[number] = '3.5'): KvDriver => {
  const driver = new KvDriver(etcd);
  driver.grant(5n);
  driver.ask(put('k', 'v', { lease: 5n }));
  driver.ask(alarm('raise'));
  return driver;
};

test.each([
  ['3.4', 0],
  ['3.5', 1],
  ['3.6', 1],
  ['3.7', 1],
] as const)('KV-21: listed, raised and cleared in %s', (etcd, at) => {
  const driver = new KvDriver(etcd);
  const actions = ['list', 'clear', 'raise', 'raise', 'list', 'clear', 'clear', 'list'] as const;
  const answers = actions.map((action) => driver.ask(alarm(action)));
  const [yes, no] = [`NOSPACE @${at}`, `no alarm @${at}`];
  expect(answers).toEqual([no, no, yes, yes, yes, yes, no, no]);
});

test.each([
  [put('k'), 'no-space'],
  [put(''), 'key-empty'],
  [put('k', '', { lease: 999n }), 'no-space'],
  [put('x', '', { ignoreValue: true }), 'no-space'],
  [{ kind: 'grant', id: 6n, ttl: 60n } as const, 'no-space'],
  [{ kind: 'grant', id: 6n, ttl: 9_000_000_001n } as const, 'no-space'],
  [{ kind: 'grant', id: 5n, ttl: 60n } as const, 'no-space'],
  [txn([put('k')]), 'no-space'],
  [txn([], [put('k')]), 'no-space'],
  [txn([put('k', '', { lease: 999n })]), 'no-space'],
  [txn([put('k'), put('k')]), 'duplicate-key'],
  [txn([range('k')]), 'then [k=v@2:5 of 1 @2] @2'],
  [txn([del('k')]), 'then [deleted 1 @3] @3'],
  [del('k'), 'deleted 1 @3'],
  [{ kind: 'compact', revision: 2n, physical: false } as const, 'compacted @2'],
  [{ kind: 'keepAlive', id: 5n, stream: 1 } as const, 'keptAlive @2'],
])('GRANT-09: %#: %s', (request, answer) => {
  expect(server().ask(request)).toBe(answer);
});

test('REVOKE-08: a revoke goes on', () => {
  expect(server().ask({ kind: 'revoke', id: 5n })).toBe('revoked @3');
});

test('EXP-12: expiry goes on', () => {
  const driver = server();
  driver.ask({ kind: 'turn', revoked: [5n] } as never);
  expect(driver.state.kvs.size).toBe(0);
  expect(driver.rules).toContain('EXP-12');
});

test.each(MINOR_VERSIONS)('GRANT-09: puts in nested transactions of %s', (etcd) => {
  const counts = etcd === '3.6' || etcd === '3.7';
  const nested = server(etcd).ask(txn([txn([txn([put('n')])])]));
  expect(nested).toBe(counts ? 'no-space' : 'then [then [then [put @3] @0] @0] @3');
  const untaken = server(etcd).ask(txn([], [txn([put('n')])]));
  expect(untaken).toBe(counts ? 'no-space' : 'then [] @2');
});
