/**
 * A sorted table that is never changed: adding or removing a record gives a new table, which shares
 * with the old one all but the chunk concerned. A change of a table of 10,000 records copies some
 * 350 references.
 */

/**
 * How records are ordered and found. Two questions, because most comparisons need only the first.
 */
export interface Order<R, K> {
  /** Whether the record comes before that of `key`. */
  readonly before: (record: R, key: K) => boolean;
  /** Whether the record is that of `key`. */
  readonly same: (record: R, key: K) => boolean;
}

/** A chunk that would grow beyond this is split in two. */
const CHUNK_LIMIT = 24;

export class SortedTable<R, K> {
  readonly size: number;
  readonly #order: Order<R, K>;
  /** Neither the list nor a chunk in it is ever empty, but for the one chunk of an empty table. */
  readonly #chunks: readonly (readonly R[])[];

  private constructor(order: Order<R, K>, chunks: readonly (readonly R[])[], size: number) {
    this.#order = order;
    this.#chunks = chunks;
    this.size = size;
  }

  static empty<R, K>(order: Order<R, K>): SortedTable<R, K> {
    return new SortedTable<R, K>(order, [[]], 0);
  }

  /** The record of `key`, or undefined. */
  find(key: K): R | undefined {
    const chunk = this.#chunks[this.#chunkOf(key)] as readonly R[];
    const record = chunk[this.#indexIn(chunk, key)];
    return record !== undefined && this.#order.same(record, key) ? record : undefined;
  }

  get first(): R | undefined {
    return this.#chunks[0]?.[0];
  }

  /** This table with `record` as the record of `key`. */
  with(key: K, record: R): SortedTable<R, K> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as readonly R[];
    const index = this.#indexIn(chunk, key);
    const old = chunk[index];
    if (old !== undefined && this.#order.same(old, key)) {
      return this.#replaced(at, chunk.with(index, record), this.size);
    }
    const size = this.size + 1;
    const grown = chunk.toSpliced(index, 0, record);
    if (grown.length <= CHUNK_LIMIT) return this.#replaced(at, grown, size);
    // What is added in order leaves full chunks behind.
    const middle = index === chunk.length ? index : grown.length >> 1;
    const [lower, upper] = [grown.slice(0, middle), grown.slice(middle)];
    return new SortedTable(this.#order, this.#chunks.toSpliced(at, 1, lower, upper), size);
  }

  /** A table with these records, which are in order, and no others. */
  refilled(records: readonly R[]): SortedTable<R, K> {
    const chunks: R[][] = [];
    for (let start = 0; start < records.length; start += CHUNK_LIMIT) {
      chunks.push(records.slice(start, start + CHUNK_LIMIT));
    }
    return new SortedTable(this.#order, chunks.length === 0 ? [[]] : chunks, records.length);
  }

  /** This table without the record of `key`; the same table when there is none. */
  without(key: K): SortedTable<R, K> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as readonly R[];
    const index = this.#indexIn(chunk, key);
    const old = chunk[index];
    if (old === undefined || !this.#order.same(old, key)) return this;
    const size = this.size - 1;
    if (chunk.length > 1 || this.#chunks.length === 1) {
      return this.#replaced(at, chunk.toSpliced(index, 1), size);
    }
    return new SortedTable(this.#order, this.#chunks.toSpliced(at, 1), size);
  }

  /** This table without many records at once, all of which are in it. */
  withoutAll(gone: ReadonlySet<R>): SortedTable<R, K> {
    const chunks: (readonly R[])[] = [];
    let size = 0;
    for (const chunk of this.#chunks) {
      const left = chunk.filter((record) => !gone.has(record));
      if (left.length > 0) chunks.push(left.length === chunk.length ? chunk : left);
      size += left.length;
    }
    return new SortedTable(this.#order, size === 0 ? [[]] : chunks, size);
  }

  /**
   * This table with `record` in the place of the record of `old`, mostly in one copy. No third
   * record may have that `key`.
   */
  moved(old: K, key: K, record: R): SortedTable<R, K> {
    const at = this.#chunkOf(old);
    const chunk = this.#chunks[at] as readonly R[];
    const index = this.#indexIn(chunk, old);
    const found = chunk[index];
    const isThere = found !== undefined && this.#order.same(found, old);
    if (!isThere || this.#chunkOf(key) !== at) return this.without(old).with(key, record);
    const changed = chunk.toSpliced(index, 1);
    changed.splice(this.#indexIn(changed, key), 0, record);
    return this.#replaced(at, changed, this.size);
  }

  /**
   * The records in order, from that of `start` (or the first after it) on, as long as `wanted` says
   * so.
   */
  takeFrom(start: K, wanted: (record: R) => boolean): R[] {
    const taken: R[] = [];
    let at = this.#chunkOf(start);
    let index = this.#indexIn(this.#chunks[at] as readonly R[], start);
    for (; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] as readonly R[];
      for (; index < chunk.length; index += 1) {
        const record = chunk[index] as R;
        if (!wanted(record)) return taken;
        taken.push(record);
      }
      index = 0;
    }
    return taken;
  }

  /** All records in order. */
  all(): readonly R[] {
    return this.#chunks.length === 1 ? (this.#chunks[0] as readonly R[]) : this.#chunks.flat();
  }

  /** The last chunk that begins before `key`'s record or with it; the first one when none does. */
  #chunkOf(key: K): number {
    const chunks = this.#chunks;
    if (chunks.length === 1) return 0;
    const { before, same } = this.#order;
    const last = chunks.length - 1;
    if (before((chunks[last] as readonly R[])[0] as R, key)) return last;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before((chunks[middle] as readonly R[])[0] as R, key)) low = middle + 1;
      else high = middle;
    }
    // The first chunk that does not begin before it.
    return low === 0 || same((chunks[low] as readonly R[])[0] as R, key) ? low : low - 1;
  }

  /** Where the record of `key` is in `chunk`, or would be. */
  #indexIn(chunk: readonly R[], key: K): number {
    const { before } = this.#order;
    let low = 0;
    let high = chunk.length;
    // Most records are added in order, and the first ones go first.
    if (high === 0 || before(chunk[high - 1] as R, key)) return high;
    if (!before(chunk[0] as R, key)) return 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(chunk[middle] as R, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replaced(at: number, chunk: readonly R[], size: number): SortedTable<R, K> {
    const chunks = this.#chunks.length === 1 ? [chunk] : this.#chunks.with(at, chunk);
    return new SortedTable(this.#order, chunks, size);
  }
}
