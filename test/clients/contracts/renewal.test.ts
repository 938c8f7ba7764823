import { expect, test } from 'vitest';
import { ask, end, fault, granted, judge, lasting, lost, renewed, revoked } from './hand-made.ts';

const aim = { client: null, call: 'keep-alive', times: 2 } as const;
const outage = (from: number, until: number) =>
  lasting(from, until, { kind: 'unreachable', how: 'refused', client: null, for: until - from });

test('FUZZ-07: a lease that is there is not given up before its time', () => {
  expect(judge('FUZZ-07', granted(0, 9), lost(8_999))).toContain('alive until 9000 ms');
  expect(judge('FUZZ-07', granted(0, 9), lost(9_000))).toBeNull();
  // The server said so, or it is gone.
  expect(judge('FUZZ-07', granted(0, 9), renewed(3_000, 3_000, 0), lost(3_000))).toBeNull();
  expect(judge('FUZZ-07', granted(0, 9), revoked(2_000), lost(3_000))).toBeNull();
});

test('FUZZ-07: an answer at the instant at which its time is up may come too late', () => {
  expect(judge('FUZZ-07', granted(0, 9), renewed(3_000, 9_000, 9), lost(9_000))).toBeNull();
  expect(judge('FUZZ-07', granted(0, 9), renewed(3_000, 8_999, 9), lost(9_000))).not.toBeNull();
});

test('FUZZ-08: what could have been renewed is not lost', () => {
  const story = [granted(0, 9), lost(9_000)];
  expect(judge('FUZZ-08', ...story)).not.toBeNull();
  // A third of the TTL and 0.6 s without trouble are enough.
  expect(judge('FUZZ-08', ...story, outage(0, 5_399))).not.toBeNull();
  expect(judge('FUZZ-08', ...story, outage(0, 5_400))).toBeNull();
  expect(judge('FUZZ-08', ...story, outage(8_000, 9_500))).toBeNull();
  expect(judge('FUZZ-08', ...story, revoked(4_000))).toBeNull();
});

test('FUZZ-08: a fault that waits for messages lasts until it has met them', () => {
  const losing = { kind: 'lose', side: 'request', aim } as const;
  const story = [granted(0, 9), lost(9_000), end(20_000)];
  expect(judge('FUZZ-08', ...story, fault(0, losing))).toBeNull();
  expect(judge('FUZZ-08', ...story, lasting(0, 4_000, losing))).not.toBeNull();
});

test('FUZZ-09: renewals come when a third of the TTL has passed', () => {
  const story = [granted(0, 9), end(20_000)];
  const until = (at: number) => [ask(3_000, 'keep-alive'), ask(at, 'keep-alive'), lost(at)];
  expect(judge('FUZZ-09', ...story, ...until(6_600))).toBeNull();
  expect(judge('FUZZ-09', ...story, ...until(6_601))).toContain('3000 ms to 6601 ms');
  expect(judge('FUZZ-09', ...story, ...until(6_601), outage(6_000, 6_001))).toBeNull();
});

test('FUZZ-10: renewals are not more than five in a TTL', () => {
  const every = (by: number) =>
    Array.from({ length: 6 }, (_, n) => ask(3_000 + n * by, 'keep-alive'));
  expect(judge('FUZZ-10', granted(0, 9), ...every(1_800), end(30_000))).toBeNull();
  expect(judge('FUZZ-10', granted(0, 9), ...every(1_799), end(30_000))).not.toBeNull();
  expect(
    judge('FUZZ-10', granted(0, 9), ...every(1), end(30_000), outage(1_000, 2_000)),
  ).toBeNull();
});

test('FUZZ-11: nobody asks more than ten times in a second', () => {
  const every = (by: number) => Array.from({ length: 11 }, (_, n) => ask(n * by, 'keep-alive'));
  expect(judge('FUZZ-11', granted(0, 9), ...every(100), outage(0, 5_000))).toBeNull();
  expect(judge('FUZZ-11', granted(0, 9), ...every(99), outage(0, 5_000))).not.toBeNull();
});
