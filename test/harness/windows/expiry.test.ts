/** When a lease may be gone, and when it may still be there, to the millisecond. */
import { describe, expect, test } from 'vitest';
import { deleted, HandMade, kv, putCommand, type Spread } from './hand-made.ts';

/** Expires at some instant from 2000 to 2010. */
const lease = (): HandMade => new HandMade().granted([0, 10], 7n, 2);

/** The same with a key. */
const keyed = (): HandMade => lease().putSeen([20, 30], kv('k', 2, 7n));

/** What shows that the lease is gone. */
const GONE: readonly (readonly [string, (when: Spread) => HandMade])[] = [
  ['a watch event', ([, to]) => keyed().watched(to, [deleted(kv('k', 2, 7n), 3)])],
  ['a put that does not find it', (when) => notFound(when, putCommand('k', 7n))],
  ['a revoke that does not find it', (when) => notFound(when, { kind: 'revoke', id: 7n })],
  ['time-to-live -1 of 0', (when) => lease().remains(when, 7n, -1, 0)],
  ['a keep-alive answered 0', (when) => lease().kept(when, 7n, 0)],
  ['a list without it', (when) => lease().listed(when, [])],
];

const notFound = (when: Spread, command: Parameters<HandMade['refused']>[1]): HandMade =>
  lease().refused(when, command, 'lease-not-found');

describe('EXP-03: a lease never goes before its TTL has passed', () => {
  test.each(GONE)('shown by %s', (_, shown) => {
    expect(shown([1995, 1999]).rule()).toBe('EXP-03');
    expect(shown([1996, 2000]).rule()).toBe('conformant');
  });

  test('the reason gives the interval', () => {
    expect(lease().remains([1990, 1999], 7n, -1, 0).verdict()).toEqual({
      kind: 'violation',
      rule: 'EXP-03',
      entry: 3,
      explanation:
        'a lease never goes before its TTL has passed: by 1999 ms expected lease 7 not gone ' +
        'before 2000 ms, saw gone by 1999 ms',
      expected: 'lease 7 not gone before 2000 ms',
      observed: 'gone by 1999 ms',
    });
  });

  test('a key that is not found any more goes with an event', () => {
    const seen = (at: number): HandMade =>
      keyed()
        .found([at - 5, at], 'k', [], 3)
        .watched(at + 100, [deleted(kv('k', 2, 7n), 3)]);
    expect(seen(1999).rule()).toBe('EXP-03');
    expect(seen(2000).rule()).toBe('conformant');
  });

  test('where no watch shows anything, a key may go unseen', () => {
    const found = (at: number): HandMade =>
      lease()
        .put([20, 30], 'k', 7n, 2)
        .found([at - 5, at], 'k', [], 3);
    expect(found(1999).rule()).not.toBe('conformant');
    expect(found(2000).rule()).toBe('conformant');
  });

  test('GRANT-04: a grant of its id that succeeds shows it gone', () => {
    expect(lease().granted([1990, 1999], 7n, 5).rule()).toBe('GRANT-04');
    expect(lease().granted([1991, 2000], 7n, 5).rule()).toBe('conformant');
  });
});

/** What shows that the lease is there at an instant from `at` on; a call takes 10 ms. */
const THERE: readonly (readonly [string, (at: number) => HandMade])[] = [
  ['time-to-live', (at) => lease().remains([at, at + 10], 7n, -1, 2)],
  ['a list', (at) => lease().listed([at, at + 10], [7n])],
  ['a put', (at) => lease().put([at, at + 10], 'k', 7n, 2)],
  ['a revoke', (at) => lease().revoked([at, at + 10], 7n, 1)],
  ['a key', (at) => keyed().found([at, at + 10], 'k', [kv('k', 2, 7n)], 2)],
  [
    'a refused grant',
    (at) => lease().refused([at, at + 10], { kind: 'grant', id: 7n, ttl: 2n }, 'lease-exists'),
  ],
];

describe('EXP-02: an expired lease goes at the next turn', () => {
  // A turn, a second, and twice the slowest call.
  const lag = 500 + 1000 + 2 * 10;

  test.each(THERE)('shown there by %s', (_, shown) => {
    expect(shown(2010 + lag).rule()).toBe('conformant');
    expect(shown(2010 + lag + 1).rule()).toBe('EXP-02');
  });

  test('the reason gives the end of the interval', () => {
    expect(lease().listed([3531, 3541], [7n]).verdict()).toMatchObject({
      explanation:
        'an expired lease goes at the next turn that has room for it: by 3541 ms expected ' +
        'lease 7 gone by 3530 ms, saw still there at 3531 ms',
    });
  });

  test('a watch shows it there by a later revision', () => {
    const late = (at: number): HandMade =>
      keyed()
        .putSeen([at, at + 10], kv('l', 3, 0n))
        .watched(at + 20, [deleted(kv('k', 2, 7n), 4)]);
    expect(late(3530).rule()).toBe('conformant');
    expect(late(3531).rule()).toBe('EXP-02');
  });

  test('a lease without keys goes unseen', () => {
    expect(lease().found([9000, 9010], 'k', [], 1).rule()).toBe('conformant');
    const back = lease().found([9000, 9010], 'k', [], 1).listed([9020, 9030], [7n]);
    expect(back.verdict()).toMatchObject({
      rule: 'EXP-02',
      expected: 'lease 7 gone by 3530 ms',
      observed: '#7, as if it were there',
    });
  });

  test('more than 500 grants give it a turn more', () => {
    const crowd = (at: number): HandMade => {
      const made = lease();
      for (let id = 100; id < 599; id += 1) made.granted([id, id + 0.5], BigInt(id), 3000);
      const others = Array.from({ length: 499 }, (_, index) => BigInt(100 + index));
      return made.listed([at, at + 10], [7n, ...others]);
    };
    expect(crowd(2010 + lag + 500).rule()).toBe('conformant');
    expect(crowd(2010 + lag + 501).rule()).toBe('EXP-02');
  });
});

describe('EXP-09: until it is revoked, an overdue lease is there', () => {
  test.each([
    ['time-to-live', 'EXP-09', (at: Spread) => lease().remains(at, 7n, -1, 0)],
    ['a keep-alive', 'KA-04', (at: Spread) => lease().kept(at, 7n, 0)],
    ['a list', 'LIST-02', (at: Spread) => lease().listed(at, [])],
    ['a put', 'EXP-10', (at: Spread) => notFound(at, putCommand('k', 7n))],
    ['a revoke', 'REVOKE-07', (at: Spread) => notFound(at, { kind: 'revoke', id: 7n })],
  ] as const)('gone by %s and there again: %s', (_, rule, shown) => {
    expect(shown([2100, 2110]).remains([2120, 2130], 7n, -1, 0).rule()).toBe('conformant');
    expect(shown([2100, 2110]).remains([2120, 2130], 7n, 0, 2).rule()).toBe(rule);
  });

  test('the reason says what showed it gone', () => {
    expect(
      lease().kept([2100, 2110], 7n, 0).remains([2120, 2130], 7n, 0, 2).verdict(),
    ).toMatchObject({
      explanation:
        'a keep-alive on an overdue lease waits for the revoke, then answers TTL 0: by 2130 ms ' +
        'expected lease 7 gone, as a keep-alive was answered 0, saw 0 of 2, as if it were there',
    });
  });
});
