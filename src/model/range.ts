/** Range: the keys of a range, as they are or as they were, in the view that was asked for. */
import type { Bytes } from '../api/bytes.ts';
import { NO_BYTES } from '../api/bytes.ts';
import type { LeaseId, Range, RangeView, SortTarget } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { KeyValue, RangeResult } from '../api/response.ts';
import { type Instant, type Revision, revision } from '../api/units.ts';
import { answered, joined, refused, type Step } from './outcome.ts';
import { kvsAt } from './past.ts';
import type { RuleId } from './rules.ts';
import { isOverdue, type State } from './state.ts';
import { PROFILES } from './versions.ts';

export function range(state: State, command: Range, now: Instant): Step {
  const { token, key, view } = command;
  if (key === '') return refused(state, token, 'key-empty', READ);
  // KV-19: a revision of 0 or below is the current one.
  const at = view.revision > 0n ? view.revision : 0n;
  const reason = unreadable(state, at);
  if (reason !== null) return refused(state, token, reason, READ_PAST);
  const kvs = at === 0n ? state.kvs : kvsAt(state, revision(Number(at)));
  const response = viewOf(state, kvs, command, state.revision);
  return answered(state, token, response, rulesOfRange(state, command, response.kvs, now));
}

/** KV-19: why the keys cannot be shown as they were at a revision, or null. */
export const unreadable = (
  state: Pick<State, 'revision' | 'compacted'>,
  at: bigint,
): Reason | null => {
  if (at === 0n) return null;
  if (at > BigInt(state.revision)) return 'future-revision';
  return at < BigInt(state.compacted) ? 'compacted' : null;
};

/** What a range shows of these keys (KV-18). */
export const viewOf = (
  { settings }: Pick<State, 'settings'>,
  keys: State['kvs'],
  command: Pick<Range, 'key' | 'rangeEnd' | 'view'>,
  at: Revision,
): RangeResult => {
  const { view } = command;
  const named = inRange(keys, command.key, command.rangeEnd);
  const count = named.length;
  if (isPlain(view)) {
    return { kind: 'rangeResult', revision: at, kvs: named, more: false, count };
  }
  if (view.countOnly) return { kind: 'rangeResult', revision: at, kvs: [], more: false, count };
  const shown = inOrder(view, named.slice(0, fetched(view)).filter(within(view)));
  const more = view.limit > 0n && BigInt(shown.length) > view.limit;
  const cut = more ? shown.slice(0, Number(view.limit)) : shown;
  const kvs = view.keysOnly ? cut.map(withoutValue(settings.server.etcd, view)) : cut;
  return { kind: 'rangeResult', revision: at, kvs, more, count };
};

/** The keys that a request names: one, all from one on, or those from `key` to before `end`. */
export const inRange = (kvs: State['kvs'], key: Bytes, end: Bytes): readonly KeyValue[] => {
  if (end === '') {
    const kv = kvs.find(key);
    return kv === undefined ? [] : [kv];
  }
  return kvs.takeFrom(key, (kv) => end === '\0' || kv.key < end);
};

/** Shows everything that the range names; spares the common case the work of the others. */
const isPlain = (view: RangeView): boolean =>
  !view.countOnly &&
  !view.keysOnly &&
  view.limit <= 0n &&
  view.sortOrder === 'none' &&
  view.sortTarget === 'key' &&
  !hasBounds(view);

const hasBounds = (view: RangeView): boolean =>
  view.minModRevision !== 0n ||
  view.maxModRevision !== 0n ||
  view.minCreateRevision !== 0n ||
  view.maxCreateRevision !== 0n;

/**
 * How many keys are looked at, in their order: a limit counts from the first key on, unless an
 * order or a bound was asked for. A target alone is not an order, although it sorts.
 */
const fetched = (view: RangeView): number =>
  view.limit <= 0n || view.sortOrder !== 'none' || hasBounds(view)
    ? Infinity
    : Number(view.limit) + 1;

const within =
  (view: RangeView) =>
  ({ createRevision, modRevision }: KeyValue): boolean =>
    (view.maxModRevision === 0n || BigInt(modRevision) <= view.maxModRevision) &&
    (view.minModRevision === 0n || BigInt(modRevision) >= view.minModRevision) &&
    (view.maxCreateRevision === 0n || BigInt(createRevision) <= view.maxCreateRevision) &&
    (view.minCreateRevision === 0n || BigInt(createRevision) >= view.minCreateRevision);

/** Sorted as asked, up from the smallest if only the target was said; ties by key. */
const inOrder = (view: RangeView, kvs: readonly KeyValue[]): readonly KeyValue[] => {
  const { sortOrder, sortTarget } = view;
  if (sortOrder === 'none' && sortTarget === 'key') return kvs;
  const sign = sortOrder === 'descend' ? -1 : 1;
  return kvs.toSorted((left, right) => {
    const [one, other] = [targetOf(left, sortTarget), targetOf(right, sortTarget)];
    return one < other ? -sign : one > other ? sign : 0;
  });
};

/** What a sort looks at. */
export const targetOf = (kv: KeyValue, target: SortTarget): number | string => {
  switch (target) {
    case 'key':
      return kv.key;
    case 'version':
      return kv.version;
    case 'create':
      return kv.createRevision;
    case 'mod':
      return kv.modRevision;
    case 'value':
      return kv.value;
  }
};

/** KV-12: keys alone come from the index, which knows no leases, unless values have to be read. */
const withoutValue =
  (version: State['settings']['server']['etcd'], { sortTarget }: RangeView) =>
  (kv: KeyValue): KeyValue => {
    const hasLease = PROFILES[version].keysOnly === 'with lease' || sortTarget === 'value';
    return { ...kv, value: NO_BYTES, lease: hasLease ? kv.lease : 0n };
  };

const rulesOfRange = (
  state: State,
  { view }: Range,
  kvs: readonly KeyValue[],
  now: Instant,
): readonly RuleId[] => {
  let rules = isPlain(view) ? READ : READ_VIEW;
  if (view.revision > 0n) {
    rules = joined(rules, OF_PAST);
    // REVOKE-06: a key of a lease that is gone is still to be seen in the past.
    if (kvs.some(({ lease }) => isGone(state, lease))) rules = joined(rules, OF_GONE);
  }
  // EXP-09: keys of an overdue lease are there.
  const isOverdueOne = kvs.some(({ lease }) => isOfOverdue(state, lease, now));
  return isOverdueOne ? joined(rules, OF_OVERDUE) : rules;
};

const isGone = (state: State, lease: LeaseId): boolean =>
  lease !== 0n && state.leases.find(lease) === undefined;

export const isOfOverdue = (state: State, id: LeaseId, now: Instant): boolean => {
  const first = state.queue.first;
  // Mostly none is overdue.
  if (id === 0n || first === undefined || !isOverdue(first, now)) return false;
  const lease = state.leases.find(id);
  return lease !== undefined && isOverdue(lease, now);
};

const READ: readonly RuleId[] = ['KV-12'];
const READ_VIEW: readonly RuleId[] = ['KV-12', 'KV-18'];
const OF_PAST: readonly RuleId[] = ['KV-19'];
const OF_GONE: readonly RuleId[] = ['REVOKE-06'];
const OF_OVERDUE: readonly RuleId[] = ['EXP-09'];
const READ_PAST: readonly RuleId[] = ['KV-12', 'KV-19'];
