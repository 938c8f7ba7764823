/** The reference client, as the fuzzer sees it. */
import type { Adapter, Client, Name, Surroundings } from '../adapter.ts';
import { type Hold, ReferenceClient } from './client.ts';
import type { ReferenceLease } from './lease.ts';
import { VERSION } from '../../version.ts';

export const referenceAdapter = (create = (url: string) => new ReferenceClient(url)): Adapter => ({
  name: 'reference',
  version: VERSION,
  abilities: ['lease', 'put', 'lock', 'election'],
  start: (surroundings) => new AdaptedClient(create(surroundings.url), surroundings.report),
});

type Report = Surroundings['report'];

class AdaptedClient implements Client {
  readonly #client: ReferenceClient;
  readonly #report: Report;
  readonly #leases = new Map<Name, ReferenceLease>();
  readonly #holds = new Map<string, Hold>();
  /** Those that it has said to have. */
  readonly #had = new Set<Hold>();

  constructor(client: ReferenceClient, report: Report) {
    this.#client = client;
    this.#report = report;
  }

  async grant(lease: Name, ttlSeconds: number): Promise<void> {
    if (this.#leases.get(lease)?.isAlive === true) throw new Error(`${lease} is there already`);
    const report = this.#report;
    const granted = this.#client.lease(ttlSeconds, {
      onGranted: (id, ttl) => report({ kind: 'granted', lease, id, ttl }),
      onRenewed: (ttl) => report({ kind: 'renewed', lease, ttl }),
      onLost: (why) => report({ kind: 'lost', lease, why }),
    });
    this.#leases.set(lease, granted);
    await granted.granted;
  }

  async revoke(lease: Name): Promise<void> {
    await this.#leases.get(lease)?.revoke();
  }

  async release(lease: Name): Promise<void> {
    this.#leases.get(lease)?.release();
  }

  async put(key: string, lease: Name): Promise<void> {
    const held = this.#leases.get(lease);
    if (held === undefined) throw new Error(`there is no ${lease}`);
    await held.put(key, '');
  }

  async lock(name: Name, ttlSeconds: number): Promise<void> {
    await this.#take(`lock/${name}`, name, ttlSeconds);
  }

  async unlock(name: Name): Promise<void> {
    await this.#give(`lock/${name}`, name);
  }

  async campaign(name: Name, ttlSeconds: number): Promise<void> {
    await this.#take(`election/${name}`, name, ttlSeconds);
  }

  async resign(name: Name): Promise<void> {
    await this.#give(`election/${name}`, name);
  }

  async close(): Promise<void> {
    await this.#client.close();
  }

  async #take(prefix: string, name: Name, ttl: number): Promise<void> {
    if (this.#holds.has(prefix)) throw new Error(`${name} is taken, or waited for, already`);
    const hold = this.#client.hold(prefix, ttl, () => this.#yield(prefix, name, hold));
    this.#holds.set(prefix, hold);
    try {
      const { key, revision } = await hold.acquired;
      if (this.#holds.get(prefix) !== hold) throw new Error(`${name} was given back`);
      this.#had.add(hold);
      this.#report({ kind: 'acquired', name, key, revision, lease: hold.lease });
    } catch (error) {
      this.#forget(prefix, hold);
      throw error;
    }
  }

  /** It says that it has it no more before anybody else can have it. */
  async #give(prefix: string, name: Name): Promise<void> {
    const hold = this.#holds.get(prefix);
    if (hold === undefined) return;
    this.#yield(prefix, name, hold);
    await hold.release();
  }

  #yield(prefix: string, name: Name, hold: Hold): void {
    this.#forget(prefix, hold);
    if (this.#had.delete(hold)) this.#report({ kind: 'yielded', name });
  }

  #forget(prefix: string, hold: Hold): void {
    if (this.#holds.get(prefix) === hold) this.#holds.delete(prefix);
  }
}
