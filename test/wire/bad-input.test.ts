/**
 * A port faces anything. Bad clients do their worst while good ones go about their business, and
 * the good ones notice nothing. `node scripts/bad-input.mjs` does it a hundred thousand times.
 */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import type { ClientHttp2Stream } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { VirtualClock } from '../../src/clock/virtual-clock.ts';
import { SteeredClock } from '../../src/pace/steered-clock.ts';
import { Seed } from '../../src/seed.ts';
import { clockControl } from '../../src/wire/clock-control.ts';
import {
  LeaseGrantRequestSchema,
  LeaseGrantResponseSchema,
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import { attackWith, KINDS } from './bad-input.ts';
import { begin, callRaw, connectRaw, framed, messagesOf } from './raw-client.ts';
import { serve, stopServing } from './served.ts';

const COUNT = Number(process.env['LEASEHOLD_BAD_INPUTS'] ?? 2000);

afterEach(stopServing);

/** Keeps a lease alive on one stream, and makes sure of each answer, until it is told to stop. */
const goodClient = async (address: string, isOver: () => boolean): Promise<number> => {
  const session = connectRaw(address);
  const grant = toBinary(LeaseGrantRequestSchema, create(LeaseGrantRequestSchema, { TTL: 60n }));
  const path = '/etcdserverpb.Lease/LeaseGrant';
  const { messages } = await callRaw(session, { path, chunks: [framed(grant)] });
  const { ID } = fromBinary(LeaseGrantResponseSchema, messages[0] as Buffer);
  const keep = toBinary(LeaseKeepAliveRequestSchema, create(LeaseKeepAliveRequestSchema, { ID }));
  const stream: ClientHttp2Stream = begin(session, {
    path: '/etcdserverpb.Lease/LeaseKeepAlive',
    end: false,
  });
  const answers = messagesOf(stream);
  let rounds = 0;
  while (!isOver()) {
    stream.write(framed(keep));
    const answer = await answers.next();
    expect(answer.done, 'the stream goes on').toBe(false);
    const { ID: id, TTL } = fromBinary(LeaseKeepAliveResponseSchema, answer.value as Buffer);
    expect({ id, TTL }).toEqual({ id: ID, TTL: 60n });
    rounds += 1;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  session.destroy();
  return rounds;
};

test(`${COUNT} bad inputs: no crash, no leak, no good client disturbed`, async () => {
  const clock = new VirtualClock();
  const { address, etcd } = await serve({
    clock,
    probeInterval: 300,
    onHttp1: (request, response) => control(request, response),
  });
  const { apply, leader, process: server } = etcd;
  const steered = new SteeredClock({ clock, server: etcd });
  const control = clockControl({ clock: steered, leader, process: server, apply, isOn: true });
  const port = Number(address.split(':')[1]);
  let isOver = false;
  const good = Array.from({ length: 3 }, () => goodClient(address, () => isOver));
  const random = Seed.of(BigInt(process.env['LEASEHOLD_SEED'] ?? '1'))
    .split('bad input')
    .random();
  const before = process.memoryUsage.rss();
  const sent = await attackWith(random, port, COUNT, 16);
  isOver = true;
  for (const rounds of await Promise.all(good)) expect(rounds).toBeGreaterThan(0);
  expect([...sent.keys()].sort()).toEqual(Object.keys(KINDS).sort());
  await expect.poll(() => etcd.connections, { timeout: 10_000 }).toBe(0);
  etcd.simulator.scan();
  expect(clock.now).toBe(0);
  expect((process.memoryUsage.rss() - before) / 2 ** 20).toBeLessThan(500);
}, 3_600_000);

test('a thousand connections that say nothing are let go, and hold up nobody', async () => {
  const { address, etcd } = await serve({ sniffTimeout: 300 });
  const port = Number(address.split(':')[1]);
  const sockets: Socket[] = Array.from({ length: 1000 }, (_none, index) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    // Some say a little of what might become a preface.
    if (index % 2 === 0) socket.write('PR');
    return socket;
  });
  await expect.poll(() => etcd.connections, { timeout: 10_000 }).toBeGreaterThan(500);
  let isOver = false;
  const good = goodClient(address, () => isOver);
  await expect.poll(() => etcd.connections, { timeout: 20_000 }).toBeLessThanOrEqual(1);
  isOver = true;
  expect(await good).toBeGreaterThan(0);
  for (const socket of sockets) socket.destroy();
}, 60_000);

test('connections beyond the bound are closed at once', async () => {
  const { address, etcd } = await serve({ maxConnections: 2 });
  const sessions = [connectRaw(address), connectRaw(address)];
  const path = '/etcdserverpb.Lease/LeaseLeases';
  const ask = (session: (typeof sessions)[number]) =>
    callRaw(session, { path, chunks: [framed(Buffer.alloc(0))] });
  for (const session of sessions) expect(await ask(session)).toMatchObject({ status: '0' });
  const refused = connectRaw(address);
  await new Promise((resolve) => refused.once('close', resolve));
  expect(etcd.connections).toBe(2);
  for (const session of sessions) session.destroy();
});
