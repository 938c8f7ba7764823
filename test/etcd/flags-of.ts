/** What a version of etcd says of the two raft flags, and what minimum TTL follows from them. */
import { expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/api/config.ts';
import { milliseconds } from '../../src/api/units.ts';
import { startEtcd } from '../../src/harness/targets/etcd-process.ts';
import { etcdTarget } from '../../src/harness/targets/etcd-target.ts';
import { minimumTtl } from '../../src/model/index.ts';
import { FLAGS } from '../api/flags.ts';
import { Client, grant, testEtcd } from '../harness/targets/etcd-under-test.ts';

/** The tests of one version. */
export const testFlags = (version: string): void => {
  test.each(FLAGS.filter(([, , verdict]) => verdict === 'refused'))(
    'CONST-03: refuses heartbeat %i ms with election %i ms',
    async (heartbeat, election) => {
      const { path: binary } = await testEtcd(version);
      const config = configOf(heartbeat, election);
      const started = startEtcd({ binary, version, config, onDeath: () => {} });
      await expect(started).rejects.toThrow();
    },
  );

  test.each([
    [100, 500],
    [10, 100],
    [333, 1700],
    [100, 1000],
    [250, 2500],
  ])('CONST-02: heartbeat %i ms, election %i ms: the minimum TTL', async (heartbeat, election) => {
    const { path: binary } = await testEtcd(version);
    const config = configOf(heartbeat, election);
    const target = await etcdTarget({ binary, version, config });
    try {
      const client = await Client.open(target, 0);
      const { ttl } = await client.expect('granted', grant(0n, -(2n ** 63n)));
      expect(ttl).toBe(minimumTtl(config));
    } finally {
      await target.close();
    }
  });
};

const configOf = (heartbeat: number, election: number) => ({
  ...DEFAULT_CONFIG,
  heartbeat: milliseconds(heartbeat),
  election: milliseconds(election),
});
