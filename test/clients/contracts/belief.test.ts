import { expect, test } from 'vitest';
import {
  end,
  expired,
  granted,
  judge,
  lasting,
  lost,
  renewed,
  revoked,
  toldRenewed,
} from './hand-made.ts';

const asleep = (from: number, until: number) =>
  lasting(from, until, { kind: 'pause client', for: until - from });

test('FUZZ-01: a lease is not believed alive after the server expired it', () => {
  const story = [granted(0, 5), expired(5_100), end(9_000)];
  expect(judge('FUZZ-01', ...story, lost(5_100))).toBeNull();
  expect(judge('FUZZ-01', ...story, lost(5_101))).toContain('believed alive 1 ms on');
  expect(judge('FUZZ-01', ...story)).toContain('3900 ms');
  // Who stands still cannot say anything.
  expect(judge('FUZZ-01', ...story, asleep(4_000, 8_000), lost(8_000))).toBeNull();
  expect(judge('FUZZ-01', ...story, asleep(4_000, 8_000), lost(8_001))).not.toBeNull();
});

test('FUZZ-02: a belief ends a TTL after the last answered request was sent', () => {
  const story = [granted(0, 5), renewed(2_000, 4_000, 5), end(20_000)];
  expect(judge('FUZZ-02', ...story, lost(7_000))).toBeNull();
  expect(judge('FUZZ-02', ...story, lost(7_001))).toContain('believed alive 1 ms on');
  expect(judge('FUZZ-02', ...story, asleep(6_000, 9_000), lost(9_000))).toBeNull();
});

test('FUZZ-02: an answer that comes too late does not mend it', () => {
  const story = [granted(0, 5), end(20_000), lost(8_000)];
  expect(judge('FUZZ-02', ...story, renewed(3_000, 5_000, 5))).toBeNull();
  expect(judge('FUZZ-02', ...story, renewed(3_000, 5_001, 5))).not.toBeNull();
});

test('FUZZ-03: the loss is told within 1.5 s', () => {
  expect(judge('FUZZ-03', granted(0, 5), lost(6_500), end(9_000))).toBeNull();
  expect(judge('FUZZ-03', granted(0, 5), lost(6_501), end(9_000))).not.toBeNull();
});

test('FUZZ-04: the loss is told once', () => {
  expect(judge('FUZZ-04', granted(0, 5), lost(5_000))).toBeNull();
  expect(judge('FUZZ-04', granted(0, 5), lost(5_000), lost(5_000))).not.toBeNull();
  expect(judge('FUZZ-04', granted(0, 5), lost(5_000), granted(6_000, 5), lost(11_000))).toBeNull();
});

test('FUZZ-05: what was given up is not renewed', () => {
  expect(judge('FUZZ-05', granted(0, 5), toldRenewed(4_000), lost(5_000))).toBeNull();
  expect(judge('FUZZ-05', granted(0, 5), lost(5_000), toldRenewed(5_000))).not.toBeNull();
});

test('FUZZ-06: TTL 0 is heard', () => {
  const story = [granted(0, 9), revoked(1_000), renewed(3_000, 3_000, 0), end(20_000)];
  expect(judge('FUZZ-06', ...story, lost(4_500))).toBeNull();
  expect(judge('FUZZ-06', ...story, lost(4_501))).not.toBeNull();
  // Another answer says otherwise.
  expect(judge('FUZZ-06', ...story, renewed(3_100, 3_100, 9), lost(9_000))).toBeNull();
});
