/**
 * A lease from the wish for it to its end. Its id is the client's choice, so that asking again
 * after
 * a lost answer cannot make a second one, and so that a lease that nobody heard of can be revoked.
 */
import { KV, Lease } from '../../wire/gen/rpc_pb.ts';
import { CODE } from '../../wire/status.ts';
import { ask, CallFailed } from './call.ts';
import type { Connection } from './connection.ts';
import { KeptLease } from './kept-lease.ts';
import { pause } from './within.ts';

export interface LeaseListener {
  readonly onGranted: (id: bigint, ttl: number) => void;
  readonly onRenewed: (ttl: number) => void;
  /** Told once, and only of a lease that was granted and neither revoked nor released. */
  readonly onLost: (why: string) => void;
}

/** What a lease is granted by. */
export interface Surroundings {
  readonly connection: Connection;
  /** Of the client: it is closed. */
  readonly closing: AbortSignal;
}

/** Milliseconds that one request may take. */
const LIMIT = 1_000;
/** Milliseconds that a grant, or a revocation, is tried for. */
const PERSISTENCE = 8_000;
/** Milliseconds between two tries. */
const DISTANCE = 250;

export class ReferenceLease {
  /** Rejects when there is none: refused, or not granted in time. */
  readonly granted: Promise<void>;
  readonly #surroundings: Surroundings;
  readonly #listener: LeaseListener;
  readonly #over = new AbortController();
  #id = chosenId();
  #kept: KeptLease | undefined;

  constructor(ttl: number, listener: LeaseListener, surroundings: Surroundings) {
    this.#listener = listener;
    this.#surroundings = surroundings;
    surroundings.closing.addEventListener('abort', () => this.release(), { signal: this.over });
    this.granted = this.#grant(ttl);
    // Who waits for it hears of it; who does not need not.
    this.granted.catch(() => {});
  }

  get id(): bigint {
    return this.#id;
  }

  get isAlive(): boolean {
    return this.#kept?.isAlive === true;
  }

  /** Ends what is done on the strength of the lease: it is lost, revoked or released. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Renews it no more, and leaves it to expire. */
  release(): void {
    this.#kept?.stop();
    this.#over.abort();
  }

  /** Resolves when it is gone from the server; rejects when nobody can tell. */
  async revoke(): Promise<void> {
    this.release();
    // One that is on its way is revoked once its fate is known.
    await this.granted.catch(() => {});
    const { connection, closing } = this.#surroundings;
    const method = Lease.method.leaseRevoke;
    await persistently(closing, async () => {
      const revoked = ask(connection, method, { ID: this.#id }, { limit: LIMIT, signal: closing });
      await revoked.catch((error: CallFailed) => {
        if (error.code !== CODE.notFound) throw error;
      });
    });
  }

  /**
   * Puts a key that lives as long as the lease. It is tried once: a put is not undone by
   * another.
   */
  async put(key: string, value: string): Promise<void> {
    if (this.#kept === undefined || !this.isAlive) throw new Error('the lease is not alive');
    const limit = Math.min(PERSISTENCE, this.#kept.deadline - performance.now());
    const request = { key: Buffer.from(key), value: Buffer.from(value), lease: this.#id };
    await ask(this.#surroundings.connection, KV.method.put, request, { limit, signal: this.over });
  }

  async #grant(ttl: number): Promise<void> {
    const { connection } = this.#surroundings;
    const { ttl: granted, sentAt } = await this.#granted(ttl);
    if (this.over.aborted) throw new Error('the lease is not wanted any more');
    if (performance.now() >= sentAt + granted * 1_000) throw new Error('granted too late');
    this.#kept = new KeptLease({
      connection,
      id: this.#id,
      ttl: granted,
      sentAt,
      onRenewed: (ttl) => this.#listener.onRenewed(ttl),
      onLost: (why) => {
        this.#over.abort();
        this.#listener.onLost(why);
      },
    });
    this.#listener.onGranted(this.#id, granted);
  }

  /** What was granted, and when the request was sent that did it. */
  async #granted(ttl: number): Promise<{ readonly ttl: number; readonly sentAt: number }> {
    const { connection, closing } = this.#surroundings;
    // Its answer is of interest even when nobody wants it any more: it has to be revoked.
    const bounds = { limit: LIMIT, signal: closing };
    let firstSentAt: number | undefined;
    return persistently(this.over, async () => {
      firstSentAt ??= performance.now();
      const request = { TTL: BigInt(ttl), ID: this.#id };
      try {
        const { message, sentAt } = await ask(connection, Lease.method.leaseGrant, request, bounds);
        return { ttl: Number(message.TTL), sentAt };
      } catch (error) {
        if (!(error instanceof CallFailed) || error.code !== CODE.failedPrecondition) throw error;
      }
      // It exists: an earlier try was carried out, and its answer did not arrive.
      const about = { ID: this.#id };
      const { message } = await ask(connection, Lease.method.leaseTimeToLive, about, bounds);
      const sentAt = firstSentAt;
      if (message.TTL >= 0) return { ttl: Number(message.grantedTTL), sentAt };
      this.#id = chosenId();
      firstSentAt = undefined;
      throw new CallFailed(CODE.unavailable, 'the lease expired before its grant was heard of');
    });
  }
}

/** Tries again what failed for want of a server. */
async function persistently<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  const endsAt = performance.now() + PERSISTENCE;
  for (;;) {
    const startedAt = performance.now();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof CallFailed) || isFinal(error.code)) throw error;
      if (performance.now() >= endsAt) throw error;
      await pause(Math.max(0, startedAt + DISTANCE - performance.now()), signal);
    }
  }
}

const isFinal = (code: number): boolean => !TRANSIENT.has(code);
const TRANSIENT: ReadonlySet<number> = new Set([
  CODE.unknown,
  CODE.deadlineExceeded,
  CODE.resourceExhausted,
  CODE.internal,
  CODE.unavailable,
]);

/** Positive, of 62 bits. */
const chosenId = (): bigint =>
  (BigInt(Math.floor(Math.random() * 2 ** 31)) << 31n) |
  BigInt(1 + Math.floor(Math.random() * (2 ** 31 - 1)));
