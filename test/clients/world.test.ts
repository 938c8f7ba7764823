/** The world in which clients are put: what its traces show of a real client. */
import { describe, expect, test } from 'vitest';
import { etcd3Adapter } from '../../src/clients/etcd3-adapter.ts';
import type { ClientStory } from '../../src/clients/story.ts';
import type { Trace, TraceEntry } from '../../src/clients/trace.ts';
import { runStory } from '../../src/clients/world.ts';

const run = async (steps: ClientStory['steps'], lasts = 30_000): Promise<Trace> => {
  const { trace, broken } = await runStory({ steps, lasts }, { adapter: etcd3Adapter, seed: 1n });
  expect(broken).toBeNull();
  return trace;
};

const of = <K extends TraceEntry['kind']>(trace: Trace, kind: K) =>
  trace.filter((entry): entry is TraceEntry & { kind: K } => entry.kind === kind);

const GRANT = { kind: 'grant', client: 0, name: 'A', ttl: 9 } as const;
const KEEP_ALIVES = { client: 0, call: 'keep-alive', times: 100 } as const;

describe('a world without faults', () => {
  test('a lease is renewed each third of its TTL until its end, and nothing is left', async () => {
    const revoke = { kind: 'revoke', client: 0, name: 'A' } as const;
    const trace = await run([
      { at: 0, act: GRANT },
      { at: 29_999, act: revoke },
    ]);
    const renewals = of(trace, 'lease').filter(({ by }) => by === 'renewal');
    const expected = [0, 3, 6, 9, 12, 15, 18, 21, 24, 27].map((at) => at * 1000);
    expect(renewals.map(({ at }) => at)).toEqual(expected);
    const last = { kind: 'end', timers: 0, connections: 0, streams: 0 };
    expect(trace.at(-1)).toEqual({ at: 60_000, ...last });
  });
});

describe('a belief beside the truth', () => {
  test('the client believes in a lease for nine seconds after it has expired', async () => {
    const lose = { kind: 'lose', side: 'request', aim: KEEP_ALIVES } as const;
    const trace = await run([
      { at: 0, act: GRANT },
      { at: 4000, act: lose },
    ]);
    const expiry = of(trace, 'lease').find(({ by }) => by === 'expiry');
    const lost = of(trace, 'said').find(({ event }) => event.kind === 'lost');
    expect(expiry?.at).toBe(12_000);
    expect(lost?.at).toBe(21_200);
  });
});
