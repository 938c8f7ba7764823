/** Half of this file is checked by the compiler: a line that wrongly type-checks fails `tsc`. */
import { expect, test } from 'vitest';
import {
  after,
  between,
  ceilSeconds,
  type Instant,
  instant,
  type Milliseconds,
  milliseconds,
  nextRevision,
  revision,
  type Seconds,
  seconds,
  secondsToMilliseconds,
  truncSeconds,
} from '../../src/api/units.ts';

test('a bare number does not type-check as a time', () => {
  // @ts-expect-error: a number has no unit
  const delay: Milliseconds = 1;
  // @ts-expect-error: nor is it a point on a clock
  const at: Instant = 1;
  // @ts-expect-error: nor a TTL
  const ttl: Seconds = 1;
  expect([delay, at, ttl]).toEqual([1, 1, 1]);
});

test('units do not mix', () => {
  // @ts-expect-error: seconds are not milliseconds
  expect(after(instant(5), seconds(2))).toBe(7);
  // @ts-expect-error: a length of time is not a point on a clock
  expect(between(milliseconds(1), instant(3))).toBe(2);
  // @ts-expect-error: a sum has lost its unit
  const sum: Milliseconds = milliseconds(1) + milliseconds(2);
  expect(sum).toBe(3);
});

test('instants and lengths of time', () => {
  expect(after(instant(5), milliseconds(2))).toBe(7);
  expect(between(instant(5), instant(2))).toBe(-3);
  expect(secondsToMilliseconds(seconds(3))).toBe(3000);
  expect(nextRevision(revision(1))).toBe(2);
});

test.each([
  [2000, 2],
  [1999, 1],
  [999, 0],
  [0, 0],
  [-1, 0],
  [-999, 0],
  [-1000, -1],
  [-1999, -1],
])('TTL-01: %d ms remaining are reported as %d s', (remaining, reported) => {
  expect(truncSeconds(milliseconds(remaining))).toBe(reported);
});

test.each([
  [1500, 2],
  [1000, 1],
  [1001, 2],
  [700, 1],
])('CONST-02: %d ms make a minimum TTL of %d s', (length, ttl) => {
  expect(ceilSeconds(milliseconds(length))).toBe(ttl);
});
