/** Keep-alives on a real clock: renewals, those that wait, and streams. */
import { performance } from 'node:perf_hooks';
import { describe, expect, test } from 'vitest';
import { deleted, HandMade, kv } from './hand-made.ts';

/** Expires at some instant from 2000 to 2010. */
const lease = (): HandMade => new HandMade().granted([0, 10], 7n, 2);

describe('KA-02: a keep-alive restores the granted TTL', () => {
  /** Expires at some instant from 3000 to 3010. */
  const renewed = (): HandMade => lease().kept([1000, 1010], 7n, 2);

  test('the deadline moves', () => {
    expect(renewed().remains([1990, 2000], 7n, 1, 2).rule()).toBe('conformant');
    expect(renewed().remains([4530, 4540], 7n, -1, 2).rule()).toBe('conformant');
    expect(renewed().remains([4531, 4541], 7n, -1, 2).rule()).toBe('EXP-02');
  });

  test('the old deadline is none any more', () => {
    expect(renewed().remains([2990, 3000], 7n, -1, 0).rule()).toBe('conformant');
    expect(renewed().remains([2990, 2999], 7n, -1, 0).rule()).toBe('KA-02');
    // What the old deadline explains shows that the renewal did nothing; else it is too early.
    expect(renewed().remains([1990, 1999], 7n, -1, 0).rule()).toBe('EXP-03');
    expect(renewed().remains([1020, 1030], 7n, 0, 2).rule()).toBe('KA-02');
  });

  test('the answer is the granted TTL', () => {
    expect(lease().kept([1000, 1010], 7n, 3).rule()).toBe('KA-02');
    expect(lease().kept([1000, 1010], 8n, 2).rule()).toBe('KA-03');
    expect(lease().kept([1000, 1010], 8n, 0).rule()).toBe('conformant');
  });
});

describe('KA-04: a keep-alive on an overdue lease waits for the revoke, then answers 0', () => {
  test('a renewal was sent by the deadline', () => {
    expect(lease().kept([2010, 2020], 7n, 2).rule()).toBe('conformant');
    expect(lease().kept([2011, 2021], 7n, 2).verdict()).toMatchObject({
      explanation:
        'a keep-alive on an overdue lease waits for the revoke, then answers TTL 0: by 2021 ms ' +
        'expected no renewal of lease 7 after 2010 ms, saw renewed after 2011 ms',
    });
  });

  test('one that was sent before the deadline may wait beyond it', () => {
    expect(lease().kept([1990, 2400], 7n, 0).rule()).toBe('conformant');
    expect(lease().kept([1990, 2400], 7n, 0).remains([2410, 2420], 7n, -1, 0).rule()).toBe(
      'conformant',
    );
    expect(lease().kept([1990, 2400], 7n, 0).remains([2410, 2420], 7n, 0, 2).rule()).toBe('KA-04');
  });

  test('a lease with keys goes with its event, before or after the answer', () => {
    const seen = (answered: number, watched: number): string =>
      lease()
        .putSeen([20, 30], kv('k', 2, 7n))
        .kept([1990, answered], 7n, 0)
        .watched(watched, [deleted(kv('k', 2, 7n), 3)])
        .rule();
    expect(seen(2400, 2390)).toBe('conformant');
    expect(seen(2400, 2410)).toBe('conformant');
    expect(seen(1999, 2410)).toBe('EXP-03');
  });

  test('one that overlaps with a revoke and a new grant of its id', () => {
    const made = (ttl: number): string =>
      lease()
        .kept([100, 200], 7n, ttl)
        .revoked([110, 120], 7n, 1, { client: 2 })
        .granted([130, 140], 7n, 5, { client: 2 })
        .rule();
    // The old life, none, the new life.
    expect(made(2)).toBe('conformant');
    expect(made(0)).toBe('conformant');
    expect(made(5)).toBe('conformant');
    expect(made(4)).not.toBe('conformant');
  });

  test('one that overlaps with the first grant of its id', () => {
    expect(new HandMade().kept([0, 30], 7n, 0).granted([10, 20], 7n, 5).rule()).toBe('conformant');
    expect(new HandMade().granted([10, 20], 7n, 5).kept([20, 30], 7n, 0).rule()).toBe('conformant');
    expect(new HandMade().granted([10, 20], 7n, 5).kept([21, 30], 7n, 0).rule()).toBe('EXP-03');
  });

  test('EXP-03: one that renewed, of a lease that went all the same', () => {
    const gone = (returned: number): HandMade =>
      lease().kept([1500, returned], 7n, 2).remains([3490, 3500], 7n, -1, 0, { client: 2 });
    expect(gone(3600).rule()).toBe('conformant');
    expect(gone(1600).rule()).toBe('conformant');
    const early = lease().kept([1500, 3600], 7n, 2).remains([3490, 3499], 7n, -1, 0, { client: 2 });
    expect(early.verdict()).toMatchObject({
      rule: 'EXP-03',
      expected: 'lease 7, renewed, not gone before 3500 ms',
      observed: 'gone by 3499 ms',
    });
  });
});

describe('several keep-alives under way', () => {
  test('KA-01: a stream answers in order', () => {
    const pair = (first: number, second: number, stream: number): string =>
      lease()
        .granted([10, 20], 8n, 30)
        .kept([1990, first], 7n, 0)
        .kept([1995, second], 8n, 30, { stream })
        .rule();
    expect(pair(2300, 2301, 1)).toBe('conformant');
    expect(pair(2301, 2300, 1)).toBe('KA-01');
    expect(pair(2301, 2300, 2)).toBe('conformant');
  });

  test('a renewal behind one that waits may be seen before both return', () => {
    const made = (remaining: number): string =>
      lease()
        .granted([10, 20], 8n, 5)
        .kept([1990, 2500], 7n, 0)
        .kept([1995, 2501], 8n, 5)
        .remains([2310, 2320], 8n, remaining, 5, { client: 2 })
        .rule();
    expect(made(2)).toBe('conformant');
    expect(made(4)).toBe('conformant');
    expect(made(5)).toBe('conformant');
    expect(made(3)).toBe('TTL-01');
  });

  test('a renewal that is seen, and then returns', () => {
    const made = (remaining: number): string =>
      lease()
        .kept([1000, 1500], 7n, 2)
        .remains([1300, 1310], 7n, 1, 2, { client: 2 })
        .remains([1600, 1610], 7n, remaining, 2, { client: 2 })
        .rule();
    expect(made(1)).toBe('conformant');
    expect(made(0)).toBe('KA-02');
  });

  test('a chain of renewals that return last first', () => {
    const chain = new HandMade()
      .granted([0, 10], 7n, 2)
      .kept([1500, 5000], 7n, 2, { stream: 1 })
      .kept([3000, 4900], 7n, 2, { stream: 2 })
      .kept([4600, 4800], 7n, 2, { stream: 3 });
    expect(chain.remains([6000, 6010], 7n, 0, 2).rule()).toBe('conformant');
  });

  test('twenty at once on overdue leases, on several streams, make no explosion', () => {
    const overdue = [1n, 2n, 3n, 4n, 5n];
    const healthy = [6n, 7n, 8n, 9n, 10n];
    const load = (): HandMade => {
      const made = new HandMade();
      for (const id of overdue) made.granted([Number(id) * 10, Number(id) * 10 + 5], id, 2);
      for (const id of healthy) made.granted([Number(id) * 10, Number(id) * 10 + 5], id, 20);
      for (let each = 0; each < 20; each += 1) {
        const [ids, ttl] = each < 12 ? [overdue, 0] : [healthy, 20];
        const id = ids[each % 5] as bigint;
        made.kept([2060 + each, 2600 + each], id, ttl, { stream: 1 + (each % 4) });
      }
      for (let at = 2100; at < 2600; at += 25) {
        made.remains([at, at + 10], 7n, at < 2300 ? 17 : 19, 20, { client: 2 });
        made.listed([at + 10, at + 20], at < 2500 ? [...overdue, ...healthy] : healthy);
      }
      return made;
    };
    const start = performance.now();
    expect(load().rule()).toBe('conformant');
    expect(load().remains([3000, 3010], 7n, 17, 20).rule()).toBe('KA-02');
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
