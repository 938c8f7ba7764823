/** The Watch service: what is delivered, and what becomes of a client that does not read. */
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import type { ClientHttp2Stream } from 'node:http2';
import { expect, test } from 'vitest';
import { asBytes, NO_BYTES } from '../../src/api/bytes.ts';
import { Event_EventType } from '../../src/wire/gen/kv_pb.ts';
import {
  type WatchCreateRequestSchema,
  type WatchRequest,
  WatchRequestSchema,
  type WatchResponse,
  WatchResponseSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import { begin, framed, messagesOf } from './raw-client.ts';
import { eachServed } from './each-served.ts';

const on = eachServed();

type Union = NonNullable<
  Exclude<MessageInitShape<typeof WatchRequestSchema>, WatchRequest>['requestUnion']
>;

class Watching {
  readonly stream: ClientHttp2Stream;
  readonly #responses: AsyncGenerator<Buffer, void>;

  constructor() {
    this.stream = begin(on.session, { path: '/etcdserverpb.Watch/Watch', end: false });
    this.#responses = messagesOf(this.stream);
  }

  say(requestUnion: Union): void {
    const request = create(WatchRequestSchema, { requestUnion });
    this.stream.write(framed(toBinary(WatchRequestSchema, request)));
  }

  create(value: MessageInitShape<typeof WatchCreateRequestSchema>): void {
    this.say({ case: 'createRequest', value });
  }

  async next(): Promise<WatchResponse> {
    const { value } = await this.#responses.next();
    return fromBinary(WatchResponseSchema, value as Buffer);
  }
}

let tokens = 0;
const put = (key: string, value = ''): void => {
  tokens -= 1;
  on.served.etcd.simulator.submit({
    kind: 'put',
    token: tokens,
    key: asBytes(key),
    value: asBytes(value),
    lease: 0n,
    ignoreLease: false,
    ignoreValue: false,
    prevKv: false,
  });
};
const del = (key: string): void => {
  tokens -= 1;
  const range = { key: asBytes(key), rangeEnd: NO_BYTES, prevKv: false };
  on.served.etcd.simulator.submit({ kind: 'deleteRange', token: tokens, ...range });
};

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString();

const KEY = Buffer.from('k');
const ALL = { key: Buffer.from('\0'), rangeEnd: Buffer.from('\0') };

test('several watches on one stream, filters, values before, cancel', async () => {
  const watching = new Watching();
  watching.create({ ...ALL, prevKv: true });
  watching.create({ key: KEY, filters: [0] });
  expect(await watching.next()).toMatchObject({ created: true, watchId: 0n });
  expect(await watching.next()).toMatchObject({ created: true, watchId: 1n });
  put('k', '1');
  put('k', '2');
  del('k');
  const events = [await watching.next(), await watching.next(), await watching.next()];
  expect(events.map(({ watchId, header }) => [watchId, header?.revision])).toEqual([
    [0n, 2n],
    [0n, 3n],
    [0n, 4n],
  ]);
  expect(textOf(events[1]?.events[0]?.prevKv?.value)).toBe('1');
  const filtered = await watching.next();
  expect(filtered).toMatchObject({ watchId: 1n, events: [{ type: Event_EventType.DELETE }] });
  watching.say({ case: 'cancelRequest', value: { watchId: 5n } });
  watching.say({ case: 'cancelRequest', value: { watchId: 0n } });
  expect(await watching.next()).toMatchObject({ watchId: 0n, canceled: true, cancelReason: '' });
});

test('KV-17 a compacted start ends the watch, not the stream; its id stays taken', async () => {
  for (let count = 0; count < 5; count += 1) put('k');
  on.served.etcd.simulator.submit({ kind: 'compact', token: -99, revision: 5n, physical: false });
  const watching = new Watching();
  watching.create({ key: KEY, startRevision: 2n });
  expect(await watching.next()).toMatchObject({ created: true, canceled: false });
  expect(await watching.next()).toMatchObject({
    header: { revision: 0n },
    canceled: true,
    compactRevision: 5n,
  });
  watching.say({ case: 'cancelRequest', value: { watchId: 0n } });
  expect(await watching.next()).toMatchObject({ watchId: 0n, canceled: true });
});

test('an id that is taken, and a range that is empty, are refused on the stream', async () => {
  const watching = new Watching();
  watching.create({ key: KEY, watchId: 7n });
  watching.create({ key: KEY, watchId: 7n });
  watching.create({ key: KEY, rangeEnd: Buffer.from('a') });
  expect(await watching.next()).toMatchObject({ watchId: 7n, created: true, canceled: false });
  expect(await watching.next()).toMatchObject({
    watchId: -1n,
    created: true,
    canceled: true,
    cancelReason: 'mvcc: duplicate watch ID provided on the WatchStream',
  });
  expect(await watching.next()).toMatchObject({ cancelReason: 'mvcc: watcher range is empty' });
});

test('progress is of no watch in particular', async () => {
  const watching = new Watching();
  watching.create({ key: KEY });
  await watching.next();
  put('other');
  watching.say({ case: 'progressRequest', value: {} });
  expect(await watching.next()).toMatchObject({
    watchId: -1n,
    header: { revision: 2n },
    events: [],
  });
});

test('a response that is too large is cut, for a watch that asked for it', async () => {
  const value = 'x'.repeat(1_400_000);
  put('a', value);
  put('b', value);
  const watching = new Watching();
  watching.create({ ...ALL, prevKv: true, fragment: true });
  await watching.next();
  tokens -= 1;
  const range = { key: asBytes('a'), rangeEnd: asBytes('c'), prevKv: false };
  on.served.etcd.simulator.submit({ kind: 'deleteRange', token: tokens, ...range });
  const [first, second] = [await watching.next(), await watching.next()];
  expect([first.fragment, first.events.length]).toEqual([true, 1]);
  expect([second.fragment, second.events.length]).toEqual([false, 1]);
  expect(second.header).toEqual(first.header);
});

/** Lets the server write until it waits for the client. */
const settle = async (): Promise<void> => {
  for (let turn = 0; turn < 50; turn += 1) await new Promise(setImmediate);
};

test('a client that does not read is not buffered for, and misses nothing', async () => {
  const watching = new Watching();
  watching.create(ALL);
  await watching.next();
  const COUNT = 400;
  const value = 'x'.repeat(100_000);
  const before = process.memoryUsage().arrayBuffers;
  for (let index = 0; index < COUNT; index += 1) {
    put(`k${index}`, value);
    if (index % 50 === 0) await settle();
  }
  await settle();
  // 40 MB of events; of the store's own there is one copy, as text.
  expect((process.memoryUsage().arrayBuffers - before) / 2 ** 20).toBeLessThan(20);
  for (let index = 0; index < COUNT; ) {
    // What it has missed comes in batches of about a megabyte.
    const { events, header } = await watching.next();
    expect(events.length).toBeLessThanOrEqual(11);
    for (const { kv } of events) {
      expect(textOf(kv?.key)).toBe(`k${index}`);
      expect(kv?.modRevision).toBe(BigInt(index + 2));
      expect(header?.revision).toBeGreaterThanOrEqual(BigInt(index + 2));
      index += 1;
    }
  }
  put('last');
  expect(textOf((await watching.next()).events[0]?.kv?.key)).toBe('last');
});

test('a client that reads too late is told that what it missed is compacted', async () => {
  const watching = new Watching();
  watching.create({ ...ALL, watchId: 3n });
  await watching.next();
  const value = 'x'.repeat(100_000);
  for (let index = 0; index < 100; index += 1) put('k', value);
  await settle();
  on.served.etcd.simulator.submit({ kind: 'compact', token: -99, revision: 100n, physical: false });
  let revision = 0n;
  for (;;) {
    const response = await watching.next();
    if (response.canceled) {
      expect(response).toMatchObject({ watchId: 3n, compactRevision: 100n });
      break;
    }
    revision = response.header?.revision ?? 0n;
  }
  expect(revision).toBeLessThan(100n);
});

test('KV-29: a watch is told its progress after ten minutes, if it asked for that', async () => {
  const watching = new Watching();
  watching.create({ key: KEY });
  watching.create({ key: KEY, progressNotify: true });
  expect(await watching.next()).toMatchObject({ created: true, watchId: 0n });
  expect(await watching.next()).toMatchObject({ created: true, watchId: 1n });
  put('other');
  await on.served.advance(600_000);
  const told = await watching.next();
  expect(told).toMatchObject({ watchId: 1n, created: false, canceled: false, events: [] });
  expect(told.header?.revision).toBe(2n);
});
