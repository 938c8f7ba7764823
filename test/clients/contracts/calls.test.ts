import { expect, test } from 'vitest';
import { ask, end, granted, judge, revoked, told } from './hand-made.ts';

const act = { client: 0, name: 'A' } as const;

test('FUZZ-20: every call settles', () => {
  expect(judge('FUZZ-20', told(1, { kind: 'put', key: 'k', ...act }, 1, 5), end(9))).toBeNull();
  expect(judge('FUZZ-20', told(1, { kind: 'put', key: 'k', ...act }, 1, null), end(9))).toContain(
    'never was done',
  );
});

test('FUZZ-21: what is reported revoked is gone', () => {
  const story = [granted(0, 9), told(1_000, { kind: 'revoke', ...act }, 1, 2_000)];
  expect(judge('FUZZ-21', revoked(1_999), ...story)).toBeNull();
  expect(judge('FUZZ-21', ...story, revoked(2_001))).not.toBeNull();
});

test('FUZZ-22: what is revoked before it is granted is revoked', () => {
  const story = [
    told(0, { kind: 'grant', ttl: 9, ...act }, 1, 1_000),
    told(500, { kind: 'revoke', ...act }, 2, 1_000),
    granted(900, 9),
    end(30_000),
  ];
  expect(judge('FUZZ-22', ...story, revoked(3_000))).toBeNull();
  expect(judge('FUZZ-22', ...story, revoked(3_001))).not.toBeNull();
});

test('FUZZ-22: who asks for its end after giving it up need not know of it', () => {
  const story = [
    told(0, { kind: 'grant', ttl: 9, ...act }, 1, 500),
    told(100, { kind: 'revoke', ...act }, 2, 1_000),
    granted(900, 9),
    end(30_000),
  ];
  expect(judge('FUZZ-22', ...story, ask(501, 'revoke'))).toBeNull();
  expect(judge('FUZZ-22', ...story, ask(499, 'revoke'))).not.toBeNull();
});

test('FUZZ-23: no lease is kept alive in secret', () => {
  const lock = (doneAt: number | null) =>
    told(0, { kind: 'lock', client: 0, name: 'L', ttl: 9 }, 1, doneAt);
  expect(judge('FUZZ-23', lock(null), ask(3_000, 'keep-alive'))).toBeNull();
  expect(judge('FUZZ-23', lock(3_000), ask(3_000, 'keep-alive'))).toBeNull();
  expect(judge('FUZZ-23', lock(2_999), ask(3_000, 'keep-alive'))).not.toBeNull();
  expect(judge('FUZZ-23', granted(0, 9), ask(3_000, 'keep-alive'))).toBeNull();
});
