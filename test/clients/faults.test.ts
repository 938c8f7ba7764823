/**
 * Each fault, as a client meets it: what a story of one fault and one lease leaves in the trace.
 */
import { describe, expect, test } from 'vitest';
import { etcd3Adapter } from '../../src/clients/etcd3-adapter.ts';
import { parseStory } from '../../src/clients/parse-story.ts';
import type { Trace, TraceEntry } from '../../src/clients/trace.ts';
import { runStory } from '../../src/clients/world.ts';

/** A lease of nine seconds, and what goes wrong. */
const run = async (...lines: readonly string[]): Promise<Trace> => {
  const text = ['leasehold clients 1', 'lasts 30s', 'at 0 c1 grant A ttl=9', ...lines].join('\n');
  const { trace, broken } = await runStory(parseStory(text), { adapter: etcd3Adapter, seed: 1n });
  expect(broken).toBeNull();
  return trace;
};

const of = <K extends TraceEntry['kind']>(trace: Trace, kind: K) =>
  trace.filter((entry): entry is TraceEntry & { kind: K } => entry.kind === kind);

/** The instants at which the lease was renewed, or heard to be. */
const renewals = (trace: Trace) =>
  of(trace, 'lease').flatMap(({ at, by }) => (by === 'renewal' && at <= 15_000 ? [at] : []));
const heard = (trace: Trace) =>
  of(trace, 'said').flatMap(({ at, event }) =>
    event.kind === 'renewed' && at <= 15_000 ? [at] : [],
  );

describe('messages', () => {
  test('a lost request renews nothing; a lost reply renews and is not heard', async () => {
    const request = await run('at 1s lose 1 keep-alive request of c1');
    expect(renewals(request)).toEqual([0, 6000, 9000, 12_000, 15_000]);
    const reply = await run('at 1s lose 1 keep-alive reply of c1');
    expect(renewals(reply)).toEqual([0, 3000, 6000, 9000, 12_000, 15_000]);
    expect(heard(reply)).toEqual([0, 6000, 9000, 12_000, 15_000]);
  });

  test('a delay holds up what is behind it on its stream', async () => {
    const trace = await run('at 1s delay 1 keep-alive request of c1 by 4s');
    expect(renewals(trace)).toEqual([0, 7000, 7000, 9000, 12_000, 15_000]);
    expect(of(trace, 'struck').map(({ at }) => at)).toEqual([3000]);
    expect(of(trace, 'healed').map(({ at }) => at)).toEqual([3000]);
  });

  test('a duplicate comes twice; a message is overtaken or waits two seconds', async () => {
    const twice = await run('at 1s duplicate 1 keep-alive request of c1');
    expect(renewals(twice).slice(0, 3)).toEqual([0, 3000, 3000]);
    const late = await run('at 1s overtake 1 keep-alive request of c1');
    expect(renewals(late).slice(0, 3)).toEqual([0, 5000, 6000]);
    const passed = await run('at 1s overtake 1 keep-alive request of c1', 'at 4s c1 put k with A');
    expect(renewals(passed).slice(0, 3)).toEqual([0, 4000, 6000]);
  });

  test('a message about one lease alone is lost, whoever else it may be for', async () => {
    const trace = await run('at 0 c1 grant B ttl=9', 'at 1s lose 2 any requests of c1 about B');
    const [one, other] = of(trace, 'said').flatMap(({ event }) =>
      event.kind === 'granted' ? [event.id] : [],
    );
    const at3s = of(trace, 'lease').filter(({ at, by }) => by === 'renewal' && at === 3000);
    expect(at3s.map(({ lease }) => lease)).toEqual([one]);
    expect(of(trace, 'struck')).toHaveLength(2);
    expect(one).not.toBe(other);
  });

  test('a false TTL of 0 is one reply, of a lease that is there', async () => {
    const trace = await run('at 1s zero 1 keep-alive reply of c1');
    expect(renewals(trace)).toEqual([0, 3000]);
    expect(of(trace, 'said').at(-1)).toMatchObject({ at: 3000, event: { kind: 'lost' } });
  });
});

describe('calls', () => {
  test.each([
    ['end 1 keep-alive call of c1 with status 14', 3100],
    ['reset 1 keep-alive call of c1 with code 8', 3100],
  ])('%s: the client opens another one', async (fault, again) => {
    const trace = await run(`at 3s ${fault}`);
    const opened = of(trace, 'opened').flatMap(({ at, call }) =>
      call === 'keep-alive' ? [at] : [],
    );
    expect(opened).toEqual([0, again]);
  });

  test('that of one lease alone ends, whoever else has one', async () => {
    const end = 'end 9 keep-alive calls of c1 about B with status 14';
    const trace = await run('at 0 c1 grant B ttl=9', `at 3500ms ${end}`);
    const opened = of(trace, 'opened').filter(({ call }) => call === 'keep-alive');
    expect(opened.map(({ at }) => at)).toEqual([0, 0, 3600]);
    const [, other] = of(trace, 'lease').flatMap(({ by, lease }) => (by === 'grant' ? lease : []));
    const again = of(trace, 'request').find(({ stream }) => stream === opened[2]?.stream);
    expect(again?.lease).toBe(other);
  });

  test('a refused call is no stream that is served', async () => {
    const trace = await run(
      'at 1s refuse 9 put calls of c1 with status 8',
      'at 2s c1 put k with A',
    );
    const errors = of(trace, 'settled').flatMap(({ error }) => (error === null ? [] : [error]));
    expect(errors.join('\n')).toMatch(/too many requests/);
    expect(of(trace, 'key')).toEqual([]);
  });

  test('an abandoned stream stays open, and nothing is served there', async () => {
    const trace = await run('at 1s abandon 1 keep-alive call of c1');
    expect(renewals(trace)).toEqual([0]);
    expect(of(trace, 'lease').at(-1)).toMatchObject({ by: 'expiry', at: 9000 });
  });
});

describe('connections', () => {
  test('disconnect and GOAWAY: the client connects anew', async () => {
    const reset = await run('at 1s disconnect c1');
    expect(of(reset, 'disconnected')[0]?.at).toBe(1000);
    expect(of(reset, 'connected')).toHaveLength(2);
    const goaway = await run('at 1s goaway c1', 'at 2s c1 put k with A');
    expect(of(goaway, 'connected').map(({ at }) => at)).toEqual([0, 2000]);
    expect(renewals(goaway)).toEqual([0, 3000, 6000, 9000, 12_000, 15_000]);
  });

  test('who connects is refused for that time, or answered after it', async () => {
    const refused = await run('at 1s refuse connections for 3s', 'at 1s disconnect c1');
    expect(of(refused, 'refused').length).toBeGreaterThan(0);
    expect(of(refused, 'connected')[1]?.at).toBeGreaterThanOrEqual(4000);
    const ignored = await run('at 1s ignore connections for 3s', 'at 1s disconnect c1');
    expect(of(ignored, 'refused')).toEqual([]);
    expect(of(ignored, 'connected')[1]?.at).toBe(4000);
  });

  test('a black hole delivers after it what was sent within it', async () => {
    const out = await run('at 2s black hole out for 3s');
    expect(of(out, 'request').filter(({ at }) => at === 3000)).toHaveLength(1);
    expect(renewals(out)).toEqual([0, 5000, 6000, 9000, 12_000, 15_000]);
    const into = await run('at 2s black hole in for 3s');
    expect(renewals(into)).toEqual([0, 3000, 6000, 9000, 12_000, 15_000]);
    expect(heard(into)).toEqual([0, 5000, 6000, 9000, 12_000, 15_000]);
  });
});

describe('a client alone', () => {
  const connectedTo = (trace: Trace, who: number) =>
    of(trace, 'connected').flatMap(({ at, client }) => (client === who ? [at] : []));

  test('is refused, or not answered, when it connects', async () => {
    const refused = ['at 2s refuse connections of c2 for 3s', 'at 2s disconnect all'];
    const trace = await run('at 1s c2 grant B ttl=9', ...refused);
    expect(of(trace, 'refused').map(({ client }) => client)).toContain(1);
    expect(of(trace, 'refused').map(({ client }) => client)).not.toContain(0);
    expect(connectedTo(trace, 0)[1]).toBeLessThan(5000);
    expect(connectedTo(trace, 1)[1]).toBeGreaterThanOrEqual(5000);
  });

  test('is behind a black hole', async () => {
    const trace = await run('at 0 c2 grant B ttl=9', 'at 1s black hole both of c2 for 8s');
    const renewed = (who: number) =>
      of(trace, 'reply').flatMap(({ at, call, client }) =>
        call === 'keep-alive' && client === who && at <= 9000 ? [at] : [],
      );
    expect(renewed(0)).toEqual([0, 3000, 6000, 9000]);
    expect(renewed(1).filter((at) => at < 9000)).toEqual([0]);
  });
});

describe('servers', () => {
  test('after a restart each lease has its TTL and an election time', async () => {
    const trace = await run('at 1s c1 release A', 'at 2s restart for 3s');
    const promoted = of(trace, 'lease').find(({ by }) => by === 'promotion');
    expect(promoted).toMatchObject({ at: 5000, deadline: 15_000, ttl: 9 });
    expect(of(trace, 'lease').at(-1)).toMatchObject({ at: 15_000, by: 'expiry' });
  });

  test('a server that stands still revokes nothing until it goes on', async () => {
    const trace = await run('at 1s c1 release A', 'at 2s pause server for 10s');
    expect(of(trace, 'lease').at(-1)).toMatchObject({ at: 12_000, by: 'expiry' });
  });

  test('without a leader a request is refused after seven seconds', async () => {
    const trace = await run('at 1s no leader for 8s', 'at 1s c1 put k with A');
    const refusal = of(trace, 'reply').find(({ code }) => code === 14);
    expect(refusal).toMatchObject({ at: 8000, call: 'put' });
  });

  test('CONST-10, KA-15: slow apply holds up a put, and ends the stream of a renewal', async () => {
    const trace = await run('at 1s slow apply for 4s', 'at 2s c1 put k with A');
    expect(of(trace, 'key').map(({ at }) => at)[0]).toBe(5000);
    const why = of(trace, 'reply').find(({ call, code }) => call === 'keep-alive' && code === 14);
    expect(why?.at).toBe(4000);
    // The next stream waits until it is over.
    expect(renewals(trace)).toEqual([0, 5000, 7100, 10_100, 13_100]);
  });

  test('EXP-09: with slow apply a lease stays until its revoke is applied', async () => {
    const trace = await run('at 1s c1 release A', 'at 8s slow apply for 5s');
    expect(of(trace, 'lease').at(-1)).toMatchObject({ at: 13_000, by: 'expiry' });
  });

  test('CONST-10: a put that has timed out is made all the same', async () => {
    const trace = await run('at 1s slow apply for 9s', 'at 1s c1 put k with A');
    expect(of(trace, 'reply').find(({ call }) => call === 'put')).toMatchObject({ at: 8000 });
    expect(of(trace, 'key').map(({ at }) => at)[0]).toBe(10_000);
  });

  test('another revokes the lease: the next renewal finds it gone', async () => {
    const trace = await run('at 1s another revokes A');
    expect(of(trace, 'lease').at(-1)).toMatchObject({ at: 1000, by: 'revoke' });
    expect(of(trace, 'said').at(-1)).toMatchObject({ at: 3000, event: { kind: 'lost' } });
  });

  test('a new leader gives each lease its TTL and an election time', async () => {
    const trace = await run('at 1s new leader');
    expect(of(trace, 'lease')).toContainEqual(
      expect.objectContaining({ at: 1000, by: 'promotion', deadline: 11_000 }),
    );
  });
});

describe('clocks of clients', () => {
  test('a paused client does nothing; then its timers run that are overdue', async () => {
    const trace = await run('at 1s pause client for 6s', 'at 2s c1 put k with A');
    expect(renewals(trace)).toEqual([0, 7000, 10_000, 13_000]);
    expect(of(trace, 'told').map(({ at }) => at)).toEqual([0, 7000, 30_001]);
  });

  test('a step of the wall clock moves no timer', async () => {
    const trace = await run('at 1s wall clock +1h', 'at 2s drift 100 per mille');
    expect(renewals(trace)).toEqual([0, 3000, 6000, 9000, 12_000, 15_000]);
  });
});
