/**
 * What docs/FINDINGS.md calls confirmed: the situations of findings in npm's etcd3, with a real
 * etcd, on the real clock, over TCP. A test that fails says that the client does better now.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Confirmed } from './confirmed.ts';
import { BY_MESSAGES, realEtcdForTests } from './real-etcd.ts';

const real = realEtcdForTests();
const findings = new Confirmed('etcd3', (slug) => !BY_MESSAGES.includes(slug));

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const onLeases = (): void => {
  test(findings.title('believed-after-expiry'), async () => {
    const { client, proxy } = await real.behindTcp();
    const { lease, losses } = await real.held(client, 2);
    const id = await lease.grant();
    proxy.silence();
    await sleep(3_200);
    expect({ ttl: await real.ttlOf(id), losses }).toEqual({ ttl: -1, losses: [] });
  });

  test(findings.title('lost-twice'), async () => {
    const { client } = await real.behindTcp();
    const { lease, losses } = await real.held(client, 60);
    await real.truth.leaseClient.leaseRevoke({ ID: await lease.grant() });
    await expect(lease.put('twice/1').value('')).rejects.toThrow(/lease/);
    await expect(lease.put('twice/2').value('')).rejects.toThrow(/lease/);
    expect(losses).toHaveLength(2);
  });

  test(findings.title('one-disconnect-ends-all'), async () => {
    const many = await real.behindTcp();
    const one = await real.behindTcp();
    const leases = await Promise.all([1, 2, 3].map(() => real.held(many.client, 3)));
    const alone = await real.held(one.client, 3);
    many.proxy.reset();
    one.proxy.reset();
    await sleep(4_200);
    const ids = await Promise.all(leases.map(({ lease }) => lease.grant()));
    expect(await Promise.all(ids.map((id) => real.ttlOf(id)))).toEqual([-1, -1, -1]);
    expect(await real.ttlOf(await alone.lease.grant())).toBeGreaterThan(0);
  });

  test(findings.title('asks-after-close'), async () => {
    const { client } = await real.behindTcp();
    const { lease } = await real.held(client, 2);
    client.close();
    await sleep(5_000);
    expect(await real.ttlOf(await lease.grant())).toBeGreaterThan(0);
  });

  test(findings.title('left-after-close'), async () => {
    const script = `const { Etcd3 } = require('etcd3');
      const client = new Etcd3({ hosts: process.argv[1] });
      client.lease(30).grant().then(() => setTimeout(() => client.close(), 500));`;
    const cwd = fileURLToPath(new URL('../../../', import.meta.url));
    const child = spawn(process.execPath, ['-e', script, real.url], { cwd });
    const ended = once(child, 'exit');
    const still = await Promise.race([ended, sleep(5_000).then(() => 'running')]);
    child.kill('SIGKILL');
    await ended;
    expect(still).toBe('running');
  });

  test(findings.title('connection-storm'), async () => {
    const { client, proxy } = await real.behindTcp();
    await real.held(client, 30);
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
    const { client } = await real.behindTcp();
    const lock = client.lock('').ttl(2);
    await expect(lock.acquire()).rejects.toThrow(/key is not provided/);
    const id = (await lock.leaseId()) ?? '';
    await sleep(5_000);
    expect(await real.ttlOf(id)).toBeGreaterThan(0);
    await real.truth.leaseClient.leaseRevoke({ ID: id });
  });

  test(`${findings.title('lock-outlives-key')}; ${findings.title('two-holders')}`, async () => {
    const { client, proxy } = await real.behindTcp();
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
    const other = real.truth.lock('outlived').ttl(30);
    await other.acquire();
    expect(isInside).toBe(true);
    await other.release();
  });

  test(`${findings.title('elected-after-resign')}; ${findings.title('two-leaders')}`, async () => {
    const [one, two, three] = [real.truth, real.truth, real.truth].map((client) =>
      client.election('e', 30),
    );
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
    expect(await real.truth.get(key)).toBeNull();
    await third?.resign();
  });

  test(findings.title('lock-renewed-after-close'), async () => {
    const { client } = await real.behindTcp();
    const lock = client.lock('closed').ttl(2);
    await lock.acquire();
    await sleep(500);
    client.close();
    await sleep(5_000);
    expect(await real.truth.get('closed')).toBe('');
    await real.truth.leaseClient.leaseRevoke({ ID: (await lock.leaseId()) ?? '' });
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
    const { client, proxy } = await real.behindTcp();
    const { lease, losses } = await real.held(client, 30);
    setClock(3_600_000);
    proxy.reset();
    await sleep(1_000);
    Date.now = now;
    expect(losses).toHaveLength(1);
    expect(await real.ttlOf(await lease.grant())).toBeGreaterThan(20);
    await lease.put('after-loss').value('v');
    expect(await real.truth.get('after-loss')).toBe('v');
  });

  test(findings.title('loss-told-late'), async () => {
    const { client, proxy } = await real.behindTcp();
    const { lease, losses } = await real.held(client, 2);
    setClock(-3_600_000);
    proxy.silence();
    await sleep(6_500);
    Date.now = now;
    expect({ ttl: await real.ttlOf(await lease.grant()), losses }).toEqual({ ttl: -1, losses: [] });
  });
});

test('what is said to be confirmed is played here', () => {
  expect(findings.missing).toEqual([]);
});
