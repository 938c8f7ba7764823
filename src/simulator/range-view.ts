/** What a range shows of the keys it names: which, in what order, how many, how much of each. */
import { NO_BYTES } from '../api/bytes.ts';
import { PLAIN_VIEW, type RangeView, type SortTarget } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { KeyValue, RangeResult } from '../api/response.ts';
import type { Revision } from '../api/units.ts';

/** KV-18: the result of a range that names `kvs`, in the order of their keys, at a revision. */
export const shown = (
  kvs: readonly KeyValue[],
  view: RangeView,
  revision: Revision,
  etcd: MinorVersion,
): RangeResult => {
  const count = kvs.length;
  const kind = 'rangeResult';
  if (view === PLAIN_VIEW) return { kind, revision, kvs, more: false, count };
  if (view.countOnly) return { kind, revision, kvs: [], more: false, count };
  const limit = view.limit > 0n ? Number(view.limit) : Number.POSITIVE_INFINITY;
  const ordered = sorted(withinBounds(fetched(kvs, view, limit), view), view);
  const cut = ordered.length > limit ? ordered.slice(0, limit) : ordered;
  const more = ordered.length > limit;
  return { kind, revision, kvs: view.keysOnly ? withoutValues(cut, view, etcd) : cut, more, count };
};

/**
 * KV-18: what etcd looks at: all of it when it will sort or leave out. Another target without an
 * order is sorted as well, but only what the limit has let through, and one more.
 */
const fetched = (kvs: readonly KeyValue[], view: RangeView, limit: number): readonly KeyValue[] =>
  view.sortOrder === 'none' && !isBounded(view) && kvs.length > limit + 1
    ? kvs.slice(0, limit + 1)
    : kvs;

const isBounded = (view: RangeView): boolean =>
  view.minModRevision !== 0n ||
  view.maxModRevision !== 0n ||
  view.minCreateRevision !== 0n ||
  view.maxCreateRevision !== 0n;

const withinBounds = (kvs: readonly KeyValue[], view: RangeView): readonly KeyValue[] => {
  if (!isBounded(view)) return kvs;
  const { maxCreateRevision, maxModRevision, minCreateRevision, minModRevision } = view;
  return kvs.filter(({ createRevision, modRevision }) => {
    const created = BigInt(createRevision);
    const modified = BigInt(modRevision);
    return (
      (maxModRevision === 0n || modified <= maxModRevision) &&
      (minModRevision === 0n || modified >= minModRevision) &&
      (maxCreateRevision === 0n || created <= maxCreateRevision) &&
      (minCreateRevision === 0n || created >= minCreateRevision)
    );
  });
};

/**
 * KV-18: ties stay in the order of the keys; of more than a dozen keys etcd leaves them in any
 * order.
 */
const sorted = (kvs: readonly KeyValue[], view: RangeView): readonly KeyValue[] => {
  const { sortOrder, sortTarget } = view;
  if (sortTarget === 'key' && sortOrder !== 'descend') return kvs;
  const compare = COMPARE[sortTarget];
  return kvs.toSorted(sortOrder === 'descend' ? (left, right) => compare(right, left) : compare);
};

const COMPARE: Readonly<Record<SortTarget, (left: KeyValue, right: KeyValue) => number>> = {
  key: (left, right) => compareBytes(left.key, right.key),
  version: (left, right) => left.version - right.version,
  create: (left, right) => left.createRevision - right.createRevision,
  mod: (left, right) => left.modRevision - right.modRevision,
  value: (left, right) => compareBytes(left.value, right.value),
};

const compareBytes = (left: string, right: string): number => {
  if (left === right) return 0;
  return left < right ? -1 : 1;
};

/** KV-12: from 3.7 on keys alone come from the index, which knows no leases. */
const withoutValues = (
  kvs: readonly KeyValue[],
  { sortTarget }: RangeView,
  etcd: MinorVersion,
): readonly KeyValue[] => {
  const hasLease = etcd !== '3.7' || sortTarget === 'value';
  return kvs.map((kv) => ({ ...kv, value: NO_BYTES, lease: hasLease ? kv.lease : 0n }));
};
