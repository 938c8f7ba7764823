/**
 * A sorted table that is never changed: adding or removing a record gives a new table, which shares
 * with the old one all but the chunk concerned. A change of a table of 10,000 records copies some
 * 350 references; to add a record behind all others copies nothing.
 */

/**
 * How records are ordered and found. Two questions, because most comparisons need only the first.
 */
export interface Order<R, K> {
  /** Whether the record comes before that of `key`. */
  before(record: R, key: K): boolean;
  /** Whether the record is that of `key`. */
  same(record: R, key: K): boolean;
}

/** A chunk that would grow beyond this is split in two. */
const CHUNK_LIMIT = 24;

export class SortedTable<R, K> {
  readonly size: number;
  readonly #order: Order<R, K>;
  /** Neither the list nor a chunk in it is ever empty, but for the one chunk of an empty table. */
  readonly #chunks: readonly (readonly R[])[];
  /**
   * How many records of the last chunk are of this table: what follows them is of tables that have
   * grown out of this one. A chunk grows as the last one of a table, and in no other place.
   */
  readonly #tail: number;

  private constructor(
    order: Order<R, K>,
    chunks: readonly (readonly R[])[],
    size: number,
    tail: number,
  ) {
    this.#order = order;
    this.#chunks = chunks;
    this.size = size;
    this.#tail = tail;
  }

  static empty<R, K>(order: Order<R, K>): SortedTable<R, K> {
    return new SortedTable<R, K>(order, [[]], 0, 0);
  }

  /** The record of `key`, or undefined. */
  find(key: K): R | undefined {
    if (this.#isBeyond(key)) return undefined;
    const at = this.#chunkOf(key);
    const index = this.#indexIn(at, key);
    if (index === this.#lengthOf(at)) return undefined;
    const record = (this.#chunks[at] as readonly R[])[index] as R;
    return this.#order.same(record, key) ? record : undefined;
  }

  get first(): R | undefined {
    return this.size === 0 ? undefined : this.#chunks[0]?.[0];
  }

  /** This table with `record` as the record of `key`. */
  with(key: K, record: R): SortedTable<R, K> {
    if (this.#isBeyond(key)) return this.#behind(this.#chunks.length - 1, record);
    const at = this.#chunkOf(key);
    const index = this.#indexIn(at, key);
    if (index === this.#lengthOf(at)) return this.#behind(at, record);
    const chunk = this.#chunk(at);
    if (this.#order.same(chunk[index] as R, key)) {
      return this.#replaced(at, chunk.with(index, record), this.size);
    }
    const size = this.size + 1;
    const grown = chunk.toSpliced(index, 0, record);
    if (grown.length <= CHUNK_LIMIT) return this.#replaced(at, grown, size);
    return this.#split(at, grown, grown.length >> 1);
  }

  /** This table with `record` behind the last one of a chunk. */
  #behind(at: number, record: R): SortedTable<R, K> {
    const chunk = this.#chunks[at] as R[];
    const size = this.size + 1;
    const isLast = at === this.#chunks.length - 1;
    // The one place where a list is changed that somebody else may know.
    if (isLast && size > 1 && chunk.length === this.#tail && chunk.length < CHUNK_LIMIT) {
      chunk.push(record);
      return new SortedTable(this.#order, this.#chunks, size, chunk.length);
    }
    // What is put into an empty list has V8 think again of what that holds, which takes long.
    const grown = this.size === 0 ? [record] : [...this.#chunk(at), record];
    if (grown.length <= CHUNK_LIMIT) return this.#replaced(at, grown, size);
    // What is added in order leaves full chunks behind.
    return this.#split(at, grown, isLast ? CHUNK_LIMIT : grown.length >> 1);
  }

  /** A table with these records, which are in order, and no others. */
  refilled(records: readonly R[]): SortedTable<R, K> {
    const chunks: R[][] = [];
    for (let start = 0; start < records.length; start += CHUNK_LIMIT) {
      chunks.push(records.slice(start, start + CHUNK_LIMIT));
    }
    return this.#of(chunks, records.length);
  }

  /** This table without the record of `key`; the same table when there is none. */
  without(key: K): SortedTable<R, K> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunk(at);
    const index = this.#indexIn(at, key);
    if (index === chunk.length || !this.#order.same(chunk[index] as R, key)) return this;
    const size = this.size - 1;
    if (chunk.length > 1) return this.#replaced(at, chunk.toSpliced(index, 1), size);
    return this.#of(this.#chunks.toSpliced(at, 1), size);
  }

  /** This table without many records at once, all of which are in it. */
  withoutAll(gone: ReadonlySet<R>): SortedTable<R, K> {
    if (gone.size === 0) return this;
    const chunks: (readonly R[])[] = [];
    let size = 0;
    for (let at = 0; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunk(at);
      const left = chunk.filter((record) => !gone.has(record));
      if (left.length > 0) chunks.push(left.length === chunk.length ? chunk : left);
      size += left.length;
    }
    return this.#of(chunks, size);
  }

  /**
   * This table with `record` in the place of the record of `old`, mostly in one copy. No third
   * record may have that `key`.
   */
  moved(old: K, key: K, record: R): SortedTable<R, K> {
    const at = this.#chunkOf(old);
    const chunk = this.#chunk(at);
    const from = this.#indexIn(at, old);
    const isThere = from < chunk.length && this.#order.same(chunk[from] as R, old);
    if (!isThere || this.#chunkOf(key) !== at) return this.without(old).with(key, record);
    const to = this.#indexIn(at, key);
    const changed = chunk.slice();
    let hole = from;
    for (; hole + 1 < to; hole += 1) changed[hole] = changed[hole + 1] as R;
    for (; hole > to; hole -= 1) changed[hole] = changed[hole - 1] as R;
    changed[hole] = record;
    return this.#replaced(at, changed, this.size);
  }

  /**
   * The records in order, from that of `start` (or the first after it) on, as long as `wanted` says
   * so.
   */
  takeFrom(start: K, wanted: (record: R) => boolean): R[] {
    const taken: R[] = [];
    let at = this.#chunkOf(start);
    let index = this.#indexIn(at, start);
    for (; at < this.#chunks.length; at += 1) {
      const chunk = this.#chunks[at] as readonly R[];
      const length = this.#lengthOf(at);
      for (; index < length; index += 1) {
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
    const all = this.#chunk(0).slice();
    for (let at = 1; at < this.#chunks.length; at += 1) {
      for (const record of this.#chunk(at)) all.push(record);
    }
    return all;
  }

  /** Whether all records come before that of `key`: most that are added, or not there, are so. */
  #isBeyond(key: K): boolean {
    if (this.size === 0) return true;
    const chunk = this.#chunks[this.#chunks.length - 1] as readonly R[];
    return this.#order.before(chunk[this.#tail - 1] as R, key);
  }

  /** The last chunk that begins before `key`'s record or with it; the first one when none does. */
  #chunkOf(key: K): number {
    const chunks = this.#chunks;
    if (chunks.length === 1) return 0;
    const order = this.#order;
    const last = chunks.length - 1;
    if (order.before((chunks[last] as readonly R[])[0] as R, key)) return last;
    let low = 0;
    let high = last;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order.before((chunks[middle] as readonly R[])[0] as R, key)) low = middle + 1;
      else high = middle;
    }
    // The first chunk that does not begin before it.
    return low === 0 || order.same((chunks[low] as readonly R[])[0] as R, key) ? low : low - 1;
  }

  #lengthOf(at: number): number {
    return at === this.#chunks.length - 1 ? this.#tail : (this.#chunks[at] as readonly R[]).length;
  }

  /** The records of a chunk that are of this table. */
  #chunk(at: number): readonly R[] {
    const chunk = this.#chunks[at] as readonly R[];
    const length = this.#lengthOf(at);
    return length === chunk.length ? chunk : chunk.slice(0, length);
  }

  /** Where the record of `key` is in a chunk, or would be. */
  #indexIn(at: number, key: K): number {
    const order = this.#order;
    const chunk = this.#chunks[at] as readonly R[];
    let low = 0;
    let high = this.#lengthOf(at);
    // What goes first is mostly the first.
    if (high === 0 || !order.before(chunk[0] as R, key)) return 0;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (order.before(chunk[middle] as R, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** This table with another chunk, which nobody else knows. */
  #replaced(at: number, chunk: readonly R[], size: number): SortedTable<R, K> {
    const chunks = this.#chunks.length === 1 ? [chunk] : this.#chunks.with(at, chunk);
    const tail = at === this.#chunks.length - 1 ? chunk.length : this.#tail;
    return new SortedTable(this.#order, chunks, size, tail);
  }

  /** This table with a chunk that has become too long by a record. */
  #split(at: number, chunk: readonly R[], middle: number): SortedTable<R, K> {
    const [lower, upper] = [chunk.slice(0, middle), chunk.slice(middle)];
    const tail = at === this.#chunks.length - 1 ? upper.length : this.#tail;
    const chunks = this.#chunks.toSpliced(at, 1, lower, upper);
    return new SortedTable(this.#order, chunks, this.size + 1, tail);
  }

  /** A table of these chunks, the last of which may have been another one in another table. */
  #of(chunks: (readonly R[])[], size: number): SortedTable<R, K> {
    const last = chunks.pop() ?? [];
    chunks.push(last.slice());
    return new SortedTable(this.#order, chunks, size, last.length);
  }
}
