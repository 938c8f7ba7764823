/** Clients that cannot be judged: each is named, contained, and ends. */
import { expect, test } from 'vitest';
import type { Adapter, Client, Surroundings } from '../../src/clients/adapter.ts';
import { parseStory } from '../../src/clients/parse-story.ts';
import { runStory } from '../../src/clients/world.ts';

const STORY = parseStory('leasehold clients 1\nlasts 5s\nat 1s c1 grant A ttl=3\n');

const NOTHING: Client = {
  grant: () => Promise.resolve(),
  revoke: () => Promise.resolve(),
  release: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

const run = (start: (surroundings: Surroundings) => unknown, abilities = ['lease'] as const) => {
  const adapter = { name: 'mine', version: '1', abilities, start } as unknown as Adapter;
  return runStory(STORY, { adapter, seed: 1n });
};

const does = (grant: (surroundings: Surroundings) => unknown) =>
  run((surroundings) => ({ ...NOTHING, grant: async () => void (await grant(surroundings)) }));

test('one that does not start', async () => {
  const thrown = await run(() => {
    throw new Error('no such thing');
  });
  expect(thrown.broken).toBe('it does not start: Error: no such thing');
  expect((await run(() => new Promise(() => {}))).broken).toBe('it does not come to start');
  expect((await run(() => 5)).broken).toBe('start gave no client');
  expect((await run(() => ({ ...NOTHING, close: 1 }))).broken).toBe(
    'its client has no function close',
  );
});

test('one that reports garbage', async () => {
  const report = (event: unknown) => does((around) => around.report(event as never));
  expect((await report('hello')).broken).toBe('it reports hello, no event');
  expect((await report({ kind: 'happy' })).broken).toBe('it reports an event of kind "happy"');
  const ttl = { kind: 'granted', lease: 'A', id: 5, ttl: 3 };
  expect((await report(ttl)).broken).toBe('it reports granted with a id that is no bigint');
});

test('one that ends the process, that floods, that never comes to rest', async () => {
  // oxlint-disable-next-line unicorn/no-process-exit -- a client that does
  const exits = await does(() => process.exit(7));
  expect(exits.broken).toBe('it ends the process with code 7');
  const renewed = { kind: 'renewed', lease: 'A', ttl: 3 } as const;
  const flood = await does(({ report }) => {
    setInterval(() => {
      for (let count = 0; count < 1000; count += 1) report(renewed);
    }, 1);
  });
  expect(flood.broken).toBe('the clients do too much: it does not end');
});

test('an error that nobody catches is told, and ends nothing', async () => {
  const { trace, broken } = await does(() => {
    setTimeout(() => {
      throw new Error('oh');
    }, 500);
    void Promise.reject(new TypeError('well'));
  });
  expect(broken).toBeNull();
  const uncaught = trace.flatMap((entry) => (entry.kind === 'uncaught' ? [entry.error] : []));
  expect(uncaught).toEqual(['TypeError: well', 'Error: oh']);
  expect(trace.at(-1)).toMatchObject({ kind: 'end' });
});

test('a call that never settles, and one that is rejected, are in the trace', async () => {
  const hangs = await does(() => new Promise(() => {}));
  expect(hangs.trace.filter(({ kind }) => kind === 'settled')).toHaveLength(1);
  const rejects = await does(() => Promise.reject(new RangeError('no')));
  expect(rejects.trace).toContainEqual(
    expect.objectContaining({ kind: 'settled', error: 'RangeError: no' }),
  );
});
