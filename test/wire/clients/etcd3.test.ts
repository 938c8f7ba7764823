/** The npm client `etcd3`, as it comes. */
import { Etcd3, EtcdLeaseInvalidError, type IWatchResponse } from 'etcd3';
import { afterEach, describe, expect, test } from 'vitest';
import { serve, type Served, stopServing } from '../served.ts';

const clients: Etcd3[] = [];

const text = (bytes: Buffer | undefined): string => bytes?.toString() ?? '';

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await stopServing();
});

const connected = async (): Promise<{ client: Etcd3 } & Served> => {
  const served = await serve();
  const client = new Etcd3({ hosts: `http://${served.address}` });
  clients.push(client);
  return { client, ...served };
};

describe('npm etcd3', () => {
  test('keys, ranges, namespaces and deletes', async () => {
    const { client } = await connected();
    await client.put('one').value('1');
    expect(await client.get('one').string()).toBe('1');
    const space = client.namespace('space/');
    await space.put('a').value('A');
    await space.put('b').value('B');
    expect(await space.getAll().strings()).toEqual({ a: 'A', b: 'B' });
    expect(await client.getAll().prefix('space/').keys()).toEqual(['space/a', 'space/b']);
    expect(await client.getAll().prefix('space/').sort('Key', 'Descend').limit(1).keys()).toEqual([
      'space/b',
    ]);
    expect(await space.delete().all()).toMatchObject({ deleted: '2' });
    expect(await client.get('space/a')).toBeNull();
  });

  test('a lease keeps its keys until it is revoked, and its error has a class', async () => {
    const { client } = await connected();
    const lease = client.lease(10);
    await lease.put('leased').value('x');
    expect(await lease.keepaliveOnce()).toMatchObject({ TTL: '10' });
    await lease.revoke();
    expect(await client.get('leased')).toBeNull();
    await expect(client.put('k').value('').lease('4242').exec()).rejects.toThrow(
      EtcdLeaseInvalidError,
    );
  });

  test('EXP-01 the keys go when the server lets the time pass, and the lease is lost', async () => {
    const { client, advance } = await connected();
    const lease = client.lease(10, { autoKeepAlive: false });
    await lease.put('leased').value('x');
    await advance(9_000);
    expect(await client.get('leased').string()).toBe('x');
    await advance(2_000);
    expect(await client.get('leased')).toBeNull();
    const lost = new Promise((resolve) => lease.on('lost', resolve));
    await expect(lease.keepaliveOnce()).rejects.toThrow(EtcdLeaseInvalidError);
    expect(await lost).toBeInstanceOf(EtcdLeaseInvalidError);
  });

  test('a transaction takes the branch that its comparison names', async () => {
    const { client } = await connected();
    await client.put('k').value('1');
    const swap = (from: string, to: string) =>
      client
        .if('k', 'Value', '==', from)
        .then(client.put('k').value(to))
        .else(client.get('k'))
        .commit();
    expect(await swap('1', '2')).toMatchObject({ succeeded: true });
    expect(await swap('1', '3')).toMatchObject({ succeeded: false });
    expect(await client.get('k').string()).toBe('2');
  });

  test('two watches share a stream; each sees its own events, with the values before', async () => {
    const { client } = await connected();
    const [one, all] = await Promise.all([
      client.watch().key('a').withPreviousKV().create(),
      client.watch().prefix('').create(),
    ]);
    const seen: string[] = [];
    one.on('put', (kv, before) => seen.push(`one ${text(kv.value)} after ${text(before?.value)}`));
    all.on('put', (kv) => seen.push(`all ${text(kv.key)}`));
    const ended = new Promise<void>((resolve) => all.on('delete', () => resolve()));
    await client.put('a').value('1');
    await client.put('b').value('2');
    await client.put('a').value('3');
    await client.delete().key('b');
    await ended;
    expect(seen.filter((line) => line.startsWith('one'))).toEqual([
      'one 1 after ',
      'one 3 after 1',
    ]);
    expect(seen.filter((line) => line.startsWith('all'))).toEqual(['all a', 'all b', 'all a']);
    await one.cancel();
    await all.cancel();
  });

  test('REVOKE-05 a watch sees all deletes of an expiry in one response', async () => {
    const { client, advance } = await connected();
    const lease = client.lease(5, { autoKeepAlive: false });
    await lease.put('x/1').value('a');
    await lease.put('x/2').value('b');
    const watcher = await client.watch().prefix('x/').withPreviousKV().create();
    const arrived = new Promise<IWatchResponse>((resolve) => watcher.on('data', resolve));
    await advance(6_000);
    const { events } = await arrived;
    expect(events.map(({ type, kv }) => `${type} ${text(kv.key)}`)).toEqual([
      'Delete x/1',
      'Delete x/2',
    ]);
  });

  test('a lock is held by one, and free once its lease has expired', async () => {
    const { client, advance } = await connected();
    const held = client.lock('lock').ttl(5);
    await held.acquire();
    await expect(client.lock('lock').acquire()).rejects.toThrow();
    await advance(6_000);
    const next = client.lock('lock');
    await next.acquire();
    await next.release();
  });

  test('an election has one leader, and a new one when that resigns', async () => {
    const { client } = await connected();
    const election = client.election('election', 5);
    const first = election.campaign('first');
    await new Promise<void>((resolve) => first.on('elected', resolve));
    expect(await election.leader()).toBe('first');
    const second = election.campaign('second');
    await first.resign();
    await new Promise<void>((resolve) => second.on('elected', resolve));
    expect(await election.leader()).toBe('second');
    await second.resign();
  });

  test('clients outlive the server that they knew', async () => {
    const { client, etcd } = await connected();
    await client.put('k').value('1');
    await etcd.close();
    await expect(client.get('k').string()).rejects.toThrow();
  });
});
