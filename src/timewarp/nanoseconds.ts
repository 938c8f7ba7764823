/**
 * The unit of a child's time: nanoseconds, as a bigint, so that it is never taken for the
 * milliseconds of our own time, which are numbers (`timeoutMs`).
 */
export type Nanoseconds = bigint;

export const MILLISECOND: Nanoseconds = 1_000_000n;
export const SECOND: Nanoseconds = 1_000_000_000n;
