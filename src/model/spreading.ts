/**
 * RESTART-04: a promotion with very many leases spreads those that would expire together, so that
 * they do not use up the rate at which leases are revoked (CONST-05).
 */
import type { LeaseId } from '../api/command.ts';
import { ttlOf } from './checkpoint.ts';
import type { Lease, State } from './state.ts';

/** So many leases, and they are spread. */
export const SPREAD_FROM = 1000;

/** Leases of one window beyond which each has a delay. */
const PER_WINDOW = 750;

const SECOND = 1000;

/**
 * The delay of each lease that has one, in milliseconds (a fraction, too). `order`: the leases as
 * the server listed them then; which of equal ones comes first is its choice.
 */
export const spread = (state: State, order: readonly LeaseId[]): ReadonlyMap<LeaseId, number> => {
  const delays = new Map<LeaseId, number>();
  if (state.leases.size < SPREAD_FROM) return delays;
  const sorted = soonestFirst(state.leases.all(), order);
  let base = ttlOf(sorted[0] as Lease);
  let window = base + SECOND;
  let count = 0;
  for (const lease of sorted) {
    const left = ttlOf(lease);
    if (left > window) {
      base = left;
      window = base + SECOND;
      count = 1;
      continue;
    }
    count += 1;
    if (count <= PER_WINDOW) continue;
    const delay = inMilliseconds(1e9 * (count / PER_WINDOW) - (left - base) * 1e6);
    window = base + delay;
    delays.set(lease.id, delay);
  }
  return delays;
};

const soonestFirst = (leases: readonly Lease[], order: readonly LeaseId[]): readonly Lease[] => {
  const places = new Map(order.map((id, index) => [id, index]));
  const place = ({ id }: Lease): number => places.get(id) ?? order.length;
  return leases.toSorted((left, right) => ttlOf(left) - ttlOf(right) || place(left) - place(right));
};

/** Of nanoseconds, whole ones. */
const inMilliseconds = (nanoseconds: number): number => Math.trunc(nanoseconds) / 1e6;
