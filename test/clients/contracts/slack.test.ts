/** On a real clock nobody is accused of what the machine may have done. */
import { expect, test } from 'vitest';
import {
  end,
  expired,
  granted,
  judgeWith,
  lost,
  renewed,
  revoked,
  told,
  toldRenewed,
} from './hand-made.ts';

test('FUZZ-01, FUZZ-02, FUZZ-03: a loss may be told later by the slack, and no more', () => {
  const story = [granted(0, 5), expired(5_000), end(20_000)];
  for (const [id, free] of [
    ['FUZZ-01', 0],
    ['FUZZ-02', 0],
    ['FUZZ-03', 1_500],
  ] as const) {
    expect(judgeWith(300, id, ...story, lost(5_300 + free))).toBeNull();
    expect(judgeWith(300, id, ...story, lost(5_301 + free))).not.toBeNull();
  }
});

test('FUZZ-06: TTL 0 may be heard later by the slack', () => {
  const story = [granted(0, 9), revoked(1_000), renewed(3_000, 3_000, 0), end(20_000)];
  expect(judgeWith(300, 'FUZZ-06', ...story, lost(4_800))).toBeNull();
  expect(judgeWith(300, 'FUZZ-06', ...story, lost(4_801))).not.toBeNull();
});

test('FUZZ-07: an answer may not have been read when the loss was told', () => {
  const story = [granted(0, 5), end(20_000)];
  expect(judgeWith(0, 'FUZZ-07', ...story, renewed(3_000, 4_900, 5), lost(5_000))).not.toBeNull();
  expect(judgeWith(300, 'FUZZ-07', ...story, renewed(3_000, 4_900, 5), lost(5_000))).toBeNull();
  expect(judgeWith(300, 'FUZZ-07', ...story, lost(4_699))).not.toBeNull();
  expect(judgeWith(300, 'FUZZ-07', ...story, lost(4_700))).toBeNull();
});

test('FUZZ-08: a renewal may come too late where the slack is most of what is left', () => {
  const story = [granted(0, 9), expired(9_000), lost(9_000), end(20_000)];
  expect(judgeWith(0, 'FUZZ-08', ...story)).not.toBeNull();
  expect(judgeWith(1_800, 'FUZZ-08', ...story)).not.toBeNull();
  expect(judgeWith(1_801, 'FUZZ-08', ...story)).toBeNull();
});

test('FUZZ-21: a lease whose time may have been up need not be revoked', () => {
  const revoke = told(4_000, { kind: 'revoke', client: 0, name: 'A' }, 1, 4_100);
  const long = [granted(0, 9), revoke, end(20_000)];
  expect(judgeWith(0, 'FUZZ-21', ...long)).not.toBeNull();
  expect(judgeWith(2_000, 'FUZZ-21', ...long)).not.toBeNull();
  const short = [granted(0, 6), revoke, end(20_000)];
  expect(judgeWith(0, 'FUZZ-21', ...short)).not.toBeNull();
  expect(judgeWith(1_899, 'FUZZ-21', ...short)).not.toBeNull();
  expect(judgeWith(1_900, 'FUZZ-21', ...short)).toBeNull();
});

test('FUZZ-10: renewals may come closer together than they were sent', () => {
  const six = (first: number, apart: number) =>
    Array.from({ length: 6 }, (_, index) => first + apart * index);
  const renewals = six(3_000, 950).map((at) => renewed(at, at, 5));
  const story = [granted(0, 5), ...renewals, end(20_000)];
  expect(judgeWith(0, 'FUZZ-10', ...story)).not.toBeNull();
  expect(judgeWith(300, 'FUZZ-10', ...story)).toBeNull();
});

test('FUZZ-15: a request may come in after the loss was told', () => {
  const story = [granted(0, 5), lost(5_000), end(20_000)];
  expect(judgeWith(300, 'FUZZ-15', ...story, renewed(5_300, 5_300, 0))).toBeNull();
  expect(judgeWith(300, 'FUZZ-15', ...story, renewed(5_301, 5_301, 0))).not.toBeNull();
});

test('FUZZ-05: what a client says comes in order, however late', () => {
  const story = [granted(0, 5), lost(5_000), end(20_000)];
  expect(judgeWith(2_000, 'FUZZ-05', ...story, toldRenewed(5_001))).not.toBeNull();
});
