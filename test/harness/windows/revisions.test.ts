/** Deliveries, and the order that revisions make, over all sessions. */
import { describe, expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../../src/api/bytes.ts';
import { PLAIN_VIEW, type RequestOp } from '../../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import type { Reason } from '../../../src/api/refusal.ts';
import { revision } from '../../../src/api/units.ts';
import { deleted, grantedAnswer, HandMade, kv, putCommand, type Spread } from './hand-made.ts';

/** Expires at some instant from 2000 to 2010, with a key that was put at revision 2. */
const keyed = (): HandMade =>
  new HandMade().granted([0, 10], 7n, 2).putSeen([20, 30], kv('k', 2, 7n));

const K = kv('k', 2, 7n);

describe('deliveries', () => {
  test('of a put: before its return, at it, and long after', () => {
    const seen = (at: number): string =>
      new HandMade()
        .put([20, 30], 'k', 0n, 2)
        .watched(at, [{ kind: 'put', kv: kv('k', 2, 0n), prevKv: null }])
        .rule();
    expect(seen(25)).toBe('conformant');
    expect(seen(30)).toBe('conformant');
    expect(seen(900)).toBe('conformant');
    expect(seen(19)).toBe('KV-05');
  });

  test('KV-05: of a put that was refused', () => {
    const made = new HandMade()
      .refused([20, 30], putCommand('k', 5n), 'lease-not-found')
      .watched(40, [{ kind: 'put', kv: kv('k', 2, 5n), prevKv: null }]);
    expect(made.rule()).toBe('KV-05');
  });

  test('of a revoke, and of an expiry', () => {
    expect(
      keyed()
        .revoked([100, 110], 7n, 3)
        .watched(105, [deleted(K, 3)])
        .rule(),
    ).toBe('conformant');
    expect(
      keyed()
        .watched(2100, [deleted(K, 3)])
        .rule(),
    ).toBe('conformant');
  });

  test('KV-02: of a key that had left the lease', () => {
    const moved = kv('k', 3, 0n, 2, 2);
    const made = keyed()
      .putSeen([100, 110], moved, K)
      .watched(2100, [deleted(moved, 4)]);
    expect(made.rule()).toBe('KV-02');
  });

  test('KV-06: of a key that was not there', () => {
    expect(
      new HandMade()
        .found([0, 5], 'k', [], 1)
        .watched(100, [deleted(K, 2)])
        .rule(),
    ).toBe('KV-06');
  });

  test('REVOKE-02: of some of the keys of a lease', () => {
    const two = (): HandMade => keyed().putSeen([40, 50], kv('l', 3, 7n));
    const both = [deleted(K, 4), deleted(kv('l', 3, 7n), 4)];
    expect(two().watched(2100, both).rule()).toBe('conformant');
    expect(two().watched(2100, both.slice(0, 1)).rule()).toBe('REVOKE-02');
    expect(two().watched(2100, both.toReversed()).verdict()).toMatchObject({
      rule: 'REVOKE-02',
      explanation:
        'a revoke deletes all keys of the lease in one revision, in byte order: by 2100 ms ' +
        'expected delete k at 4, delete l at 4, saw delete l at 4, delete k at 4',
    });
  });

  test.each([
    ['the lease in the event', { ...deleted(K, 3), kv: { ...deleted(K, 3).kv, lease: 7n } }],
    ['no previous value', { ...deleted(K, 3), prevKv: null }],
    ['another lease before', { ...deleted(K, 3), prevKv: { ...K, lease: 8n } }],
    ['another version before', { ...deleted(K, 3), prevKv: { ...K, version: 2 } }],
  ])('REVOKE-05: of an expiry with %s', (_, event) => {
    expect(keyed().watched(2100, [event]).rule()).toBe('REVOKE-05');
  });

  test('EXP-07: of two leases in one revision', () => {
    const two = (): HandMade =>
      keyed()
        .granted([40, 50], 8n, 2)
        .putSeen([60, 70], kv('l', 3, 8n));
    const l = kv('l', 3, 8n);
    const apart = two()
      .watched(2100, [deleted(K, 4)])
      .watched(2101, [deleted(l, 5)]);
    expect(apart.rule()).toBe('conformant');
    expect(
      two()
        .watched(2100, [deleted(K, 4), deleted(l, 4)])
        .rule(),
    ).toBe('EXP-07');
  });
});

describe('revisions put what wrote in order', () => {
  test('an expiry between two writes', () => {
    const between = (first: Spread, second: Spread): string =>
      keyed()
        .putSeen(first, kv('a', 3, 0n))
        .watched(Math.max(first[1], 2600), [deleted(K, 4)])
        .putSeen(second, kv('b', 5, 0n))
        .rule();
    expect(between([1980, 1990], [1990, 2000])).toBe('conformant');
    // The later write had returned before the lease was due.
    expect(between([1980, 1985], [1990, 1999])).toBe('EXP-03');
    // The earlier write was made when the lease had to be gone; the slowest call took 710 ms.
    const late = (at: number): string => between([at, at + 710], [6000, 6010]);
    expect(late(2010 + 1500 + 2 * 710)).toBe('conformant');
    expect(late(2010 + 1501 + 2 * 710)).toBe('EXP-02');
  });

  test('a read shows what happened before it, and not what came after', () => {
    const read = (at: number, found: boolean): string =>
      keyed()
        .found([2050, 2150], 'k', found ? [K] : [], at)
        .watched(2100, [deleted(K, 3)])
        .rule();
    expect(read(2, true)).toBe('conformant');
    expect(read(3, false)).toBe('conformant');
    expect(read(2, false)).not.toBe('conformant');
    expect(read(3, true)).not.toBe('conformant');
  });

  test('two writes that overlap come in the order of their revisions', () => {
    const made = (previous: readonly [string, string]): string => {
      const command = { ...putCommand('k', 0n), prevKv: true } as const;
      const [a, b] = [kv('k', 2, 0n), kv('k', 3, 0n, 2, 2)];
      const answer = (at: number, before: string) =>
        ({
          kind: 'putDone',
          revision: revision(at),
          prevKv: before === 'a' ? a : before === 'b' ? b : null,
        }) as const;
      return new HandMade()
        .asked([10, 100], command, answer(3, previous[1]), { client: 1 })
        .asked([20, 90], command, answer(2, previous[0]), { client: 2 })
        .rule();
    };
    expect(made(['', 'a'])).toBe('conformant');
    expect(made(['b', ''])).toBe('KV-13');
  });

  test('EXP-07: a write that is called after another took its revision has a higher one', () => {
    const second = (at: number, session: number): string =>
      new HandMade()
        .put([0, 10], 'a', 0n, 3)
        .put([20, 30], 'b', 0n, at, { session })
        .rule({ exclusive: session === 1 });
    expect(second(4, 0)).toBe('conformant');
    expect(second(2, 0)).toBe('EXP-07');
    expect(second(4, 1)).toBe('conformant');
    expect(second(2, 1)).toBe('EXP-07');
  });

  test('GRANT-06: a grant that is ahead, or behind', () => {
    const grant = { kind: 'grant', id: 7n, ttl: 5n } as const;
    const at = (shown: number): string =>
      new HandMade()
        .putSeen([0, 10], kv('a', 2, 0n))
        .asked([20, 30], grant, grantedAnswer(7n, 5, shown), { session: 1 })
        .putSeen([40, 50], kv('b', 3, 0n))
        .rule();
    expect(at(2)).toBe('conformant');
    expect(at(1)).toBe('GRANT-06');
    expect(at(3)).toBe('GRANT-06');
  });

  test('KA-06: a keep-alive that is ahead, or behind', () => {
    const at = (shown: number, session: number): string =>
      new HandMade()
        .putSeen([0, 10], kv('a', 2, 0n))
        .asked(
          [20, 30],
          { kind: 'keepAlive', id: 9n, stream: 1 },
          { kind: 'keptAlive', revision: revision(shown), id: 9n, ttl: 0 as never },
          { session },
        )
        .putSeen([40, 50], kv('b', 3, 0n))
        .rule();
    expect(at(2, 1)).toBe('conformant');
    expect(at(1, 1)).toBe('KA-06');
    expect(at(3, 1)).toBe('KA-06');
  });
});

describe('EXP-07: every revision belongs to one write', () => {
  const seen = (made: HandMade, key: string, at: number, when: Spread, session: number): HandMade =>
    made.putSeen(when, kv(key, at, 0n), null, { session });

  test('a gap', () => {
    const made = (last: number): HandMade => {
      const first = seen(new HandMade(), 'a', 2, [0, 10], 0);
      return seen(seen(first, 'b', 3, [20, 30], 1), 'a2', last, [40, 50], 0);
    };
    expect(made(4).rule()).toBe('conformant');
    // The watch of session 1 shows nothing beyond 3, so nobody knows.
    expect(made(5).rule()).toBe('conformant');
    const complete = seen(made(5), 'b2', 6, [60, 70], 1);
    expect(complete.verdict()).toMatchObject({
      rule: 'EXP-07',
      expected: 'a write or an expired lease with keys at revision 4',
      observed: 'neither',
    });
    expect(complete.rule({ exclusive: false })).toBe('conformant');
  });

  test('what was there before the history takes none of it', () => {
    expect(seen(seen(new HandMade(), 'a', 90, [0, 10], 0), 'b', 91, [20, 30], 0).rule()).toBe(
      'conformant',
    );
  });

  test('a revision that two writes claim', () => {
    const twice = (session: number, exclusive: boolean): string =>
      new HandMade()
        .put([0, 10], 'a', 0n, 2)
        .put([5, 15], 'b', 0n, 2, { session, client: 2 })
        .rule({ exclusive });
    expect(twice(1, true)).toBe('EXP-07');
    expect(twice(0, false)).toBe('EXP-07');
    expect(twice(1, false)).toBe('conformant');
  });

  test('a revision that a write and the watch of another session claim', () => {
    const made = keyed()
      .put([2000, 2090], 'b', 0n, 3, { session: 1 })
      .watched(2100, [deleted(K, 3)]);
    expect(made.rule()).toBe('EXP-07');
  });

  test('a lease without keys that takes one', () => {
    const made = (at: number): string =>
      new HandMade()
        .granted([0, 10], 7n, 5)
        .putSeen([20, 30], kv('a', 2, 0n))
        .revoked([40, 50], 7n, at)
        .putSeen([60, 70], kv('b', at + 1, 0n))
        .rule();
    expect(made(2)).toBe('conformant');
    expect(made(3)).toBe('EXP-07');
  });

  test('a delete of nothing takes none', () => {
    const command = {
      kind: 'deleteRange',
      key: asBytes('x'),
      rangeEnd: asBytes(''),
      prevKv: false,
    } as const;
    const answer = { kind: 'deleted', revision: revision(2), deleted: 0, prevKvs: [] } as const;
    const made = new HandMade().put([0, 10], 'a', 0n, 2).asked([20, 30], command, answer);
    expect(made.put([40, 50], 'b', 0n, 3).rule()).toBe('conformant');
  });
});

describe('KV-08: a transaction that is refused', () => {
  const range = { kind: 'range', key: asBytes('k'), rangeEnd: NO_BYTES } as const;
  const put = { ...putCommand('k', 0n), ignoreLease: true } as RequestOp;
  const refused = (success: readonly RequestOp[], reason: Reason): string =>
    new HandMade()
      .refused([0, 10], { kind: 'txn', compares: [], success, failure: [] }, reason)
      .rule({ config: { ...DEFAULT_CONFIG, etcd: '3.6' } });

  test('after a read at a revision that others may have written by then', () => {
    const ahead = { ...range, view: { ...PLAIN_VIEW, revision: 2n } };
    expect(refused([ahead, put], 'key-not-found')).toBe('conformant');
    expect(refused([ahead, put], 'future-revision')).toBe('conformant');
    expect(refused([ahead, put], 'compacted')).toBe('conformant');
    expect(refused([ahead, putCommand('k', 9n) as RequestOp], 'lease-not-found')).toBe(
      'conformant',
    );
    expect(refused([ahead, put], 'duplicate-key')).toBe('KV-09');
  });

  test('otherwise', () => {
    const now = { ...range, view: PLAIN_VIEW };
    expect(refused([now, put], 'key-not-found')).toBe('conformant');
    expect(refused([now, put], 'compacted')).toBe('KV-08');
  });
});
