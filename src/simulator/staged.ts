/**
 * What a transaction has changed so far, over a store that stays as it is until all of it is
 * applied: the operations of a transaction see what those before them did, and nobody else does.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import type { KeyValue } from '../api/response.ts';
import { nextRevision, type Revision } from '../api/units.ts';
import type { Version } from './history.ts';
import { KeyIndex } from './key-index.ts';
import { deletionOf, type Store } from './store.ts';

export class Staged {
  readonly #store: Store;
  readonly #changes: Version[] = [];
  readonly #latest = new Map<Bytes, Version>();
  readonly #index = new KeyIndex(this.#latest);

  constructor(store: Store) {
    this.#store = store;
  }

  /** In the order in which they were made. */
  get changes(): readonly Version[] {
    return this.#changes;
  }

  /** The last change of each key. */
  latest(): Version[] {
    return [...this.#latest.values()];
  }

  /** KV-10: the store's until something changes, and then the one that all changes share. */
  get revision(): Revision {
    const { revision } = this.#store;
    return this.#changes.length === 0 ? revision : nextRevision(revision);
  }

  /** KV-28: what the operations so far have made of it. */
  get(key: Bytes): KeyValue | undefined {
    const changed = this.#latest.get(key);
    if (changed === undefined) return this.#store.get(key);
    return changed.version === 0 ? undefined : changed;
  }

  /** KV-28: the same of a range. */
  range(key: Bytes, rangeEnd: Bytes): readonly KeyValue[] {
    if (rangeEnd === NO_BYTES) {
      const kv = this.get(key);
      return kv === undefined ? [] : [kv];
    }
    const stored = this.#store.range(key, rangeEnd);
    if (this.#latest.size === 0) return stored;
    const changed = this.#index.range(key, rangeEnd);
    if (changed.length === 0) return stored;
    const untouched = stored.filter((kv) => !this.#latest.has(kv.key));
    return merged(
      untouched,
      changed.map((each) => this.#latest.get(each) as Version).filter((kv) => kv.version !== 0),
    );
  }

  put(key: Bytes, value: Bytes, lease: LeaseId): void {
    const previous = this.get(key);
    const modRevision = nextRevision(this.#store.revision);
    this.#change({
      key,
      value,
      createRevision: previous?.createRevision ?? modRevision,
      modRevision,
      version: (previous?.version ?? 0) + 1,
      lease,
    });
  }

  /** Deletes the keys of a range; returns what they held. */
  delete(key: Bytes, rangeEnd: Bytes): readonly KeyValue[] {
    const deleted = this.range(key, rangeEnd);
    const modRevision = nextRevision(this.#store.revision);
    for (const kv of deleted) this.#change(deletionOf(kv.key, modRevision));
    return deleted;
  }

  #change(version: Version): void {
    const { size } = this.#latest;
    this.#changes.push(version);
    if (this.#latest.set(version.key, version).size !== size) this.#index.note(version.key);
  }
}

/** Two lists in the order of their keys, which are different ones, as one such list. */
const merged = (left: readonly KeyValue[], right: readonly KeyValue[]): readonly KeyValue[] => {
  const both: KeyValue[] = [];
  let next = 0;
  for (const kv of left) {
    for (let other = right[next]; other !== undefined && other.key < kv.key; ) {
      both.push(other);
      next += 1;
      other = right[next];
    }
    both.push(kv);
  }
  return [...both, ...right.slice(next)];
};
