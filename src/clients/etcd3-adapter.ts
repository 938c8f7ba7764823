/** npm's `etcd3`, as its documentation would have it used. */
import { Etcd3, type Lease } from 'etcd3';
import type { Adapter, Client, Name, Surroundings } from './adapter.ts';

export const etcd3Adapter: Adapter = {
  name: 'etcd3',
  version: '1.1.2',
  abilities: ['lease', 'put', 'lock', 'election'],
  start: (surroundings) => new Etcd3Client(surroundings),
};

type Campaign = ReturnType<ReturnType<Etcd3['election']>['campaign']>;
type Lock = ReturnType<Etcd3['lock']>;

class Etcd3Client implements Client {
  readonly #etcd: Etcd3;
  readonly #report: Surroundings['report'];
  readonly #leases = new Map<Name, Lease>();
  readonly #locks = new Map<Name, Lock>();
  readonly #campaigns = new Map<Name, Campaign>();
  readonly #resigned = new Map<Campaign, () => void>();

  constructor({ url, grpcOptions, report }: Surroundings) {
    this.#etcd = new Etcd3({ hosts: url, grpcOptions: { ...grpcOptions } });
    this.#report = report;
  }

  async grant(name: Name, ttl: number): Promise<void> {
    const lease = this.#etcd.lease(ttl);
    this.#leases.set(name, lease);
    let isGranted = false;
    lease.on('lost', (error) => {
      // A grant that is refused is no lease that was lost.
      if (isGranted) this.#report({ kind: 'lost', lease: name, why: error.message });
    });
    lease.on('keepaliveSucceeded', ({ TTL }) =>
      this.#report({ kind: 'renewed', lease: name, ttl: Number(TTL) }),
    );
    const id = BigInt(await lease.grant());
    // A lease that was revoked or released meanwhile is none of which anybody says that it lives.
    if (lease.revoked()) return;
    isGranted = true;
    this.#report({ kind: 'granted', lease: name, id, ttl });
  }

  async revoke(name: Name): Promise<void> {
    await this.#leases.get(name)?.revoke();
  }

  async release(name: Name): Promise<void> {
    this.#leases.get(name)?.release();
  }

  async put(key: string, name: Name): Promise<void> {
    await this.#leases.get(name)?.put(key).value('');
  }

  async lock(name: Name, ttl: number): Promise<void> {
    const lock = this.#etcd.lock(name).ttl(ttl);
    await lock.acquire();
    this.#locks.set(name, lock);
    const lease = BigInt((await lock.leaseId()) ?? 0);
    this.#report({ kind: 'acquired', name, key: name, revision: null, lease });
  }

  async unlock(name: Name): Promise<void> {
    const lock = this.#locks.get(name);
    if (lock === undefined) return;
    this.#locks.delete(name);
    this.#report({ kind: 'yielded', name });
    await lock.release();
  }

  async campaign(name: Name, ttl: number): Promise<void> {
    const campaign = this.#etcd.election(name, ttl).campaign(name);
    this.#campaigns.set(name, campaign);
    campaign.on('error', () => this.#yield(name, campaign));
    // By its documentation this never resolves when the campaign is resigned before: then nobody
    // waits for it. What it says nevertheless is heard.
    const elected = this.#await(name, campaign);
    elected.catch(() => {});
    const resigned = new Promise<void>((resolve) => this.#resigned.set(campaign, resolve));
    await Promise.race([elected, resigned]);
  }

  async #await(name: Name, campaign: Campaign): Promise<void> {
    await campaign.wait();
    const key = await campaign.getCampaignKey();
    const lease = BigInt(key.slice(key.lastIndexOf('/') + 1));
    this.#report({ kind: 'acquired', name, key, revision: null, lease });
  }

  async resign(name: Name): Promise<void> {
    const campaign = this.#campaigns.get(name);
    if (campaign === undefined) return;
    this.#yield(name, campaign);
    this.#resigned.get(campaign)?.();
    await campaign.resign();
  }

  async close(): Promise<void> {
    this.#etcd.close();
  }

  #yield(name: Name, campaign: Campaign): void {
    if (this.#campaigns.get(name) !== campaign) return;
    this.#campaigns.delete(name);
    this.#report({ kind: 'yielded', name });
  }
}
