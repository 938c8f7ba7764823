/**
 * Differences between versions that the model's commands cannot show: what docs/SEMANTICS.md says
 * of them, asked of a real etcd.
 */
import { Etcd3 } from 'etcd3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { type EtcdProcess, startEtcd } from '../../src/harness/targets/etcd-process.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';

/** The tests of one version. */
export const testDifferences = (version: string): void => {
  const since37 = version.startsWith('3.7.');
  let server: EtcdProcess;
  let etcd: Etcd3;
  beforeAll(async () => {
    const { path: binary } = await testEtcd(version);
    server = await startEtcd({ binary, version, config: DEFAULT_CONFIG, onDeath: () => {} });
    etcd = new Etcd3({ hosts: server.url });
    await etcd.leaseClient.leaseGrant({ ID: '7', TTL: '60' });
    await etcd.kv.put({ key: Buffer.from('k'), value: Buffer.from('v'), lease: '7' });
  });
  afterAll(async () => {
    etcd.close();
    await server.close();
  });

  test(`KV-12: keys_only ${since37 ? 'hides' : 'shows'} the lease of a key`, async () => {
    const key = Buffer.from('k');
    const { kvs } = await etcd.kv.range({ key, keys_only: true });
    expect(kvs.map(({ lease }) => lease)).toEqual([since37 ? '0' : '7']);
    const byValue = { sort_target: 'Value', sort_order: 'Ascend', keys_only: true } as const;
    const sorted = await etcd.kv.range({ key, range_end: Buffer.from('l'), ...byValue });
    expect(sorted.kvs.map(({ lease }) => lease)).toEqual(['7']);
  });

  const first = since37 ? 'requested lease not found' : 'key not found';
  test(`KV-05: a put in a transaction reports first: ${first}`, async () => {
    const put = { key: Buffer.from('none'), value: NOTHING, lease: '99', ignore_value: true };
    await expect(etcd.kv.txn({ success: [{ request_put: put }] })).rejects.toThrow(first);
    await expect(etcd.kv.put(put)).rejects.toThrow('requested lease not found');
  });
};

const NOTHING = Buffer.alloc(0);
