/**
 * The key-value store: what each key holds and held, and the revision. It takes leases as part of a
 * key and asks nothing.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { KeyValue } from '../api/response.ts';
import { nextRevision, type Revision, revision as toRevision } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import type { Fingerprint } from './fingerprint.ts';
import { History, type Version } from './history.ts';
import { KeyIndex } from './key-index.ts';

export class Store {
  /** A fresh store is at revision 1 (GRANT-06). */
  #revision: Revision = toRevision(1);
  readonly #kvs = new Map<Bytes, KeyValue>();
  readonly #index = new KeyIndex(this.#kvs);
  readonly #history = new History();
  readonly #fingerprint: Fingerprint;

  constructor(fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
  }

  get revision(): Revision {
    return this.#revision;
  }

  get history(): History {
    return this.#history;
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
    this.#history.append(kv);
    this.#recordPut(kv);
    return kv;
  }

  /**
   * Deletes keys that are there, all at one revision; none, none. Returns what they held, in the
   * same order.
   */
  delete(keys: readonly Bytes[]): KeyValue[] {
    const deleted: KeyValue[] = [];
    if (keys.length === 0) return deleted;
    const deletions: Version[] = [];
    const modRevision = this.#advance();
    for (const key of keys) {
      const kv = this.#kvs.get(key);
      if (kv === undefined || !this.#kvs.delete(key)) {
        throw new InvariantViolation('a deleted key was there', { key });
      }
      this.#index.note(key);
      this.#record(5, key);
      deleted.push(kv);
      deletions.push(deletionOf(key, modRevision));
    }
    this.#history.append(deletions.length === 1 ? (deletions[0] as Version) : deletions);
    return deleted;
  }

  /** Takes what a transaction changed, in that order; it bears the next revision already. */
  apply(changes: readonly Version[]): void {
    const revision = this.#advance();
    for (const version of changes) {
      const { key, modRevision } = version;
      if (modRevision !== revision) {
        throw new InvariantViolation('a transaction has one revision', { revision, modRevision });
      }
      const before = this.#kvs.size;
      if (version.version === 0) {
        this.#kvs.delete(key);
        this.#record(5, key);
      } else {
        this.#kvs.set(key, version);
        this.#recordPut(version);
      }
      if (this.#kvs.size !== before) this.#index.note(key);
    }
    this.#history.append(changes.length === 1 ? (changes[0] as Version) : changes);
  }

  /** Forgets what was before a revision (KV-14: and nothing else). */
  compact(floor: Revision, keepsDeletions: boolean): void {
    this.#history.compact(floor, keepsDeletions);
    this.#fingerprint.word(7);
    this.#fingerprint.number(floor);
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

  /** The same at a revision that is neither below the floor nor in the future. */
  rangeAt(key: Bytes, rangeEnd: Bytes, revision: number): KeyValue[] {
    return revision === this.#revision
      ? this.range(key, rangeEnd)
      : this.#history.range(key, rangeEnd, revision);
  }

  /**
   * Checks all keys; returns how many have a lease, each of which `hasKey` must know to hold the
   * key.
   */
  scan(hasKey: (id: LeaseId, key: Bytes) => boolean): number {
    this.#index.scan();
    this.#history.scan(this.#revision, this.#kvs);
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

  #recordPut({ key, value, lease }: KeyValue): void {
    this.#record(4, key);
    this.#fingerprint.text(value);
    this.#fingerprint.int64(lease);
  }

  #record(change: number, key: Bytes): void {
    this.#fingerprint.word(change);
    this.#fingerprint.number(this.#revision);
    this.#fingerprint.text(key);
  }
}

/** REVOKE-05: the key and the revision of its deletion; all else is zero or empty. */
export const deletionOf = (key: Bytes, modRevision: Revision): Version => ({
  key,
  value: NO_BYTES,
  createRevision: NEVER_CREATED,
  modRevision,
  version: 0,
  lease: 0n,
});

const NEVER_CREATED = toRevision(0);
