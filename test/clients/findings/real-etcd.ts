/** A real etcd on the real clock, and npm's etcd3 behind proxies, for the tests of a file. */
import { once } from 'node:events';
import { Etcd3, type Lease } from 'etcd3';
import { afterAll, beforeAll } from 'vitest';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { type EtcdTarget, etcdTarget } from '../../../src/harness/targets/etcd-target.ts';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { Http2Proxy } from './http2-proxy.ts';
import { TcpProxy } from './tcp-proxy.ts';

interface Behind<Proxy> {
  readonly client: Etcd3;
  readonly proxy: Proxy;
}

export interface Held {
  readonly lease: Lease;
  readonly id: string;
  /** The messages of its losses. */
  readonly losses: readonly string[];
}

/** It runs from before the first test of the file until after the last. */
export const realEtcdForTests = (): RealEtcd => {
  const real = new RealEtcd();
  beforeAll(() => real.start());
  afterAll(() => real.close());
  return real;
};

export class RealEtcd {
  readonly #closers: (() => void)[] = [];
  #etcd: EtcdTarget | undefined;
  #truth: Etcd3 | undefined;

  async start(): Promise<void> {
    const { path: binary, version } = await testEtcd();
    this.#etcd = await etcdTarget({ binary, version, config: DEFAULT_CONFIG });
    this.#truth = new Etcd3({ hosts: this.url });
  }

  get url(): string {
    if (this.#etcd === undefined) throw new Error('it is not started');
    return this.#etcd.process.url;
  }

  /** A client that goes straight to the server. */
  get truth(): Etcd3 {
    if (this.#truth === undefined) throw new Error('it is not started');
    return this.#truth;
  }

  async behindTcp(): Promise<Behind<TcpProxy>> {
    return this.#behind(new TcpProxy(Number(new URL(this.url).port)));
  }

  async behindHttp2(): Promise<Behind<Http2Proxy>> {
    return this.#behind(new Http2Proxy(this.url));
  }

  /** Granted, with its stream open. */
  async held(client: Etcd3, ttl: number): Promise<Held> {
    const lease = client.lease(ttl);
    const losses: string[] = [];
    lease.on('lost', ({ message }) => losses.push(message));
    this.#closers.push(() => lease.release());
    const renewed = once(lease, 'keepaliveSucceeded');
    const id = await lease.grant();
    await renewed;
    return { lease, id, losses };
  }

  /** Seconds, as the server says; -1: there is no such lease. */
  async ttlOf(lease: string): Promise<number> {
    const answer = await this.truth.leaseClient.leaseTimeToLive({ ID: lease, keys: false });
    return Number(answer.TTL);
  }

  async close(): Promise<void> {
    for (const close of this.#closers) close();
    this.#truth?.close();
    await this.#etcd?.close();
  }

  async #behind<Proxy extends TcpProxy | Http2Proxy>(proxy: Proxy): Promise<Behind<Proxy>> {
    const client = new Etcd3({ hosts: await proxy.listen() });
    this.#closers.push(() => {
      client.close();
      proxy.close();
    });
    return { client, proxy };
  }
}

/** Findings that take a message that is lost, late or doubled: they have a file of tests. */
export const BY_MESSAGES: readonly string[] = [
  'counts-on-lost-replies',
  'renewed-after-loss',
  'two-loops',
  'renewed-after-revoke',
  'renewed-after-release',
  'asked-for-after-loss',
  'watch-throws',
  'lock-never-settles',
];
