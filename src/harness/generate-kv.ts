/**
 * Random transactions, views, compactions and watches, aimed at what the model knows: comparisons
 * that nearly hold, revisions near those that are there, keys that collide now and then.
 */
import { type Bytes, FROM_KEY, NO_BYTES } from '../api/bytes.ts';
import type { Compare, SortTarget } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { KeyValue } from '../api/response.ts';
import type { Random } from '../seed.ts';
import { VALUES } from './pools.ts';
import {
  type Action,
  type CompareSpec,
  type LeaseRef,
  PLAIN,
  type RevisionRef,
  type TxnOp,
  type ViewSpec,
  putWith,
} from './schedule.ts';

/** What random commands are aimed at. */
export interface Surroundings {
  readonly random: Random;
  readonly etcd: MinorVersion;
  readonly clock: 'virtual' | 'real';
  readonly key: () => Bytes;
  readonly range: () => { readonly key: Bytes; readonly rangeEnd: Bytes };
  readonly lease: () => LeaseRef;
  readonly put: () => Action & { kind: 'put' };
  /** What is stored under a key. */
  readonly find: (key: Bytes) => KeyValue | undefined;
  readonly nameOf: (lease: bigint) => LeaseRef;
  /** The store's revision, the one compacted last, and the latest that was answered. */
  readonly revisions: () => {
    readonly current: number;
    readonly compacted: number;
    readonly latest: number;
  };
}

export class KvGenerator {
  readonly #around: Surroundings;
  readonly #random: Random;
  #watches = 0;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#random = around.random;
  }

  range(): Action & { kind: 'range' } {
    const random = this.#random;
    const range = this.#around.range();
    if (random.chance(1, 2)) return { kind: 'range', ...range, view: PLAIN };
    const wide = range.rangeEnd === '' && random.chance(2, 3);
    const all = { key: range.key === '' ? range.key : this.#lowest(), rangeEnd: FROM_KEY };
    return { kind: 'range', ...(wide ? all : range), view: this.#view() };
  }

  txn(depth = 0, lease?: LeaseRef): Action & { kind: 'txn' } {
    const random = this.#random;
    // On a real clock a refusal has to say which lease it was that was not found.
    const only = this.#around.clock === 'real' ? (lease ?? this.#around.lease()) : undefined;
    const written = new Set<Bytes>();
    if (depth === 0 && random.chance(1, 60)) return this.#crowded();
    const some = (counts: readonly number[]): TxnOp[] =>
      Array.from({ length: random.pick(counts) }, () => this.#op(depth, written, only));
    return {
      kind: 'txn',
      compares: Array.from({ length: random.pick([0, 1, 1, 1, 2]) }, () => this.#compare()),
      success: some([0, 1, 1, 2, 2, 3]),
      failure: some([0, 0, 1, 1, 2]),
    };
  }

  /** As many operations as there may be, or one more (CONST-16). */
  #crowded(): Action & { kind: 'txn' } {
    const random = this.#random;
    const nested = random.chance(1, 2) ? 1 : 0;
    const one: TxnOp = { kind: 'range', key: this.#around.key(), rangeEnd: NO_BYTES, view: PLAIN };
    const many = Array.from({ length: random.pick([127, 128, 129]) - nested }, () => one);
    const inner: TxnOp = { kind: 'txn', compares: [], success: many, failure: [] };
    return { kind: 'txn', compares: [], success: nested === 1 ? [inner] : many, failure: [] };
  }

  compact(): Action & { kind: 'compact' } {
    const random = this.#random;
    const strange = random.chance(1, 12);
    const revision = strange ? random.pick(['0', '-1', 'rev+5']) : this.#revision();
    return { kind: 'compact', revision, physical: random.chance(1, 4) };
  }

  watch(): Action & { kind: 'watch' } {
    const random = this.#random;
    this.#watches += 1;
    const range = this.#around.range();
    const wide = range.rangeEnd === '' && random.chance(1, 2);
    const { compacted, current } = this.#around.revisions();
    const starts = ['0', '0', '0', this.#revision(), this.#relative(current + 1)];
    // Up to early releases of 3.5 a negative start is taken, from then on refused.
    const isRefused = this.#around.etcd !== '3.4' && this.#around.etcd !== '3.5';
    const strange = isRefused ? '-1' : '0';
    if (random.chance(1, 8)) starts.push(strange, this.#relative(current + 2));
    if (compacted > 1) starts.push(this.#relative(compacted - 1));
    return {
      kind: 'watch',
      name: `w${this.#watches}`,
      ...(wide ? { key: this.#lowest(), rangeEnd: FROM_KEY } : range),
      startRevision: random.pick(starts),
      prevKv: random.chance(2, 5),
      noPut: random.chance(1, 8),
      noDelete: random.chance(1, 8),
      progressNotify: random.chance(1, 16),
      fragment: random.chance(1, 16),
      stream: random.chance(1, 5) ? 2 : 1,
      id: random.chance(1, 8) ? random.pick([1n, 2n, 7n]) : 0n,
    };
  }

  #lowest(): Bytes {
    return this.#random.pick(['\0', 'a', 'b']) as Bytes;
  }

  #view(): ViewSpec {
    const random = this.#random;
    const sorted = random.chance(1, 3);
    const bound = (): RevisionRef => (random.chance(1, 10) ? this.#revision() : '0');
    return {
      revision: random.chance(2, 5) ? this.#revision() : '0',
      limit: random.chance(1, 3) ? random.pick([1n, 1n, 2n, 3n, -1n]) : 0n,
      sortOrder: sorted ? random.pick(['ascend', 'descend', 'none']) : 'none',
      sortTarget: sorted ? random.pick(SORT_TARGETS) : 'key',
      serializable: random.chance(1, 10),
      keysOnly: random.chance(1, 6),
      countOnly: random.chance(1, 10),
      minModRevision: bound(),
      maxModRevision: bound(),
      minCreateRevision: bound(),
      maxCreateRevision: bound(),
    };
  }

  /** One that is there, or is compacted, or is not there yet. */
  #revision(): RevisionRef {
    const random = this.#random;
    if (this.#around.clock === 'real') return random.pick(['rev', 'rev-1', 'rev-2', 'rev-9']);
    const { current, compacted } = this.#around.revisions();
    // Compactions are rare: most revisions asked for would be there.
    if (compacted > 1 && random.chance(1, 3)) return this.#relative(compacted - 1);
    const chosen = random.pick([
      current,
      current - 1,
      current - 1 - random.below(3),
      compacted + 1 + random.below(Math.max(1, current - compacted)),
      compacted + random.pick([-1, 0, 1]),
      random.chance(1, 3) ? current + 1 : current,
    ]);
    return this.#relative(Math.max(1, chosen));
  }

  #relative(revision: number): RevisionRef {
    const ahead = revision - this.#around.revisions().latest;
    return ahead === 0 ? 'rev' : `rev${ahead > 0 ? '+' : ''}${ahead}`;
  }

  #op(depth: number, written: Set<Bytes>, lease: LeaseRef | undefined): TxnOp {
    const random = this.#random;
    const choice = random.below(20);
    if (choice < 9) return this.#put(written, lease);
    if (choice < 14) return this.range();
    if (choice < 18 || depth > 1) return this.#delete(written);
    return this.txn(depth + 1, lease);
  }

  #put(written: Set<Bytes>, lease: LeaseRef | undefined): TxnOp {
    const put = this.#around.put();
    const key = this.#unlike(written, put.key);
    written.add(key);
    return putWith(put, put.lease !== null && lease !== undefined ? { key, lease } : { key });
  }

  /** Never from a key on: a real server is not to be asked that in a transaction. */
  #delete(written: Set<Bytes>): TxnOp {
    const random = this.#random;
    const { key, rangeEnd } = this.#around.range();
    const one = rangeEnd === FROM_KEY || random.chance(2, 3);
    const named = one ? this.#unlike(written, key) : key;
    written.add(named);
    const prevKv = random.chance(1, 3);
    return { kind: 'deleteRange', key: named, rangeEnd: one ? NO_BYTES : rangeEnd, prevKv };
  }

  /** Another key than those before, most often: what is written twice is refused. */
  #unlike(written: ReadonlySet<Bytes>, key: Bytes): Bytes {
    let other = key;
    const tries = this.#random.chance(1, 10) ? 0 : 6;
    for (let count = 0; count < tries && written.has(other); count += 1) other = this.#around.key();
    return other;
  }

  #compare(): CompareSpec {
    const random = this.#random;
    const wide = random.chance(1, 8);
    const range = wide ? this.#around.range() : { key: this.#around.key(), rangeEnd: NO_BYTES };
    const { key, rangeEnd } = range;
    const kv = this.#around.find(key);
    const result = random.pick(RESULTS);
    const target = random.pick(TARGETS);
    switch (target) {
      case 'version': {
        const off = random.pick([0, 0, 0, 1, -1]);
        return { key, rangeEnd, result, target, operand: BigInt((kv?.version ?? 0) + off) };
      }
      case 'create':
      case 'mod': {
        const truth = (target === 'mod' ? kv?.modRevision : kv?.createRevision) ?? 0;
        const isZero = truth === 0 && random.chance(2, 3);
        const operand = isZero ? '0' : this.#relative(truth + random.pick([0, 0, 0, 1, -1]));
        return { key, rangeEnd, result, target, operand };
      }
      case 'lease': {
        const truth = kv === undefined || kv.lease === 0n ? null : this.#around.nameOf(kv.lease);
        const operand = random.chance(2, 3) ? truth : this.#around.lease();
        const equality = random.pick(['equal', 'equal', 'notEqual'] as const);
        return { key, rangeEnd, result: equality, target, operand };
      }
      case 'value':
        return { key, rangeEnd, result, target, operand: kv?.value ?? random.pick(VALUES) };
    }
  }
}

const SORT_TARGETS: readonly SortTarget[] = ['key', 'version', 'create', 'mod', 'value'];
const TARGETS: readonly Compare['target'][] = [
  'version',
  'create',
  'mod',
  'lease',
  'lease',
  'value',
];
const RESULTS: readonly Compare['result'][] = ['equal', 'equal', 'greater', 'less', 'notEqual'];
