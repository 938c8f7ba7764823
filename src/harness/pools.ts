/** What generated schedules are made of: TTLs, ids, keys and values that lie on boundaries. */
import { asBytes } from '../api/bytes.ts';
import type { LeaseRef } from './schedule.ts';

/** A to T, then A1 to T1, …; what comes after T is for groups and for leases that never were. */
export const leaseName = (count: number): LeaseRef => {
  const [round, letter] = [Math.floor((count - 1) / 20), (count - 1) % 20];
  return `${String.fromCharCode(65 + letter)}${round === 0 ? '' : round}`;
};

/** Backlogs of one schedule at most. */
export const BACKLOGS = 2;

/** So many that one, two or three turns are full. */
export const BACKLOG_SIZES = [501, 501, 1001, 1501];
/** So many that the leases make a heap of some depth. */
export const CROWD_SIZES = [3, 8, 12];
export const TTLS = [2n, 2n, 3n, 3n, 5n, 5n, 7n, 10n, 10n, 30n, 60n];
/** Long enough for checkpoints, or just not. */
export const LONG_TTLS = [300n, 300n, 301n, 302n, 320n, 600n, 900n, 2000n];
export const REAL_TTLS = [2n, 2n, 2n, 3n, 3n, 4n, 5n];
const MIN_INT64 = -(2n ** 63n);
const MAX_INT64 = 2n ** 63n - 1n;
export const STRANGE_TTLS = [
  0n,
  1n,
  -1n,
  MIN_INT64,
  9_000_000_000n,
  9_000_000_001n,
  MAX_INT64,
  600n,
];
export const IDS = [1n, 7n, 7n, -1n, -1n, -5n, MIN_INT64, MAX_INT64, 4096n];
export const HOT_KEYS = ['a', 'b', 'aa', 'c'].map(asBytes);
export const COLD_KEYS = ['B', 'ab', 'a/1', '\xff', '\0', 'm', 'm5', 'z'].map(asBytes);
export const VALUES = ['', 'v', 'w', '\0\xff'].map(asBytes);
