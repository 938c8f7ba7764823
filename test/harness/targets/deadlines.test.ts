import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadlines } from '../../../src/harness/targets/deadlines.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('who does not end in time is told at that instant, and nobody else', () => {
  const deadlines = new Deadlines(1_000);
  const told: string[] = [];
  const limit = (name: string) =>
    deadlines.limit(
      (patienceMs) => void told.push(`${name} at ${performance.now()}: ${patienceMs}`),
    );
  limit('first');
  vi.advanceTimersByTime(300);
  const second = limit('second');
  limit('third');
  vi.advanceTimersByTime(600);
  second();
  vi.advanceTimersByTime(99);
  expect(told).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual(['first at 1000: 1000']);
  vi.advanceTimersByTime(300);
  expect(told.slice(1)).toEqual(['third at 1300: 1000']);
  // Nobody waits: nor does a timer.
  expect(vi.getTimerCount()).toBe(0);
  limit('fourth');
  vi.advanceTimersByTime(1_000);
  expect(told.slice(2)).toEqual(['fourth at 2300: 1000']);
});
