import { expect, test } from 'vitest';
import { ask, end, granted, judge, lost, told } from './hand-made.ts';

const act = { client: 0, name: 'A' } as const;

test.each([
  ['FUZZ-13', 'revoke'],
  ['FUZZ-14', 'release'],
] as const)('%s: no renewal comes after %s is done', (id, kind) => {
  const story = [granted(0, 9), told(1_000, { kind, ...act }, 1, 2_000)];
  expect(judge(id, ...story, ask(2_000, 'keep-alive'))).toBeNull();
  expect(judge(id, ...story, ask(2_001, 'keep-alive'))).not.toBeNull();
});

test('FUZZ-15: no renewal comes after a loss', () => {
  expect(judge('FUZZ-15', granted(0, 9), lost(9_000), ask(9_000, 'keep-alive'))).toBeNull();
  expect(judge('FUZZ-15', granted(0, 9), lost(9_000), ask(9_001, 'keep-alive'))).not.toBeNull();
});

test('FUZZ-16: who is closed asks for nothing', () => {
  const close = told(1_000, { kind: 'close', client: 0 }, 1, 1_500);
  expect(judge('FUZZ-16', granted(0, 9), close, ask(1_500, 'put'))).toBeNull();
  expect(judge('FUZZ-16', granted(0, 9), close, ask(1_501, 'put'))).not.toBeNull();
  expect(judge('FUZZ-16', granted(0, 9), close, ask(1_501, 'put', 1))).toBeNull();
});

test('FUZZ-17: nothing is left', () => {
  expect(judge('FUZZ-17', end(9))).toBeNull();
  const left = end(9, { timers: 1, connections: 0, streams: 2 });
  expect(judge('FUZZ-17', left, [{ at: 9, kind: 'disconnected', client: 0, connection: 1 }])).toBe(
    '1 timers, 2 streams left after close',
  );
});

test('FUZZ-18: no error is left', () => {
  expect(judge('FUZZ-18', [{ at: 1, kind: 'uncaught', error: 'Error: x' }])).toBe('Error: x');
});

test('FUZZ-19: nobody storms a server', () => {
  const every = (by: number) =>
    Array.from({ length: 11 }, (_, n) => ({ at: n * by, kind: 'refused', client: 0 }) as const);
  expect(judge('FUZZ-19', every(100))).toBeNull();
  expect(judge('FUZZ-19', every(99))).not.toBeNull();
});
