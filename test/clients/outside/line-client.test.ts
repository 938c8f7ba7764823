/** Clients that are programs and speak in lines: what they say, and what of it is believed. */
import { describe, expect, test } from 'vitest';
import type { ClientEvent } from '../../../src/clients/adapter.ts';
import { Nonsense, readClientLine } from '../../../src/clients/outside/client-lines.ts';
import { LineClient } from '../../../src/clients/outside/line-client.ts';

describe('a line', () => {
  test.each([
    ['ready put lease', { kind: 'ready', abilities: ['lease', 'put'] }],
    ['done 7', { kind: 'settled', call: 7, error: null }],
    ['failed 7  no such  lease ', { kind: 'settled', call: 7, error: 'no such  lease' }],
    ['granted A -5 9', event({ kind: 'granted', lease: 'A', id: -5n, ttl: 9 })],
    ['renewed A 9', event({ kind: 'renewed', lease: 'A', ttl: 9 })],
    ['lost A', event({ kind: 'lost', lease: 'A', why: '' })],
    ['lost A its time is up', event({ kind: 'lost', lease: 'A', why: 'its time is up' })],
    ['acquired L 5 12 L/5 b', acquired(12n, 'L/5 b')],
    ['acquired L 5 - L/5', acquired(null, 'L/5')],
    ['yielded L', event({ kind: 'yielded', name: 'L' })],
  ])('%s', (line, heard) => {
    expect(readClientLine(line)).toEqual(heard);
  });

  test.each([
    ['hello', 'it says "hello", which no client says'],
    ['x'.repeat(1000), `it says "${'x'.repeat(60)}…", which no client says`],
    ['ready', 'it is not ready for leases: ready lease'],
    ['ready lease fly', 'it is ready for "fly", not lease, put, lock, election'],
    ['done', '"done" has "" for a number'],
    ['done one', '"done one" has "one" for a number'],
    ['granted A 5', '"granted A 5" has "" for a number'],
    ['granted A 99999999999999999999 5', expect.stringContaining('for a number')],
    ['acquired L 5 12', '"acquired L 5 12" names no key'],
    ['lost', '"lost" names nothing'],
    ['\u0007', 'it says "\\u0007", which no client says'],
  ])('%j makes no sense', (line, why) => {
    expect(() => readClientLine(line)).toThrow(Nonsense);
    expect(() => readClientLine(line)).toThrow(expect.objectContaining({ message: why }));
  });
});

function event(event: ClientEvent) {
  return { kind: 'event', event };
}

function acquired(revision: bigint | null, key: string) {
  return event({ kind: 'acquired', name: 'L', key, revision, lease: 5n });
}

const clientThatSays = (...lines: string[]) => {
  const told: string[] = [];
  const events: ClientEvent[] = [];
  const complaints: string[] = [];
  let ends = 0;
  const client = new LineClient({
    tell: (line) => told.push(line),
    end: () => {
      ends += 1;
    },
    report: (one) => events.push(one),
    complain: (why) => complaints.push(why),
  });
  for (const line of lines) client.hear(line);
  return { client, told, events, complaints, ends: () => ends };
};

test('is told each call in a line, and each is settled by its number', async () => {
  const { client, told } = clientThatSays('ready lease put lock election');
  expect(await client.ready).toEqual(['lease', 'put', 'lock', 'election']);
  const grant = client.grant('A', 9);
  const put = client.put('k', 'A');
  const lock = client.lock('L', 9);
  expect(told).toEqual(['1 grant A 9', '2 put A k', '3 lock L 9']);
  for (const line of ['done 2', 'failed 1 no luck', 'done 3']) client.hear(line);
  await expect(grant).rejects.toThrow('no luck');
  await expect(Promise.all([put, lock])).resolves.toEqual([undefined, undefined]);
});

test('what it says of what it was told to give up is not held against it', () => {
  const { client, events } = clientThatSays('ready lease lock');
  void client.grant('A', 9);
  void client.lock('L', 9);
  client.hear('granted A 5 9');
  void client.revoke('A');
  void client.unlock('L');
  client.hear('renewed A 9');
  client.hear('acquired L 6 - L/6');
  expect(events).toEqual([{ kind: 'granted', lease: 'A', id: 5n, ttl: 9 }]);
});

test.each([
  [['done 1'], 'it does not say first that it is ready'],
  [['ready lease', 'ready lease'], 'it is ready twice'],
  [['ready lease', 'done 1'], 'it has done call 1, which it was not told'],
  [['ready lease', '{}'], 'it says "{}", which no client says'],
])('%j is told, and ends it', async (lines, why) => {
  const { client, complaints, ends } = clientThatSays(...lines);
  expect(ends()).toBe(1);
  if (lines.length === 1) await expect(client.ready).rejects.toThrow(why);
  else expect(complaints).toEqual([why]);
  client.hear('granted A 5 9');
  await expect(client.grant('A', 9)).rejects.toThrow('it has ended');
});

test('one that ends before it is closed is told, and its calls are rejected', async () => {
  const { client, complaints } = clientThatSays('ready lease');
  const grant = client.grant('A', 9);
  client.ended('ended with code 3: oh');
  expect(complaints).toEqual(['it ended with code 3: oh']);
  await expect(grant).rejects.toThrow('it has ended');
  const early = clientThatSays();
  early.client.ended('ended with code 1');
  await expect(early.client.ready).rejects.toThrow('it ended with code 1');
});

test('one that ends once it is closed has done so', async () => {
  const { client, complaints } = clientThatSays('ready lease');
  const closed = client.close();
  client.hear('done 1');
  client.ended('ended with code 0');
  await closed;
  expect(complaints).toEqual([]);
});
