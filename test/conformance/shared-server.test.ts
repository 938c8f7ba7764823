/** A server that others use as well: the suite leaves what is theirs, and nothing of its own. */
import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { type EtcdTarget, etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { start } from '../cli/leasehold.ts';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';

let server: EtcdTarget;
let others: Etcd3;
beforeAll(async () => {
  const { path, version } = await testEtcd();
  server = await etcdTarget({ binary: path, version, config: DEFAULT_CONFIG });
  others = new Etcd3({ hosts: server.process.url });
});
afterAll(async () => {
  others.close();
  await server.close();
});

/** All keys with their revisions and values, and all leases. */
const everything = async () => {
  const zero = Buffer.from('\0');
  const [{ kvs }, { leases }] = await Promise.all([
    others.kv.range({ key: zero, range_end: zero }),
    others.leaseClient.leaseLeases(),
  ]);
  const keys = kvs.map((kv) => `${kv.key.toString()}=${kv.value.toString()} ${kv.mod_revision}`);
  return { keys, leases: leases.map(({ ID }) => ID).toSorted() };
};

const theirs = async (): Promise<void> => {
  await others.leaseClient.leaseGrant({ ID: '77', TTL: '3600' });
  await others.kv.put({ key: Buffer.from('lh/theirs'), value: Buffer.from('1'), lease: '77' });
  await others.kv.put({ key: Buffer.from('a'), value: Buffer.from('2') });
  await others.kv.put({ key: Buffer.from('zz'), value: Buffer.from('3') });
};

test.each([
  ['SIGINT', 'among the first stories', 200],
  ['SIGINT', 'in the midst of them', 4_000],
  // A terminal that is closed.
  ['SIGHUP', 'among the first stories', 200],
] as const)('%s %s', async (signal, _when, later) => {
  await theirs();
  const before = await everything();
  const { child, ended } = start(['conform', '--target', server.process.url, '--json']);
  let err = '';
  child.stderr?.on('data', (data: Buffer) => {
    err += data.toString();
  });
  await until(() => /cases on/.test(err), 30_000);
  // Until there is something to take back.
  for (let seen = before.keys.length; seen <= before.keys.length; ) {
    seen = (await everything()).keys.length;
  }
  await new Promise((resolve) => {
    setTimeout(resolve, later);
  });
  child.kill(signal);
  const { code, out } = await ended;
  expect(code).toBe(3);
  expect(JSON.parse(out)).toMatchObject({ cut: 'it was stopped' });
  const after = await everything();
  await others.leaseClient.leaseRevoke({ ID: '77' });
  expect(after).toEqual(before);
});
