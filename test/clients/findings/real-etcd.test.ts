/**
 * What docs/FINDINGS.md calls confirmed: the situations of findings in npm's etcd3, with a real
 * etcd, on the real clock, over TCP. A test that fails says that the client does better now.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Etcd3, type Lease } from 'etcd3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { type EtcdTarget, etcdTarget } from '../../../src/harness/targets/etcd-target.ts';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { Confirmed } from './confirmed.ts';
import { TcpProxy } from './tcp-proxy.ts';

let etcd: EtcdTarget;
/** A client that goes straight to the server. */
let truth: Etcd3;
const closers: (() => void)[] = [];
const findings = new Confirmed('etcd3');

beforeAll(async () => {
  const { path: binary, version } = await testEtcd();
  etcd = await etcdTarget({ binary, version, config: DEFAULT_CONFIG });
  truth = new Etcd3({ hosts: etcd.process.url });
});

afterAll(async () => {
  for (const close of closers) close();
  truth.close();
  await etcd.close();
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const behindProxy = async (): Promise<{ client: Etcd3; proxy: TcpProxy }> => {
  const proxy = new TcpProxy(Number(new URL(etcd.process.url).port));
  const client = new Etcd3({ hosts: await proxy.listen() });
  closers.push(() => {
    client.close();
    proxy.close();
  });
  return { client, proxy };
};

/** Granted, with its stream open. */
const held = async (client: Etcd3, ttl: number): Promise<{ lease: Lease; losses: string[] }> => {
  const lease = client.lease(ttl);
  const losses: string[] = [];
  lease.on('lost', ({ message }) => losses.push(message));
  closers.push(() => lease.release());
  const renewed = once(lease, 'keepaliveSucceeded');
  await lease.grant();
  await renewed;
  return { lease, losses };
};

/** Seconds, as the server says; -1: there is no such lease. */
const ttlOf = async (lease: string): Promise<number> =>
  Number((await truth.leaseClient.leaseTimeToLive({ ID: lease, keys: false })).TTL);

const onLeases = (): void => {
  test(findings.title('believed-after-expiry'), async () => {
    const { client, proxy } = await behindProxy();
    const { lease, losses } = await held(client, 2);
    const id = await lease.grant();
    proxy.silence();
    await sleep(3_200);
    expect({ ttl: await ttlOf(id), losses }).toEqual({ ttl: -1, losses: [] });
  });

  test(findings.title('lost-twice'), async () => {
    const { client } = await behindProxy();
    const { lease, losses } = await held(client, 60);
    await truth.leaseClient.leaseRevoke({ ID: await lease.grant() });
    await expect(lease.put('twice/1').value('')).rejects.toThrow(/lease/);
    await expect(lease.put('twice/2').value('')).rejects.toThrow(/lease/);
    expect(losses).toHaveLength(2);
  });

  test(findings.title('one-disconnect-ends-all'), async () => {
    const many = await behindProxy();
    const one = await behindProxy();
    const leases = await Promise.all([1, 2, 3].map(() => held(many.client, 3)));
    const alone = await held(one.client, 3);
    many.proxy.reset();
    one.proxy.reset();
    await sleep(4_200);
    const ids = await Promise.all(leases.map(({ lease }) => lease.grant()));
    expect(await Promise.all(ids.map(ttlOf))).toEqual([-1, -1, -1]);
    expect(await ttlOf(await alone.lease.grant())).toBeGreaterThan(0);
  });

  test(findings.title('asks-after-close'), async () => {
    const { client } = await behindProxy();
    const { lease } = await held(client, 2);
    client.close();
    await sleep(5_000);
    expect(await ttlOf(await lease.grant())).toBeGreaterThan(0);
  });

  test(findings.title('left-after-close'), async () => {
    const script = `const { Etcd3 } = require('etcd3');
      const client = new Etcd3({ hosts: process.argv[1] });
      client.lease(30).grant().then(() => setTimeout(() => client.close(), 500));`;
    const cwd = fileURLToPath(new URL('../../../', import.meta.url));
    const child = spawn(process.execPath, ['-e', script, etcd.process.url], { cwd });
    const ended = once(child, 'exit');
    const still = await Promise.race([ended, sleep(5_000).then(() => 'running')]);
    child.kill('SIGKILL');
    await ended;
    expect(still).toBe('running');
  });

  test(findings.title('connection-storm'), async () => {
    const { client, proxy } = await behindProxy();
    await held(client, 30);
    proxy.attempts.length = 0;
    proxy.refuse();
    await sleep(3_000);
    const most = proxy.attempts.map(
      (at) => proxy.attempts.filter((other) => other >= at && other < at + 1_000).length,
    );

    expect(Math.max(...most)).toBeGreaterThan(10);
  });
};

const onHolds = (): void => {
  test(findings.title('lock-leaks-lease'), async () => {
    const { client } = await behindProxy();
    const lock = client.lock('').ttl(2);
    await expect(lock.acquire()).rejects.toThrow(/key is not provided/);
    const id = (await lock.leaseId()) ?? '';
    await sleep(5_000);
    expect(await ttlOf(id)).toBeGreaterThan(0);
    await truth.leaseClient.leaseRevoke({ ID: id });
  });

  test(`${findings.title('lock-outlives-key')}; ${findings.title('two-holders')}`, async () => {
    const { client, proxy } = await behindProxy();
    const lock = client.lock('outlived').ttl(2);
    let isInside = true;
    const section = lock.do(async () => {
      await sleep(300);
      proxy.silence();
      await sleep(4_500);
      isInside = false;
    });
    section.catch(() => {});
    await sleep(4_200);
    const other = truth.lock('outlived').ttl(30);
    await other.acquire();
    expect(isInside).toBe(true);
    await other.release();
  });

  test(`${findings.title('elected-after-resign')}; ${findings.title('two-leaders')}`, async () => {
    const [one, two, three] = [truth, truth, truth].map((client) => client.election('e', 30));
    const first = one?.campaign('1');
    await first?.wait();
    const second = two?.campaign('2');
    const elected: string[] = [];
    second?.on('elected', () => elected.push('second'));
    await sleep(500);
    const key = (await second?.getCampaignKey()) ?? '';
    await second?.resign();
    const third = three?.campaign('3');
    third?.on('elected', () => elected.push('third'));
    await sleep(500);
    await first?.resign();
    await sleep(1_000);
    expect(elected.toSorted()).toEqual(['second', 'third']);
    expect(await truth.get(key)).toBeNull();
    await third?.resign();
  });

  test(findings.title('lock-renewed-after-close'), async () => {
    const { client } = await behindProxy();
    const lock = client.lock('closed').ttl(2);
    await lock.acquire();
    await sleep(500);
    client.close();
    await sleep(5_000);
    expect(await truth.get('closed')).toBe('');
    await truth.leaseClient.leaseRevoke({ ID: (await lock.leaseId()) ?? '' });
  });
};

describe.concurrent('etcd3 on a real etcd', () => {
  onLeases();
  onHolds();
});

describe('etcd3 when the wall clock is set', () => {
  const now = Date.now;
  const setClock = (by: number): void => {
    Date.now = () => now() + by;
  };

  const steps = ['clock-ends-lease', 'put-after-loss', 'wall-clock']
    .map((slug) => findings.title(slug))
    .join('; ');
  test(steps, async () => {
    const { client, proxy } = await behindProxy();
    const { lease, losses } = await held(client, 30);
    setClock(3_600_000);
    proxy.reset();
    await sleep(1_000);
    Date.now = now;
    expect(losses).toHaveLength(1);
    expect(await ttlOf(await lease.grant())).toBeGreaterThan(20);
    await lease.put('after-loss').value('v');
    expect(await truth.get('after-loss')).toBe('v');
  });

  test(findings.title('loss-told-late'), async () => {
    const { client, proxy } = await behindProxy();
    const { lease, losses } = await held(client, 2);
    setClock(-3_600_000);
    proxy.silence();
    await sleep(6_500);
    Date.now = now;
    expect({ ttl: await ttlOf(await lease.grant()), losses }).toEqual({ ttl: -1, losses: [] });
  });
});

test('what is said to be confirmed is played here', () => {
  expect(findings.missing).toEqual([]);
});
