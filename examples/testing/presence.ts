/** Code as many have it: a service that says in etcd that it is there, by a lease. */
import type { Etcd3, Lease } from 'etcd3';

export class Presence {
  readonly #client: Etcd3;
  readonly #name: string;
  #lease: Lease | undefined;
  isAnnounced = false;

  constructor(client: Etcd3, name: string) {
    this.#client = client;
    this.#name = name;
  }

  async announce(): Promise<void> {
    const lease = this.#client.lease(10);
    this.#lease = lease;
    lease.on('lost', () => {
      this.isAnnounced = false;
      setTimeout(() => void this.announce().catch(() => {}), 1000);
    });
    await lease.put(`services/${this.#name}`).value('here');
    this.isAnnounced = true;
  }

  async leave(): Promise<void> {
    await this.#lease?.revoke();
    this.isAnnounced = false;
  }
}
