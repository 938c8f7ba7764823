import { Etcd3, type Lease } from 'etcd3';
import { expect } from 'vitest';
import { test } from '../../src/vitest/index.ts';

test('a lease of npm etcd3 lives while it is kept alive', async ({ etcd }) => {
  const client = new Etcd3(etcd.clientOptions);
  const lease = client.lease(10);
  await lease.put('a').value('b');
  await etcd.clock.advance(60_000);
  expect(await client.get('a').string()).toBe('b');
  await lease.release();
  await etcd.clock.advance(10_500);
  expect(await client.get('a').string()).toBeNull();
  client.close();
});

test('time', ({ etcd }) => {
  void ({} as Lease);
  expect(Date.now()).toBe(Date.UTC(2026, 0, 1));
  expect(etcd.clock.now).toBe(0);
});
