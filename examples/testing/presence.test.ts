/** Each test has an etcd of its own, and minutes pass in milliseconds: `clock.advance`. */
import { Etcd3 } from 'etcd3';
import { expect } from 'vitest';
import { test } from 'leasehold/vitest';
import { Presence } from './presence.ts';

const present = (client: Etcd3): Promise<string[]> => client.getAll().prefix('services/').keys();

test('a service is there for as long as it runs', async ({ etcd }) => {
  const client = new Etcd3(etcd.clientOptions);
  await new Presence(client, 'billing').announce();
  await etcd.clock.advance(10 * 60_000);
  expect(await present(client)).toEqual(['services/billing']);
});

test('a service that hangs is gone when its lease of ten seconds is', async ({ etcd }) => {
  const service = new Presence(new Etcd3(etcd.clientOptions), 'billing');
  await service.announce();
  // It does not hear of etcd any more; whoever connects from now on does.
  etcd.network.stall();
  const observer = new Etcd3(etcd.clientOptions);
  await etcd.clock.advance(9_999);
  expect(await present(observer)).toEqual(['services/billing']);
  await etcd.clock.advance(1);
  expect(await present(observer)).toEqual([]);
  // The service still believes that it is announced: the client asks for a reply only ten seconds
  // after the last one.
  expect(service.isAnnounced).toBe(true);
});

test('a service that lost its lease comes back', async ({ etcd }) => {
  const client = new Etcd3(etcd.clientOptions);
  const service = new Presence(client, 'billing');
  await service.announce();
  etcd.network.refuse();
  etcd.network.reset();
  await etcd.clock.advance(25_000);
  expect(service.isAnnounced).toBe(false);
  etcd.network.accept();
  await etcd.clock.advance(10_000);
  expect(service.isAnnounced).toBe(true);
  expect(await present(client)).toEqual(['services/billing']);
});

test('a lock is free again when its holder is cut off', async ({ etcd }) => {
  const holder = new Etcd3(etcd.clientOptions);
  await holder.lock('reports').ttl(10).acquire();
  etcd.network.stall();
  const other = new Etcd3(etcd.clientOptions);
  const attempt = async (): Promise<boolean> => {
    const lock = other.lock('reports').ttl(10);
    return lock.acquire().then(
      () => true,
      () => false,
    );
  };
  expect(await attempt()).toBe(false);
  await etcd.clock.advance(10_500);
  expect(await attempt()).toBe(true);
});

test('another leader is elected when the first is cut off', async ({ etcd }) => {
  const elected: string[] = [];
  const campaign = (name: string): void => {
    const election = new Etcd3(etcd.clientOptions).election('leader', 10);
    election
      .campaign(name)
      .on('elected', () => elected.push(`${name} at ${etcd.clock.now}`))
      .on('error', () => {});
  };
  campaign('first');
  await etcd.clock.settle();
  etcd.network.stall();
  campaign('second');
  await etcd.clock.advance(60_000);
  expect(elected).toEqual(['first at 0', 'second at 10000']);
});
