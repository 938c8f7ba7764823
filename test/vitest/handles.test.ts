/** An etcd for a test costs little, and leaves nothing behind. */
import { Etcd3 } from 'etcd3';
import { expect, test } from 'vitest';
import { startEtcd } from '../../src/vitest/test-etcd.ts';

const resources = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((name) => name !== 'Immediate');

/** Those that were not there before. Those of the test runner come and go. */
const more = (before: readonly string[]): readonly string[] => {
  const left = [...before];
  return resources().filter((name) => {
    const at = left.indexOf(name);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
};

test('a thousand are started and closed, and no handle is left', async () => {
  await (await startEtcd()).close();
  const before = resources();
  const costs: number[] = [];
  for (let count = 0; count < 1000; count += 1) {
    const began = process.hrtime.bigint();
    const etcd = await startEtcd();
    await etcd.close();
    costs.push(Number(process.hrtime.bigint() - began) / 1e6);
  }
  expect(more(before)).toEqual([]);
  // The machine may be busy: half of them are enough.
  expect(costs.toSorted((left, right) => left - right)[500]).toBeLessThan(5);
}, 60_000);

test('clients that are left open leave no handle either', async () => {
  const before = resources();
  for (let count = 0; count < 20; count += 1) {
    const etcd = await startEtcd();
    const client = new Etcd3(etcd.clientOptions);
    await client.lease(5).put('k').value('v');
    await client.watch().key('k').create();
    await etcd.clock.advance(20_000);
    await etcd.close();
  }
  expect(more(before)).toEqual([]);
}, 60_000);
