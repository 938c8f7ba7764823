/**
 * The key-value store: what each key holds, and the revision. It takes leases as part of a key and
 * asks nothing.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { KeyValue } from '../api/response.ts';
import { nextRevision, type Revision, revision } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import type { Fingerprint } from './fingerprint.ts';
import { KeyIndex } from './key-index.ts';

export class Store {
  /** A fresh store is at revision 1 (GRANT-06). */
  #revision: Revision = revision(1);
  readonly #kvs = new Map<Bytes, KeyValue>();
  readonly #index = new KeyIndex(this.#kvs);
  readonly #fingerprint: Fingerprint;

  constructor(fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
  }

  get revision(): Revision {
    return this.#revision;
  }

  /** How many keys there are. */
  get size(): number {
    return this.#kvs.size;
  }

  get(key: Bytes): KeyValue | undefined {
    return this.#kvs.get(key);
  }

  /** Writes a key, at a revision of its own; `previous` is what it held before. */
  put(key: Bytes, value: Bytes, lease: LeaseId, previous: KeyValue | undefined): KeyValue {
    const modRevision = this.#advance();
    const kv: KeyValue = {
      key,
      value,
      // REVOKE-06: a key that was gone begins a new generation.
      createRevision: previous === undefined ? modRevision : previous.createRevision,
      modRevision,
      version: previous === undefined ? 1 : previous.version + 1,
      lease,
    };
    const before = this.#kvs.size;
    if (this.#kvs.set(key, kv).size !== before) this.#index.note(key);
    if (this.#kvs.size !== before + (previous === undefined ? 1 : 0)) {
      throw new InvariantViolation('a put knows what it replaces', { key, modRevision });
    }
    this.#record(4, key);
    this.#fingerprint.text(value);
    this.#fingerprint.int64(lease);
    return kv;
  }

  /**
   * Deletes keys that are there, all at one revision; none, none. Returns what they held, in the
   * same order.
   */
  delete(keys: readonly Bytes[]): KeyValue[] {
    const deleted: KeyValue[] = [];
    if (keys.length === 0) return deleted;
    this.#advance();
    for (const key of keys) {
      const kv = this.#kvs.get(key);
      if (kv === undefined || !this.#kvs.delete(key)) {
        throw new InvariantViolation('a deleted key was there', { key });
      }
      this.#index.note(key);
      this.#record(5, key);
      deleted.push(kv);
    }
    return deleted;
  }

  /**
   * The keys from `key` to `rangeEnd`, ascending: empty names the one key, a zero byte all from
   * `key` on.
   */
  keys(key: Bytes, rangeEnd: Bytes): readonly Bytes[] {
    if (rangeEnd !== NO_BYTES) return this.#index.range(key, rangeEnd);
    return this.#kvs.has(key) ? [key] : [];
  }

  /** What the keys of a range hold, in ascending order of the keys. */
  range(key: Bytes, rangeEnd: Bytes): KeyValue[] {
    return this.keys(key, rangeEnd).map((found) => this.#kvs.get(found) as KeyValue);
  }

  /**
   * Checks all keys; returns how many have a lease, each of which `hasKey` must know to hold the
   * key.
   */
  scan(hasKey: (id: LeaseId, key: Bytes) => boolean): number {
    this.#index.scan();
    let leased = 0;
    for (const [key, kv] of this.#kvs) {
      const isOrdered = kv.createRevision <= kv.modRevision && kv.modRevision <= this.#revision;
      const isCounted = kv.version >= 1 && kv.version <= kv.modRevision - kv.createRevision + 1;
      if (kv.key !== key || key === NO_BYTES || !isOrdered || !isCounted) {
        throw new InvariantViolation('a key is what it was put as', { ...kv });
      }
      if (kv.lease === 0n) continue;
      leased += 1;
      if (!hasKey(kv.lease, key)) {
        throw new InvariantViolation('the lease of a key has the key', { key, lease: kv.lease });
      }
    }
    return leased;
  }

  #advance(): Revision {
    this.#revision = nextRevision(this.#revision);
    return this.#revision;
  }

  #record(change: number, key: Bytes): void {
    this.#fingerprint.word(change);
    this.#fingerprint.number(this.#revision);
    this.#fingerprint.text(key);
  }
}
