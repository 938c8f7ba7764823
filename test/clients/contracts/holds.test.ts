import { expect, test } from 'vitest';
import {
  acquired,
  ask,
  end,
  fault,
  granted,
  judge,
  key,
  lasting,
  lost,
  told,
  yielded,
} from './hand-made.ts';

test('FUZZ-24: who holds has a key', () => {
  const story = [acquired(1_000), end(9_000)];
  expect(judge('FUZZ-24', ...story)).toContain('its key was not there');
  expect(judge('FUZZ-24', key(0, true), ...story)).toBeNull();
  const gone = key(5_000, false);
  expect(judge('FUZZ-24', key(0, true), ...story, gone, yielded(5_000))).toBeNull();
  expect(judge('FUZZ-24', key(0, true), ...story, gone, yielded(5_001))).toContain('for 1 ms');
  const another = fault(5_000, { kind: 'revoke by another', name: 'L' });
  expect(judge('FUZZ-24', key(0, true), ...story, another, gone, yielded(7_000))).toBeNull();
});

test('FUZZ-25: two do not hold at once', () => {
  const story = [acquired(1_000), acquired(5_000, 1), end(9_000)];
  expect(judge('FUZZ-25', ...story, yielded(5_000))).toBeNull();
  expect(judge('FUZZ-25', ...story, yielded(5_001))).toContain('1 ms more');
  const asleep = lasting(4_000, 6_000, { kind: 'pause client', for: 2_000 });
  expect(judge('FUZZ-25', ...story, asleep, yielded(6_000))).toBeNull();
});

test('FUZZ-26: nobody deletes what goes with the lease of another', () => {
  const about = { stream: 1, call: 'other', lease: null, ttl: null, key: null } as const;
  const deleting = (client: number) =>
    [
      { at: 1, kind: 'request', client: 0, ...about, call: 'grant', request: 900, lease: 5n },
      { at: 5, kind: 'request', client, request: 901, ...about },
      { at: 5, kind: 'served', request: 901 },
      { at: 5, kind: 'key', key: 'k', present: false, lease: 5n, createRevision: 2 },
    ] as const;
  expect(judge('FUZZ-26', deleting(0))).toBeNull();
  expect(judge('FUZZ-26', deleting(1))).toBe('client 1 deleted k of client 0 at 5 ms');
  // It went with its lease.
  const expiry = { at: 5, kind: 'lease', lease: 5n, deadline: null, ttl: 0, by: 'expiry' } as const;
  expect(judge('FUZZ-26', deleting(1), [expiry])).toBeNull();
});

test('FUZZ-27: no key is put with a lease that was given up', () => {
  expect(judge('FUZZ-27', granted(0, 9), lost(9_000), ask(9_000, 'put'))).toBeNull();
  expect(judge('FUZZ-27', granted(0, 9), lost(9_000), ask(9_001, 'put'))).not.toBeNull();
});

test('FUZZ-28: what was given back leaves no key', () => {
  const unlock = told(2_000, { kind: 'unlock', client: 0, name: 'L' }, 1, 3_000);
  const story = [key(0, true), acquired(1_000)];
  expect(judge('FUZZ-28', ...story, key(2_999, false), unlock)).toBeNull();
  expect(judge('FUZZ-28', ...story, unlock, key(3_001, false))).not.toBeNull();
});

test('FUZZ-29: the lease of what was given back is not renewed', () => {
  const unlock = told(2_000, { kind: 'unlock', client: 0, name: 'L' }, 1, 3_000);
  const renewal = (at: number) =>
    ask(at, 'keep-alive').map((one) => Object.assign({}, one, { lease: 0n }));
  expect(judge('FUZZ-29', acquired(1_000), unlock, renewal(3_000))).toBeNull();
  expect(judge('FUZZ-29', acquired(1_000), unlock, renewal(3_001))).not.toBeNull();
  expect(judge('FUZZ-29', acquired(1_000), yielded(2_000), renewal(2_001))).not.toBeNull();
});
