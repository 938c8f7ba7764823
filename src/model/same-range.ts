/** When two lists of keys are the same, and what a sort leaves open. */
import type { SortTarget } from '../api/command.ts';
import type { KeyValue, RangeResult } from '../api/response.ts';
import { targetOf } from './range.ts';

/**
 * True when both show the same keys in the same order; of more than a few keys that were sorted,
 * those that are equal in what they were sorted by may stand in any order (KV-18).
 */
export const sameRange = (predicted: RangeResult, observed: RangeResult): boolean =>
  sameKvs(predicted.kvs, observed.kvs) ||
  (predicted.count > SORTED_BY_INSERTION &&
    predicted.kvs.length === observed.kvs.length &&
    SORTABLE.some((target) => sameUpToTies(predicted, observed, target)));

export const sameKvs = (left: readonly KeyValue[], right: readonly KeyValue[]): boolean =>
  left.length === right.length && left.every((kv, index) => sameKv(kv, right[index] as KeyValue));

export const sameKv = (left: KeyValue | null, right: KeyValue | null): boolean => {
  if (left === right) return true;
  if (left === null || right === null) return false;
  return (
    left.key === right.key &&
    left.value === right.value &&
    left.createRevision === right.createRevision &&
    left.modRevision === right.modRevision &&
    left.version === right.version &&
    left.lease === right.lease
  );
};

/** Go's sort keeps the order of equals only as long as it sorts by insertion. */
const SORTED_BY_INSERTION = 12;

const SORTABLE: readonly SortTarget[] = ['version', 'create', 'mod', 'value'];

/**
 * Sorted by this, both show the same; but where the limit cut through a run of equals, any of them
 * will do. The answer does not say what it was sorted by, so whatever explains it is good enough.
 */
const sameUpToTies = (
  { kvs: left, more }: RangeResult,
  { kvs: right }: RangeResult,
  target: SortTarget,
): boolean => {
  const values = left.map((kv) => targetOf(kv, target));
  if (!isSorted(values)) return false;
  const cutThrough = more ? values.at(-1) : undefined;
  const inLeft = new Map(left.map((kv) => [kv.key, kv]));
  const seen = new Set<string>();
  return right.every((kv, index) => {
    const value = targetOf(kv, target);
    if (value !== values[index] || seen.has(kv.key)) return false;
    seen.add(kv.key);
    const same = inLeft.get(kv.key) ?? null;
    return same === null ? value === cutThrough : sameKv(same, kv);
  });
};

const isSorted = (values: readonly (number | string)[]): boolean => {
  const pairs = values.slice(1).map((value, index) => [values[index] ?? value, value] as const);
  return pairs.every(([one, next]) => one <= next) || pairs.every(([one, next]) => one >= next);
};
