/** Keys of leases that expire on a real clock: attached, moved, detached, saved. */
import { describe, expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../../src/api/bytes.ts';
import type { KeyValue } from '../../../src/api/response.ts';
import { revision, seconds } from '../../../src/api/units.ts';
import { type Asked, deleted, HandMade, kv, putCommand, type Spread } from './hand-made.ts';

const K = kv('k', 2, 7n);

/** Two leases that expire at 2000 to 2010 and at 30,000 to 30,010, and a key of the first. */
const leases = (): HandMade =>
  new HandMade().granted([0, 10], 7n, 2).granted([0, 10], 8n, 30).putSeen([20, 30], K);

describe('EXP-10: an overdue lease takes puts', () => {
  /** A second key, put when the lease is overdue, goes with it. */
  const put = (when: Spread): HandMade => {
    const late = kv('l', 3, 7n);
    return leases()
      .putSeen(when, late)
      .watched(2400, [deleted(K, 4), deleted(late, 4)]);
  };

  test('a put that is accepted around the deadline', () => {
    expect(put([1990, 1999]).rule()).toBe('conformant');
    expect(put([2100, 2110]).rule()).toBe('conformant');
  });

  test('a put that is refused: the lease has gone first', () => {
    const refused = (when: Spread, gone: number): string =>
      leases()
        .refused(when, putCommand('l', 7n), 'lease-not-found')
        .watched(gone, [deleted(K, 3)])
        .rule();
    expect(refused([1990, 2000], 2400)).toBe('conformant');
    expect(refused([1990, 1999], 2400)).toBe('EXP-03');
    expect(refused([2500, 2510], 2400)).toBe('conformant');
  });

  test('KV-01: a put that is accepted when the lease has gone', () => {
    const made = leases()
      .watched(2400, [deleted(K, 3)])
      .put([2500, 2510], 'l', 7n, 4);
    expect(made.rule()).toBe('KV-01');
  });
});

describe('KV-02: the last put decides the lease of a key', () => {
  const saved = kv('k', 3, 0n, 2, 2);
  const moved = kv('k', 3, 8n, 2, 2);

  test.each([
    ['detached', saved],
    ['moved', moved],
  ])('a key that is %s does not go', (_, after) => {
    const kept = (when: Spread): HandMade => leases().putSeen(when, after, K);
    for (const at of [1000, 2100]) {
      expect(
        kept([at, at + 10])
          .found([5000, 5010], 'k', [after], 3)
          .rule(),
      ).toBe('conformant');
      expect(
        kept([at, at + 10])
          .watched(2400, [deleted(after, 4)])
          .rule(),
      ).not.toBe('conformant');
    }
  });

  test('a key that is moved goes with its new lease', () => {
    const made = leases().putSeen([1000, 1010], moved, K);
    expect(made.watched(30_100, [deleted(moved, 4)]).rule()).toBe('conformant');
    const early = leases()
      .putSeen([1000, 1010], moved, K)
      .watched(29_999, [deleted(moved, 4)]);
    expect(early.verdict()).toMatchObject({
      rule: 'EXP-03',
      expected: 'lease 8 not gone before 30000 ms',
    });
  });

  test('the lease that lost its key goes unseen', () => {
    const made = (ttl: number, granted: number): string =>
      leases()
        .putSeen([1000, 1010], moved, K)
        .remains([2100, 2110], 7n, ttl, granted)
        .found([2120, 2130], 'k', [moved], 3)
        .rule();
    expect(made(-1, 0)).toBe('conformant');
    expect(made(0, 2)).toBe('conformant');
  });
});

describe('KV-13: previous values', () => {
  const asked = { ...putCommand('k', 8n), prevKv: true } as const;
  const put = (prevKv: KeyValue | null): HandMade =>
    leases().asked([100, 110], asked, { kind: 'putDone', revision: revision(3), prevKv });

  test('of a put', () => {
    expect(put(K).rule()).toBe('conformant');
    expect(put({ ...K, lease: 8n }).rule()).toBe('KV-13');
    expect(put({ ...K, version: 2 }).rule()).toBe('KV-13');
    expect(put(null).rule()).toBe('KV-13');
  });

  test('in its event', () => {
    const after = kv('k', 3, 8n, 2, 2);
    const event = (prevKv: KeyValue | null): HandMade =>
      put(K).watched(120, [{ kind: 'put', kv: after, prevKv }]);
    expect(event(K).rule()).toBe('conformant');
    expect(event({ ...K, lease: 0n }).rule()).toBe('KV-13');
    expect(event(null).rule()).toBe('KV-13');
  });

  test('KV-01: the lease in its event', () => {
    const after = kv('k', 3, 0n, 2, 2);
    const made = put(K).watched(120, [{ kind: 'put', kv: after, prevKv: K }]);
    expect(made.rule()).toBe('KV-01');
  });

  test('of a delete', () => {
    const command: Asked = {
      kind: 'deleteRange',
      key: asBytes('k'),
      rangeEnd: NO_BYTES,
      prevKv: true,
    };
    const made = (prevKvs: readonly KeyValue[]): string =>
      leases()
        .asked([100, 110], command, {
          kind: 'deleted',
          revision: revision(3),
          deleted: 1,
          prevKvs,
        })
        .watched(115, [deleted(K, 3)])
        .rule();
    expect(made([K])).toBe('conformant');
    expect(made([{ ...K, lease: 0n }])).toBe('KV-13');
  });
});

describe('KV-12: a range shows the lease of each key', () => {
  test('before and after a move', () => {
    const moved = kv('k', 3, 8n, 2, 2);
    const found = (shown: KeyValue, at: number): string =>
      leases()
        .put([100, 200], 'k', 8n, 3, { client: 2 })
        .found([120, 130], 'k', [shown], at)
        .rule();
    expect(found(K, 2)).toBe('conformant');
    expect(found(moved, 3)).toBe('conformant');
    expect(found({ ...K, lease: 8n }, 2)).toBe('KV-12');
    expect(found({ ...moved, lease: 7n }, 3)).toBe('KV-12');
  });

  test('TTL-04: time-to-live lists the keys, in any order', () => {
    const listed = (keys: readonly string[], asks: boolean): string =>
      leases()
        .putSeen([40, 50], kv('l', 3, 7n))
        .asked(
          [60, 70],
          { kind: 'timeToLive', id: 7n, keys: asks },
          {
            kind: 'remainingTtl',
            revision: revision(3),
            id: 7n,
            ttl: seconds(1),
            grantedTtl: seconds(2),
            keys: keys.map(asBytes),
          },
        )
        .rule();
    expect(listed(['l', 'k'], true)).toBe('conformant');
    expect(listed(['k'], true)).toBe('KV-02');
    expect(listed([], true)).toBe('TTL-04');
    expect(listed([], false)).toBe('conformant');
    expect(listed(['k'], false)).toBe('TTL-04');
  });
});
