/** What the values of time-to-live allow, and what they say of the deadline together. */
import { describe, expect, test } from 'vitest';
import { HandMade, type Spread } from './hand-made.ts';

/** Expires at some instant from 2000 to 2010. */
const lease = (): HandMade => new HandMade().granted([0, 10], 7n, 2);

const says = (when: Spread, ttl: number): string => lease().remains(when, 7n, ttl, 2).rule();

describe('TTL-01: the remaining TTL is truncated toward zero', () => {
  test('r ≥ 1: at least r seconds remain', () => {
    expect(says([10, 15], 2)).toBe('conformant');
    expect(says([11, 15], 2)).toBe('TTL-01');
    expect(says([1010, 1015], 1)).toBe('conformant');
    expect(says([1011, 1015], 1)).toBe('TTL-01');
  });

  test('r ≥ 1: at most r + 1 seconds remain', () => {
    const long = (when: Spread): string =>
      new HandMade().granted([0, 0], 7n, 5).remains(when, 7n, 1, 5).rule();
    expect(long([2990, 3000])).toBe('conformant');
    expect(long([2989, 2999])).toBe('TTL-01');
  });

  test('0: a second at most, to either side', () => {
    expect(says([990, 1000], 0)).toBe('conformant');
    expect(says([990, 999], 0)).toBe('TTL-01');
    expect(says([3010, 3020], 0)).toBe('conformant');
    expect(says([3011, 3020], 0)).toBe('TTL-01');
  });

  test('TTL-02: -n: overdue by n seconds to n + 1', () => {
    expect(says([2990, 3000], -1)).toBe('conformant');
    expect(says([2989, 2999], -1)).toBe('TTL-01');
  });

  test('never more than the granted TTL, however wide the windows', () => {
    const wide = (ttl: number): string =>
      new HandMade().granted([0, 3000], 7n, 2).remains([0, 3000], 7n, ttl, 2).rule();
    expect(wide(2)).toBe('conformant');
    expect(wide(3)).toBe('TTL-01');
  });

  test('the reason gives the values that are possible', () => {
    expect(lease().remains([500, 510], 7n, 2, 2).verdict()).toMatchObject({
      explanation:
        'the remaining TTL is truncated toward zero: by 510 ms expected remaining TTL 1, saw 2',
    });
    const wide = new HandMade().granted([0, 1000], 7n, 4).remains([1500, 1600], 7n, 0, 4);
    expect(wide.verdict()).toMatchObject({ expected: 'remaining TTL from 2 to 3', observed: '0' });
  });

  test('the granted TTL is compared as it is', () => {
    expect(lease().remains([20, 30], 7n, 1, 3).rule()).toBe('GRANT-02');
    expect(lease().remains([20, 30], 8n, -1, 0).rule()).toBe('conformant');
    expect(lease().remains([20, 30], 8n, 0, 0).rule()).toBe('TTL-03');
  });
});

describe('observations that are possible each, and not together', () => {
  test('two values narrow the deadline', () => {
    const second = (ttl: number): HandMade =>
      new HandMade()
        .granted([0, 1000], 7n, 5)
        .remains([1500, 1500], 7n, 3, 5)
        .remains([1600, 1600], 7n, ttl, 5);
    expect(second(3).rule()).toBe('conformant');
    expect(second(4).verdict()).toMatchObject({ rule: 'TTL-01', expected: 'remaining TTL 3' });
    // By itself it is possible.
    const alone = new HandMade().granted([0, 1000], 7n, 5).remains([1600, 1600], 7n, 4, 5);
    expect(alone.rule()).toBe('conformant');
  });

  test('a value and the end of the lease', () => {
    const gone = (at: number): string =>
      new HandMade()
        .granted([0, 1000], 7n, 3)
        .remains([2000, 2010], 7n, 1, 3)
        .remains([at - 5, at], 7n, -1, 0)
        .rule();
    // The value moved the earliest deadline from 3000 to 3000, and the latest from 4000 to 4000.
    expect(gone(2999)).toBe('EXP-03');
    expect(gone(3000)).toBe('conformant');
    const narrowed = (at: number): string =>
      new HandMade()
        .granted([0, 1000], 7n, 3)
        .remains([1500, 1500], 7n, 2, 3)
        .remains([at - 5, at], 7n, -1, 0)
        .rule();
    expect(narrowed(3499)).toBe('EXP-03');
    expect(narrowed(3500)).toBe('conformant');
  });

  test('EXP-02: a value that ends the lease, and its being there later', () => {
    const there = (at: number): string =>
      new HandMade()
        .granted([0, 1000], 7n, 2)
        .remains([2000, 2000], 7n, 0, 2)
        .listed([at, at], [7n])
        .rule();
    // The slowest call took a second, so the lag is 3500 ms; the value says 3000 at the latest.
    expect(there(6500)).toBe('conformant');
    expect(there(6501)).toBe('EXP-02');
  });

  test('one that is shown gone before another, which returned too early', () => {
    // A grants the id anew, so the old life is over; B sees the new life, so it came after A.
    const both = (returned: number): HandMade =>
      new HandMade()
        .granted([0, 0], 7n, 2)
        .granted([1950, 2050], 7n, 5, { client: 2 })
        .remains([1951, returned], 7n, 5, 5);
    expect(both(2000).rule()).toBe('conformant');
    expect(both(1999).verdict()).toMatchObject({ kind: 'violation', entry: 4 });
    // Each alone is possible.
    const first = new HandMade().granted([0, 0], 7n, 2).granted([1950, 2050], 7n, 5);
    expect(first.rule()).toBe('conformant');
    const second = new HandMade().granted([0, 0], 7n, 5).remains([0, 1999], 7n, 5, 5);
    expect(second.rule()).toBe('conformant');
  });
});

describe('LIST-03: the list is in the order of remaining time', () => {
  const pair = (): HandMade => new HandMade().granted([0, 10], 7n, 5).granted([5, 15], 8n, 5);

  test('intervals that overlap allow either order', () => {
    expect(pair().listed([20, 30], [7n, 8n]).rule()).toBe('conformant');
    expect(pair().listed([20, 30], [8n, 7n]).rule()).toBe('conformant');
  });

  test('intervals that touch allow either order, and those that do not, one', () => {
    const apart = (start: number, ids: readonly bigint[]): string =>
      new HandMade()
        .granted([0, 10], 7n, 5)
        .granted([start, 15], 8n, 5)
        .listed([20, 30], ids)
        .rule();
    expect(apart(10, [8n, 7n])).toBe('conformant');
    expect(apart(11, [8n, 7n])).toBe('LIST-03');
    expect(apart(11, [7n, 8n])).toBe('conformant');
  });

  test('three that no choice of deadlines puts in order', () => {
    const made = new HandMade()
      .granted([0, 100], 7n, 5)
      .granted([110, 120], 8n, 5)
      .listed([130, 140], [8n, 7n]);
    expect(made.verdict()).toMatchObject({
      rule: 'LIST-03',
      expected: 'lease 7, which expires by 5100 ms, before lease 8',
      observed: 'after it, which expires at 5110 ms',
    });
  });

  test('leases of others are passed over, its own are not', () => {
    expect(pair().listed([20, 30], [99n, 7n, -4n, 8n]).rule()).toBe('conformant');
    expect(pair().listed([20, 30], [99n, 7n]).rule()).toBe('EXP-03');
    const gone = pair().revoked([20, 30], 7n, 1);
    expect(gone.listed([40, 50], [8n]).rule()).toBe('conformant');
    expect(pair().revoked([20, 30], 7n, 1).listed([40, 50], [7n, 8n]).rule()).toBe('LIST-02');
  });
});
