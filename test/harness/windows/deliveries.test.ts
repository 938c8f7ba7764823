/** What the watches of clients are told. */
import { expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../../src/api/bytes.ts';
import { PLAIN_WATCH } from '../../../src/api/command.ts';
import { revision } from '../../../src/api/units.ts';
import { type Asked, HandMade, kv } from './hand-made.ts';

const RANGE = { key: asBytes('k'), rangeEnd: NO_BYTES };
const WATCH: Asked = { ...PLAIN_WATCH, kind: 'watch', stream: 1, ...RANGE, prevKv: true };
const FIRST = kv('k', 2, 0n);
const SECOND = kv('k', 3, 0n, 2, 2);

/** The second put of a key, told at an instant, by a watch that is cancelled at 40. */
const told = (at: number, prevKv: typeof FIRST | null): string => {
  const events = [{ kind: 'put', kv: SECOND, prevKv }] as const;
  const delivery = {
    stream: 1,
    watch: 0n,
    revision: revision(3),
    events,
    compactRevision: revision(0),
  };
  return new HandMade()
    .put([0, 1], 'k', 0n, 2)
    .watched(2, [{ kind: 'put', kv: FIRST, prevKv: null }])
    .asked([10, 11], WATCH, { kind: 'watchCreated', revision: revision(2), watch: 0n })
    .asked(
      [40, 60],
      { kind: 'cancelWatch', stream: 1, watch: 0n },
      {
        kind: 'watchCanceled',
        revision: revision(3),
        watch: 0n,
      },
    )
    .put([20, 50], 'k', 0n, 3)
    .delivered(at, delivery)
    .watched(55, [{ kind: 'put', kv: SECOND, prevKv: FIRST }])
    .rule();
};

test('KV-24: with previous values if asked for', () => {
  expect(told(39, FIRST)).toBe('conformant');
  expect(told(39, null)).toBe('KV-24');
});

test('KV-26: without them, too, once it is told to cancel', () => {
  expect(told(40, FIRST)).toBe('conformant');
  expect(told(40, null)).toBe('conformant');
  expect(told(45, FIRST)).toBe('conformant');
});

test('KV-24: never with others', () => {
  expect(told(45, SECOND)).toBe('KV-24');
});

test.each([
  { kind: 'cancelWatch', stream: 1, watch: 0n },
  { kind: 'watchProgress', stream: 1 },
] as const)('KV-26, KV-27: what a session leaves unanswered when it is over: $kind', (command) => {
  const history = new HandMade()
    .asked([10, 11], WATCH, { kind: 'watchCreated', revision: revision(1), watch: 0n })
    .ended([20, 20], command, { kind: 'unknown', why: 'the session is over' });
  expect(history.rule()).toBe('conformant');
});
