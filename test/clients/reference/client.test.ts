/** What the reference client does when little or nothing goes wrong; the rest is the fuzzer's. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Client, ClientEvent } from '../../../src/clients/adapter.ts';
import { referenceAdapter } from '../../../src/clients/reference/adapter.ts';
import { startEtcd, type TestEtcd } from '../../../src/vitest/test-etcd.ts';

let etcd: TestEtcd;
let clients: Client[] = [];
const said: string[] = [];

beforeEach(async () => {
  etcd = await startEtcd();
  said.length = 0;
});

afterEach(async () => {
  for (const client of clients) await etcd.clock.until(client.close());
  clients = [];
  await etcd.close();
});

const start = async (name = ''): Promise<Client> => {
  const report = (event: ClientEvent): void =>
    void said.push(`${etcd.clock.now} ${name}${word(event)}`);
  const client = await referenceAdapter().start({ url: etcd.url, grpcOptions: {}, report });
  clients.push(client);
  return client;
};

const word = (event: ClientEvent): string => {
  switch (event.kind) {
    case 'granted':
      return `granted ${event.lease} ttl=${event.ttl}`;
    case 'renewed':
      return `renewed ${event.lease}`;
    case 'lost':
      return `lost ${event.lease}: ${event.why}`;
    case 'acquired':
      return `acquired ${event.name}`;
    case 'yielded':
      return `yielded ${event.name}`;
  }
};

test('a lease is renewed when a third of its granted TTL has passed', async () => {
  const client = await start();
  await etcd.clock.until(client.grant('A', 1));
  await etcd.clock.advanceTo(1_400);
  expect(said).toEqual(['0 granted A ttl=2', '666 renewed A', '1332 renewed A']);
});

test('a lease is given up when its TTL has passed since the last answered request', async () => {
  const client = await start();
  await etcd.clock.until(client.grant('A', 6));
  await etcd.clock.advanceTo(2_500);
  etcd.network.stall();
  etcd.network.refuse();
  await etcd.clock.advanceTo(20_000);
  expect(said).toEqual(['0 granted A ttl=6', '2000 renewed A', '8000 lost A: not renewed in time']);
});

test('a lease outlives a connection that dies in silence', async () => {
  const client = await start();
  await etcd.clock.until(client.grant('A', 6));
  etcd.network.stall();
  await etcd.clock.advanceTo(5_000);
  expect(said).toEqual(['0 granted A ttl=6', '3000 renewed A', '5000 renewed A']);
});

test('a lease outlives an outage that is shorter than its TTL', async () => {
  const client = await start();
  await etcd.clock.until(client.grant('A', 6));
  etcd.network.reset();
  etcd.network.refuse();
  await etcd.clock.advanceTo(4_900);
  etcd.network.accept();
  await etcd.clock.advanceTo(5_500);
  expect(said).toHaveLength(2);
});

test('a lease that is revoked is silent', async () => {
  const client = await start();
  await etcd.clock.until(client.grant('A', 6));
  await etcd.clock.until(client.revoke('A'));
  await etcd.clock.advanceTo(20_000);
  expect(said).toEqual(['0 granted A ttl=6']);
});

test('a lock goes from one to the next', async () => {
  const first = await start('1 ');
  const second = await start('2 ');
  await etcd.clock.until(first.lock?.('L', 5) ?? Promise.reject());
  const waiting = second.lock?.('L', 5);
  await etcd.clock.advanceTo(7_000);
  expect(said).toEqual(['0 1 acquired L']);
  await etcd.clock.until(first.unlock?.('L') ?? Promise.reject());
  await etcd.clock.until(waiting ?? Promise.reject());
  expect(said.slice(1)).toEqual(['7000 1 yielded L', '7000 2 acquired L']);
});

test('a lock is taken over from one who is gone', async () => {
  const first = await start('1 ');
  const second = await start('2 ');
  await etcd.clock.until(first.lock?.('L', 5) ?? Promise.reject());
  const waiting = second.lock?.('L', 5);
  await etcd.clock.advanceTo(1_000);
  await etcd.clock.until(first.close());
  await etcd.clock.until(waiting ?? Promise.reject());
  expect(said[1]).toBe('5000 2 acquired L');
});

test('what waits for a lock ends when the client is closed', async () => {
  const first = await start('1 ');
  const second = await start('2 ');
  await etcd.clock.until(first.lock?.('L', 5) ?? Promise.reject());
  const waiting = second.lock?.('L', 5);
  const ended = expect(waiting).rejects.toThrow('closed');
  await etcd.clock.advanceTo(1_000);
  await etcd.clock.until(second.close());
  await ended;
});
