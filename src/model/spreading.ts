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
 * the server listed them then, the soonest first; which of equal ones waits how long is its choice.
 */
export const spread = (state: State, order: readonly LeaseId[]): ReadonlyMap<LeaseId, number> => {
  const given = new Map<LeaseId, number>();
  if (state.leases.size < SPREAD_FROM) return given;
  const sorted = soonestFirst(state.leases.all(), order);
  const delays = delaysOf(sorted.map(ttlOf));
  for (let start = 0; start < sorted.length; ) {
    const ttl = ttlOf(sorted[start] as Lease);
    let end = start + 1;
    while (end < sorted.length && ttlOf(sorted[end] as Lease) === ttl) end += 1;
    // What comes later in the list has waited no less.
    const own = delays.slice(start, end).sort((left, right) => left - right);
    for (const [index, delay] of own.entries()) {
      if (delay > 0) given.set((sorted[start + index] as Lease).id, delay);
    }
    start = end;
  }
  return given;
};

/** By place, given what each has left, the least first. */
const delaysOf = (lefts: readonly number[]): readonly number[] => {
  let base = lefts[0] as number;
  let window = base + SECOND;
  let count = 0;
  return lefts.map((left) => {
    if (left > window) {
      base = left;
      window = base + SECOND;
      count = 1;
      return 0;
    }
    count += 1;
    if (count <= PER_WINDOW) return 0;
    const delay = inMilliseconds(1e9 * (count / PER_WINDOW) - (left - base) * 1e6);
    window = base + delay;
    return delay;
  });
};

const soonestFirst = (leases: readonly Lease[], order: readonly LeaseId[]): readonly Lease[] => {
  const places = new Map(order.map((id, index) => [id, index]));
  const place = ({ id }: Lease): number => places.get(id) ?? order.length;
  return leases.toSorted((left, right) => ttlOf(left) - ttlOf(right) || place(left) - place(right));
};

/** Of nanoseconds, whole ones. */
const inMilliseconds = (nanoseconds: number): number => Math.trunc(nanoseconds) / 1e6;
