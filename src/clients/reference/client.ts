/**
 * A small client of leases, written to keep every contract of this folder: an example of how it can
 * be done. It keeps leases alive, puts keys with them, takes locks and runs for elections.
 */
import { setMaxListeners } from 'node:events';
import { Connection } from './connection.ts';
import { type LeaseListener, ReferenceLease, type Surroundings } from './lease.ts';
import { type Place, takeTurn } from './mutex.ts';

/** A lock, or an office, that one waits for, has, or had. */
export interface Hold {
  /** Of the lease that the key goes with. */
  readonly lease: bigint;
  /** Rejects when it cannot be had: the lease is over, or the server refuses. */
  readonly acquired: Promise<Place>;
  /** Gives it back. Resolves when its key is gone. */
  release(): Promise<void>;
}

export class ReferenceClient {
  readonly #closing = new AbortController();
  readonly #surroundings: Surroundings;

  constructor(url: string) {
    // Each lease, and each call, listens for the end.
    setMaxListeners(0, this.#closing.signal);
    this.#surroundings = { connection: new Connection(url), closing: this.#closing.signal };
  }

  /** Asks for a lease, and keeps it alive from when it is granted. */
  lease(ttl: number, listener: LeaseListener): ReferenceLease {
    return new ReferenceLease(ttl, listener, this.#surroundings);
  }

  /** Queues for what all have who use the same prefix, one at a time. */
  hold(prefix: string, ttl: number, onLost: () => void): Hold {
    const lease = this.lease(ttl, { onGranted: () => {}, onRenewed: () => {}, onLost });
    const acquired = this.#acquire(prefix, lease);
    acquired.catch(() => {});
    return {
      get lease() {
        return lease.id;
      },
      acquired,
      release: () => lease.revoke(),
    };
  }

  /** Ends it: leases are left to expire, and nothing else is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#surroundings.connection.close();
  }

  async #acquire(prefix: string, lease: ReferenceLease): Promise<Place> {
    try {
      await lease.granted;
      return await takeTurn(prefix, lease, this.#surroundings);
    } catch (error) {
      // Its place in the queue goes with it.
      await lease.revoke().catch(() => {});
      throw error;
    }
  }
}
