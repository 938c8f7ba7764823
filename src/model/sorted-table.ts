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

/** A chunk that grows beyond this is split in two. */
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
    const replaces = old !== undefined && this.#order.same(old, key);
    const changed = replaces ? chunk.slice() : inserted(chunk, index, record);
    if (replaces) changed[index] = record;
    const size = replaces ? this.size : this.size + 1;
    return new SortedTable(this.#order, this.#replace(at, changed), size);
  }

  /** This table without the record of `key`; the same table when there is none. */
  without(key: K): SortedTable<R, K> {
    const at = this.#chunkOf(key);
    const chunk = this.#chunks[at] as readonly R[];
    const index = this.#indexIn(chunk, key);
    const old = chunk[index];
    if (old === undefined || !this.#order.same(old, key)) return this;
    return new SortedTable(this.#order, this.#replace(at, removed(chunk, index)), this.size - 1);
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
    let low = 0;
    let high = chunks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = (chunks[middle] as readonly R[])[0] as R;
      if (before(first, key) || same(first, key)) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** Where the record of `key` is in `chunk`, or would be. */
  #indexIn(chunk: readonly R[], key: K): number {
    const { before } = this.#order;
    let low = 0;
    let high = chunk.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (before(chunk[middle] as R, key)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #replace(at: number, chunk: readonly R[]): readonly (readonly R[])[] {
    if (this.#chunks.length === 1 && chunk.length <= CHUNK_LIMIT) return [chunk];
    const chunks = this.#chunks.slice();
    if (chunk.length > CHUNK_LIMIT) {
      const half = chunk.length >> 1;
      chunks.splice(at, 1, chunk.slice(0, half), chunk.slice(half));
    } else if (chunk.length === 0) chunks.splice(at, 1);
    else chunks[at] = chunk;
    return chunks;
  }
}

/** A copy with `record` at `index`. A loop is faster than a copy and a splice. */
const inserted = <R>(chunk: readonly R[], index: number, record: R): R[] => {
  const copy = chunk.slice();
  copy.push(record);
  for (let at = chunk.length; at > index; at -= 1) copy[at] = chunk[at - 1] as R;
  copy[index] = record;
  return copy;
};

/** A copy without what is at `index`. */
const removed = <R>(chunk: readonly R[], index: number): R[] => {
  const copy = chunk.slice();
  for (let at = index + 1; at < chunk.length; at += 1) copy[at - 1] = chunk[at] as R;
  copy.pop();
  return copy;
};
