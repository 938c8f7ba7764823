/** Lengths of time as schedules spell them. */
import type { Milliseconds } from '../api/units.ts';

/** Whole seconds as `12s`, anything else in milliseconds. */
export const printDuration = (value: Milliseconds): string => {
  if (value === 0) return '0';
  return value % 1000 === 0 ? `${value / 1000}s` : `${value}ms`;
};
