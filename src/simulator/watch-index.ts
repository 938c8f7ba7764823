/** Finds the watches of a key among many: those of that very key, and those of ranges around it. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import { RangeTree } from './range-tree.ts';

export interface Watched {
  readonly key: Bytes;
  /** As in the request for a range. */
  readonly rangeEnd: Bytes;
}

export class WatchIndex<T extends Watched> {
  #size = 0;
  readonly #keys = new Map<Bytes, Set<T>>();
  readonly #ranges = new RangeTree<T>();

  /** How many watches there are. */
  get size(): number {
    return this.#size;
  }

  add(watch: T): void {
    this.#size += 1;
    if (watch.rangeEnd !== NO_BYTES) {
      this.#ranges.add(watch.key, watch.rangeEnd, watch);
      return;
    }
    const watches = this.#keys.get(watch.key);
    if (watches === undefined) this.#keys.set(watch.key, new Set<T>().add(watch));
    else watches.add(watch);
  }

  /** Takes out a watch that was added. */
  remove(watch: T): void {
    this.#size -= 1;
    if (watch.rangeEnd !== NO_BYTES) {
      this.#ranges.remove(watch.key, watch.rangeEnd, watch);
      return;
    }
    const watches = this.#keys.get(watch.key);
    if (watches?.delete(watch) === true && watches.size === 0) this.#keys.delete(watch.key);
  }

  /** Calls with each watch that watches a key. */
  visit(key: Bytes, found: (watch: T) => void): void {
    const watches = this.#keys.get(key);
    if (watches !== undefined) for (const watch of watches) found(watch);
    this.#ranges.visit(key, found);
  }

  /** Checks the ranges; returns how many watches are found. */
  scan(): number {
    let found = this.#ranges.scan();
    for (const watches of this.#keys.values()) found += watches.size;
    return found;
  }
}
