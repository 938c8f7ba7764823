/**
 * The keys of a store in bytewise order, for ranges. Changes are only noted when they happen and
 * worked in when a range asks: a store that is never asked for a range does not pay for one.
 */
import { type Bytes, FROM_KEY } from '../api/bytes.ts';
import { InvariantViolation } from '../invariant.ts';

export class KeyIndex {
  /** The truth: what is a key at all. */
  readonly #present: ReadonlyMap<Bytes, unknown>;
  #sorted: Bytes[] = [];
  /** Keys that came or went since `#sorted` was right, perhaps several times. */
  #changed: Bytes[] = [];
  /** Too many changed to work them in one by one. */
  #stale = false;

  constructor(present: ReadonlyMap<Bytes, unknown>) {
    this.#present = present;
  }

  /** To be called when a key has come or gone. */
  note(key: Bytes): void {
    if (this.#stale) return;
    // Each change costs a search and a move of part of the array; beyond this, sorting anew is
    // cheaper.
    if (this.#changed.length * 64 < this.#sorted.length + 1024) {
      this.#changed.push(key);
    } else {
      this.#stale = true;
      this.#changed = [];
    }
  }

  /** The keys from `start` to `end`, which is exclusive or `FROM_KEY`. */
  range(start: Bytes, end: Bytes): Bytes[] {
    this.#refresh();
    const last = end === FROM_KEY ? this.#sorted.length : this.#search(end);
    return this.#sorted.slice(this.#search(start), last);
  }

  /** Checks that the index is sorted and holds each key once. */
  scan(): void {
    this.#refresh();
    const keys = this.#sorted;
    if (keys.length !== this.#present.size) {
      throw new InvariantViolation('the index holds all keys', { indexed: keys.length });
    }
    for (const [index, key] of keys.entries()) {
      if (!this.#present.has(key) || (index > 0 && (keys[index - 1] as Bytes) >= key)) {
        throw new InvariantViolation('the index is sorted and holds only keys', { key, index });
      }
    }
  }

  #refresh(): void {
    if (this.#stale) {
      this.#stale = false;
      this.#sorted = [...this.#present.keys()].sort();
      return;
    }
    if (this.#changed.length === 0) return;
    for (const key of this.#changed) this.#update(key);
    this.#changed = [];
  }

  #update(key: Bytes): void {
    const index = this.#search(key);
    const isIndexed = this.#sorted[index] === key;
    const isPresent = this.#present.has(key);
    if (isPresent && !isIndexed) this.#sorted.splice(index, 0, key);
    if (!isPresent && isIndexed) this.#sorted.splice(index, 1);
  }

  /** How many keys come before `key`. */
  #search(key: Bytes): number {
    const keys = this.#sorted;
    let low = 0;
    let high = keys.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((keys[middle] as Bytes) < key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
