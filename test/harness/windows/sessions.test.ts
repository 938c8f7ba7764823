/** Several sessions, clients and members in one history; what is not known. */
import { describe, expect, test } from 'vitest';
import { asBytes } from '../../../src/api/bytes.ts';
import { revision } from '../../../src/api/units.ts';
import { deleted, HandMade, kv, putCommand, type Spread } from './hand-made.ts';
import { PLAIN_VIEW } from '../../../src/api/command.ts';

const UNKNOWN = { kind: 'unknown', why: 'a deadline passed' } as const;

describe('what is not known is inconclusive', () => {
  test('a request that may or may not have taken effect', () => {
    const made = new HandMade()
      .granted([0, 10], 7n, 2)
      .ended([20, 30], putCommand('k', 7n), UNKNOWN);
    expect(made.verdict()).toEqual({ kind: 'inconclusive', why: '«put k» was never answered' });
  });

  test('a target that went away, whatever was under way then', () => {
    const gone = { kind: 'inconclusive', why: 'the target went away: it died' };
    expect(new HandMade().granted([0, 10], 7n, 2).lost(20).verdict()).toEqual(gone);
    const asked = new HandMade().ended([0, 10], putCommand('k', 0n), UNKNOWN);
    expect(asked.lost(20).verdict()).toEqual(gone);
  });

  test('what was wrong before is a violation all the same', () => {
    const early = new HandMade().granted([0, 10], 7n, 2).remains([20, 30], 7n, -1, 0);
    expect(early.ended([40, 50], putCommand('k', 0n), UNKNOWN).lost(60).rule()).toBe('EXP-03');
  });

  test('and so is what is wrong in another session', () => {
    const made = (ttl: number): string =>
      new HandMade()
        .ended([0, 10], putCommand('k', 0n), UNKNOWN)
        .granted([20, 30], 7n, 5, { session: 1 })
        .remains([40, 50], 7n, ttl, 5, { session: 1 })
        .rule();
    expect(made(4)).toBe('inconclusive');
    expect(made(3)).toBe('TTL-01');
  });

  test('more orders than are tried', () => {
    const made = new HandMade().granted([0, 10], 1n, 2);
    for (let client = 1; client <= 14; client += 1) {
      made.granted([20, 30 + client], BigInt(10 + client), 5, { client });
    }
    expect(made.verdict()).toMatchObject({ why: 'more than 4096 explanations at one entry' });
  });
});

describe('sessions', () => {
  test('those that share nothing are judged apart, the second one too', () => {
    const made = (by: number): HandMade =>
      new HandMade()
        .granted([0, 10], 7n, 2)
        .granted([0, 10], 8n, 2, { session: 1 })
        .listed([20, 30], [8n, 7n, 9n])
        .remains([by - 10, by], 8n, -1, 0, { session: 1 });
    expect(made(2000).rule()).toBe('conformant');
    expect(made(1999).verdict()).toMatchObject({
      kind: 'violation',
      rule: 'EXP-03',
      entry: 7,
      expected: 'lease 8 not gone before 2000 ms',
    });
  });

  test('one that asks for the lease of another is judged with it', () => {
    const made = (granted: number): string =>
      new HandMade()
        .asked(
          [0, 10],
          { kind: 'grant', id: 0n, ttl: 2n },
          { kind: 'granted', revision: revision(1), id: 77n, ttl: 2 as never },
        )
        .remains([20, 30], 77n, granted === 0 ? -1 : 1, granted, { session: 1 })
        .rule();
    expect(made(2)).toBe('conformant');
    expect(made(0)).toBe('EXP-03');
  });

  test('one whose range holds the keys of another is judged with it', () => {
    const range = {
      kind: 'range',
      key: asBytes('a'),
      rangeEnd: asBytes('z'),
      view: PLAIN_VIEW,
    } as const;
    const made = (lease: bigint): string =>
      new HandMade()
        .put([0, 10], 'k', 0n, 2)
        .asked(
          [20, 30],
          range,
          {
            kind: 'rangeResult',
            revision: revision(2),
            kvs: [kv('k', 2, lease)],
            more: false,
            count: 1,
          },
          { session: 1 },
        )
        .rule();
    expect(made(0n)).toBe('conformant');
    expect(made(5n)).toBe('KV-12');
  });

  test('a lease with keys of two sessions goes at one revision, each seeing its own', () => {
    const [a, b] = [kv('a', 2, 7n), kv('b', 3, 7n)];
    const made = (at: number): string =>
      new HandMade()
        .granted([0, 10], 7n, 2)
        .putSeen([20, 30], a)
        .putSeen([20, 30], b, null, { session: 1 })
        .watched(2300, [deleted(b, 4)], 1)
        .watched(2310, [deleted(a, at)], 0)
        .rule();
    expect(made(4)).toBe('conformant');
    expect(made(5)).not.toBe('conformant');
  });

  test('two that watch the same keys see the same, one later', () => {
    const k = kv('k', 2, 7n);
    const made = new HandMade()
      .granted([0, 10], 7n, 2)
      .putSeen([20, 30], k)
      .found([40, 50], 'k', [k], 2, { session: 1 })
      .watched(60, [{ kind: 'put', kv: k, prevKv: null }], 1)
      .watched(2300, [deleted(k, 3)], 0)
      .watched(2400, [deleted(k, 3)], 1);
    expect(made.rule()).toBe('conformant');
  });
});

describe('at one instant', () => {
  const grant = (): HandMade => new HandMade().granted([0, 10], 7n, 5);

  test('a call may come before a return, unless its client waited for that', () => {
    const asks = (client: number, at: number): string =>
      grant()
        .remains([at, at + 10], 7n, -1, 0, { client })
        .rule();
    expect(asks(2, 9)).toBe('conformant');
    expect(asks(2, 10)).toBe('conformant');
    expect(asks(2, 11)).toBe('EXP-03');
    expect(asks(1, 10)).toBe('EXP-03');
  });

  test('a call may come before a delivery', () => {
    const k = kv('k', 2, 7n);
    const found = (at: number): string =>
      grant()
        .putSeen([20, 30], k)
        .watched(5100, [deleted(k, 3)])
        .found([at, at + 5], 'k', [k], 2, { client: 2 })
        .rule();
    expect(found(5100)).toBe('conformant');
    expect(found(5101)).not.toBe('conformant');
  });
});

describe('CONST-14: ids that the server chooses', () => {
  const chosen = (made: HandMade, when: Spread, id: bigint, member?: string): HandMade =>
    made.asked(
      when,
      { kind: 'grant', id: 0n, ttl: 5n },
      { kind: 'granted', revision: revision(1), id, ttl: 5 as never },
      { client: Number(id), ...(member === undefined ? {} : { member }) },
    );
  const first = (): HandMade => chosen(new HandMade(), [0, 10], 20n);

  test('grow from one grant to the next, whatever the session', () => {
    expect(chosen(first(), [20, 30], 22n).rule()).toBe('conformant');
    expect(chosen(first(), [20, 30], 18n).rule()).toBe('CONST-14');
    expect(chosen(first(), [20, 30], 20n).rule()).toBe('CONST-14');
    expect(chosen(new HandMade(), [20, 30], -20n).rule()).toBe('CONST-14');
  });

  test('may come in another order where grants overlap', () => {
    expect(chosen(first(), [5, 15], 18n).rule()).toBe('conformant');
  });

  test('grow at each member by themselves', () => {
    const two = (member: string): string =>
      chosen(chosen(new HandMade(), [0, 10], 20n, 'a'), [20, 30], 18n, member).rule();
    expect(two('b')).toBe('conformant');
    expect(two('a')).toBe('CONST-14');
  });
});

test('where several members answer, their lists are not judged', () => {
  const made = (member: string): string =>
    new HandMade()
      .granted([0, 10], 7n, 5, { member: 'a' })
      .granted([20, 30], 8n, 5, { member: 'a' })
      .listed([40, 50], [8n], { member })
      .rule();
  expect(made('a')).toBe('EXP-03');
  expect(made('b')).toBe('conformant');
});
