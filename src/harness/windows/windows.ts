/**
 * What is known of an instant on a real clock: a closed interval. Each observation narrows the
 * deadline of a lease (the table is in docs/CHECKER.md); an empty interval means that no choice of
 * instants explains what was seen.
 */
import { type Instant, instant, type Seconds } from '../../api/units.ts';

export interface Window {
  readonly from: Instant;
  readonly to: Instant;
}

/** The instants that lie in both; null when there are none. */
export const meet = (left: Window, right: Window): Window | null => {
  const from = Math.max(left.from, right.from);
  const to = Math.min(left.to, right.to);
  return from <= to ? { from: instant(from), to: instant(to) } : null;
};

/** All instants of a window, later by `by` milliseconds. */
export const shift = (window: Window, by: number): Window => ({
  from: instant(window.from + by),
  to: instant(window.to + by),
});

/**
 * TTL-01: where the deadline can be when, at some instant of `asked`, the remaining TTL was `ttl`
 * seconds.
 */
export const deadlineFor = (ttl: Seconds, asked: Window): Window => {
  const [least, most] = remainingFor(ttl);
  return { from: instant(asked.from + least), to: instant(asked.to + most) };
};

/**
 * The remaining time, in milliseconds, that is reported as `ttl`: open ends are taken as closed.
 */
const remainingFor = (ttl: number): readonly [number, number] => {
  if (ttl > 0) return [ttl * 1000, (ttl + 1) * 1000];
  if (ttl === 0) return [-1000, 1000];
  return [(ttl - 1) * 1000, ttl * 1000];
};

/** An instant as reasons word it, to a tenth of a millisecond. */
export const wordInstant = (at: number): string => `${Math.round(at * 10) / 10} ms`;

export const laterOf = <T extends number>(left: T, right: T): T => (left > right ? left : right);
