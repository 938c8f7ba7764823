/**
 * What docs/FINDINGS.md calls confirmed of npm's etcd3 that takes a message which is lost, late or
 * doubled: with a real etcd on the real clock, behind a proxy of HTTP/2. A test that fails says
 * that the client does better now.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { Confirmed } from './confirmed.ts';
import type { Http2Proxy } from './http2-proxy.ts';
import { BY_MESSAGES, type Held, realEtcdForTests } from './real-etcd.ts';

const real = realEtcdForTests();
const findings = new Confirmed('etcd3', (slug) => BY_MESSAGES.includes(slug));

const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const TXN = '/etcdserverpb.KV/Txn';
const WATCH = '/etcdserverpb.Watch/Watch';

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const renewalsAsked = ({ asked }: Http2Proxy): number =>
  asked.filter((path) => path === KEEP_ALIVE).length;

/** A lease, TTL 2 s, after a stream of it went silent and a connection ended. */
const afterIncident = async (): Promise<Held & { proxy: Http2Proxy }> => {
  const { client, proxy } = await real.behindHttp2();
  const held = await real.held(client, 2);
  proxy.mute();
  await once(held.lease, 'keepaliveFailed');
  await once(held.lease, 'keepaliveSucceeded');
  proxy.disconnect();
  await once(held.lease, 'keepaliveSucceeded');
  await sleep(1_500);
  return { ...held, proxy };
};

const onLeases = (): void => {
  test(findings.title('counts-on-lost-replies'), async () => {
    const { client, proxy } = await real.behindHttp2();
    const { id, losses } = await real.held(client, 2);
    proxy.holdReplies(KEEP_ALIVE);
    await sleep(3_000);
    expect({ isAlive: (await real.ttlOf(id)) > 0, losses }).toEqual({ isAlive: true, losses: [] });
  });

  test(findings.title('renewed-after-loss'), async () => {
    const { client, proxy } = await real.behindHttp2();
    const { lease, id, losses } = await real.held(client, 9);
    proxy.holdReplies(KEEP_ALIVE);
    const asked = renewalsAsked(proxy);
    await sleep(3_500);
    expect(renewalsAsked(proxy)).toBeGreaterThan(asked);
    await real.truth.leaseClient.leaseRevoke({ ID: id });
    await expect(lease.put('renewed-after-loss').value('')).rejects.toThrow(/lease/);
    expect(losses).toHaveLength(1);
    const renewed = once(lease, 'keepaliveSucceeded');
    proxy.releaseReplies();
    expect(await renewed).toEqual([expect.objectContaining({ TTL: '9' })]);
  });
};

const onForgottenStreams = (): void => {
  test(findings.title('two-loops'), async () => {
    const { proxy } = await afterIncident();
    const before = renewalsAsked(proxy);
    await sleep(4_000);
    // One loop asks six or seven times in that time, as a TTL of 2 s demands.
    expect(renewalsAsked(proxy) - before).toBeGreaterThan(8);
  });

  test(findings.title('renewed-after-revoke'), async () => {
    const { lease, proxy } = await afterIncident();
    await lease.revoke();
    const before = renewalsAsked(proxy);
    await sleep(4_000);
    expect(renewalsAsked(proxy)).toBeGreaterThan(before);
  });

  test(findings.title('renewed-after-release'), async () => {
    const { id, lease } = await afterIncident();
    lease.release();
    await sleep(6_000);
    expect(await real.ttlOf(id)).toBeGreaterThan(0);
  });

  test(findings.title('asked-for-after-loss'), async () => {
    const { id, lease, losses, proxy } = await afterIncident();
    proxy.holdReplies(KEEP_ALIVE);
    await once(lease, 'lost');
    await sleep(6_000);
    expect(losses).toHaveLength(1);
    expect(await real.ttlOf(id)).toBeGreaterThan(0);
  });
};

const onCalls = (): void => {
  test(findings.title('watch-throws'), async () => {
    const { proxy } = await real.behindHttp2();
    proxy.doubleRequests(WATCH);
    const script = `const { Etcd3 } = require('etcd3');
      new Etcd3({ hosts: process.argv[1] }).watch().key('k').create().catch(() => {});`;
    const cwd = fileURLToPath(new URL('../../../', import.meta.url));
    const stdio = ['ignore', 'ignore', 'pipe'] as ('ignore' | 'pipe')[];
    const options = { cwd, stdio, timeout: 20_000, killSignal: 'SIGKILL' } as const;
    const child = spawn(process.execPath, ['-e', script, proxy.url], options);
    let said = '';
    child.stderr?.on('data', (data: Buffer) => (said += data.toString()));
    const [code] = await once(child, 'close');
    expect(code).toBe(1);
    expect(said).toContain('Could not find watcher corresponding to create response');
  });

  test(findings.title('lock-never-settles'), async () => {
    const { client, proxy } = await real.behindHttp2();
    proxy.holdReplies(TXN);
    const lock = client.lock('never-settles').ttl(2);
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    lock.acquire().then(settle, settle);
    await sleep(5_000);
    client.close();
    await sleep(1_000);
    expect({ isSettled, key: await real.truth.get('never-settles') }).toEqual({
      isSettled: false,
      key: '',
    });
    await real.truth.leaseClient.leaseRevoke({ ID: (await lock.leaseId()) ?? '' });
  });
};

describe.concurrent('etcd3 on a real etcd, when messages are lost, late or doubled', () => {
  onLeases();
  onForgottenStreams();
  onCalls();
});

test('what is said to be confirmed is played here', () => {
  expect(findings.missing).toEqual([]);
});
