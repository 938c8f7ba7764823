/**
 * Time and revisions as branded numbers, so that a bare number is never mistaken for one of them.
 *
 * Granted and remaining TTL are whole `Seconds`; clocks run in `Milliseconds`. Every conversion
 * says how it rounds.
 */
declare const unit: unique symbol;

/** A length of time in milliseconds; an integer on a virtual clock. */
export type Milliseconds = number & { readonly [unit]: 'milliseconds' };

/**
 * A point on a clock: milliseconds since the clock's origin. Comparable only with instants of the
 * same clock.
 */
export type Instant = number & { readonly [unit]: 'instant' };

/** A length of time in seconds, as in the TTL fields of etcd's API. */
export type Seconds = number & { readonly [unit]: 'seconds' };

/** A revision of etcd's store. A fresh store is at revision 1. */
export type Revision = number & { readonly [unit]: 'revision' };

export const milliseconds = (value: number): Milliseconds => value as Milliseconds;
export const instant = (value: number): Instant => value as Instant;
export const seconds = (value: number): Seconds => value as Seconds;
export const revision = (value: number): Revision => value as Revision;

/** The instant `delay` after `start`. */
export const after = (start: Instant, delay: Milliseconds): Instant => (start + delay) as Instant;

/** How long it is from `start` to `end`; negative when `end` comes first. */
export const between = (start: Instant, end: Instant): Milliseconds =>
  (end - start) as Milliseconds;

/** Exact: a second is 1,000 milliseconds. */
export const secondsToMilliseconds = (value: Seconds): Milliseconds =>
  (value * 1000) as Milliseconds;

/** Rounds toward zero, as etcd reports a remaining TTL (TTL-01): 1,999 ms → 1 s, -999 ms → 0 s. */
export const truncSeconds = (value: Milliseconds): Seconds =>
  // `+ 0` turns JavaScript's negative zero into zero.
  (Math.trunc(value / 1000) + 0) as Seconds;

/** Rounds up, as etcd derives its minimum TTL (CONST-02): 1,500 ms → 2 s. */
export const ceilSeconds = (value: Milliseconds): Seconds => Math.ceil(value / 1000) as Seconds;

/** The revision that the next write gets. */
export const nextRevision = (value: Revision): Revision => (value + 1) as Revision;
