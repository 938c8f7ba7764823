/** gRPC by hand: what the server answers to calls that are as they should be, and to others. */
import { gzipSync } from 'node:zlib';
import {
  create,
  type DescMessage,
  fromBinary,
  type MessageInitShape,
  toBinary,
} from '@bufbuild/protobuf';
import { connect } from 'node:http2';
import { duplexPair } from 'node:stream';
import { describe, expect, test } from 'vitest';
import {
  LeaseGrantRequestSchema,
  LeaseGrantResponseSchema,
  LeaseKeepAliveRequestSchema,
  LeaseKeepAliveResponseSchema,
  PutRequestSchema,
  TxnRequestSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import {
  begin,
  callRaw,
  connectRaw,
  framed,
  messagesOf,
  outcomeOf,
  type RawCall,
} from './raw-client.ts';
import { serve } from './served.ts';
import { eachServed } from './each-served.ts';

const GRANT = '/etcdserverpb.Lease/LeaseGrant';
const KEEP_ALIVE = '/etcdserverpb.Lease/LeaseKeepAlive';
const on = eachServed();
const bytes = <D extends DescMessage>(schema: D, fields: MessageInitShape<D>): Buffer =>
  framed(toBinary(schema, create(schema, fields)));

const grantOf = (ttl: bigint, id = 0n): Buffer =>
  bytes(LeaseGrantRequestSchema, { TTL: ttl, ID: id });
const keepAliveOf = (id: bigint): Buffer => bytes(LeaseKeepAliveRequestSchema, { ID: id });
const call = (request: RawCall) => callRaw(on.session, request);

describe('a unary call', () => {
  test('GRANT-06 is answered with the header that etcd fills in', async () => {
    const outcome = await call({ path: GRANT, chunks: [grantOf(60n, 7n)] });
    expect(outcome).toMatchObject({
      http: 200,
      contentType: 'application/grpc',
      status: '0',
      message: '',
    });
    expect(fromBinary(LeaseGrantResponseSchema, outcome.messages[0] as Buffer)).toMatchObject({
      header: {
        clusterId: 0xcdf818194e3a8c32n,
        memberId: 0x8e9e05c52164694dn,
        revision: 1n,
        raftTerm: 2n,
      },
      ID: 7n,
      TTL: 60n,
      error: '',
    });
  });

  test('may come in any pieces, and need not be half-closed', async () => {
    const whole = grantOf(60n);
    for (let cut = 0; cut <= whole.length; cut += 1) {
      const chunks = [whole.subarray(0, cut), whole.subarray(cut)];
      expect(await call({ path: GRANT, chunks, end: cut % 2 === 0 })).toMatchObject({
        status: '0',
      });
    }
  });

  test('WIRE-09 is refused with one frame of headers, and the message as it is', async () => {
    await call({ path: GRANT, chunks: [grantOf(60n, 7n)] });
    expect(await call({ path: GRANT, chunks: [grantOf(60n, 7n)] })).toMatchObject({
      status: '9',
      message: 'etcdserver: lease already exists',
      isTrailersOnly: true,
    });
  });

  test.each<[string, Partial<RawCall>, string, string]>([
    ['no message', { chunks: [] }, '2', 'EOF'],
    ['half a frame', { chunks: [grantOf(60n).subarray(0, 6)] }, '2', 'unexpected EOF'],
    [
      'a flag',
      { chunks: [Buffer.from([2, 0, 0, 0, 0])] },
      '13',
      'grpc: received unexpected payload format 2',
    ],
    [
      'compressed, by nothing',
      { chunks: [framed(Buffer.alloc(1), 1)] },
      '13',
      'grpc: compressed flag set with identity or empty encoding',
    ],
    [
      'another encoding',
      { headers: { 'grpc-encoding': 'snappy' }, chunks: [grantOf(60n)] },
      '12',
      'grpc: Decompressor is not installed for grpc-encoding "snappy"',
    ],
    [
      'not protobuf',
      { chunks: [framed(Buffer.from([0xff, 0xff]))] },
      '13',
      'grpc: error unmarshalling request: unexpected EOF',
    ],
    [
      'no such method',
      { path: '/etcdserverpb.Lease/No' },
      '12',
      'unknown method No for service etcdserverpb.Lease',
    ],
    ['no such service', { path: '/no.No/No' }, '12', 'unknown service no.No'],
    ['no path', { path: '/no' }, '12', 'malformed method name: "/no"'],
    [
      'no time-out',
      { headers: { 'grpc-timeout': '10x' } },
      '13',
      'malformed grpc-timeout: transport: timeout unit is not recognized: "10x"',
    ],
    [
      'too late',
      { headers: { 'grpc-timeout': '0n' }, chunks: [] },
      '4',
      'context deadline exceeded',
    ],
    [
      'CONST-16 too large, before it is sent',
      { chunks: [Buffer.from([0, 0, 0x20, 0, 1])], end: false },
      '8',
      'grpc: received message larger than max (2097153 vs. 2097152)',
    ],
  ])('%s', async (_what, request, status, message) => {
    expect(await call({ path: GRANT, ...request })).toMatchObject({ status, message });
  });

  test('what is not gRPC gets a status of HTTP', async () => {
    const json = { 'content-type': 'application/json' };
    expect(await call({ path: GRANT, headers: json })).toMatchObject({ http: 415, status: '3' });
    expect(await call({ path: GRANT, headers: { ':method': 'GET' } })).toMatchObject({ http: 405 });
  });

  test('who compresses is answered likewise, whatever it says it takes', async () => {
    await call({ path: GRANT, chunks: [grantOf(60n, 7n)] });
    const gzip = { 'grpc-encoding': 'gzip', 'grpc-accept-encoding': 'identity' };
    const calls = [keepAliveOf(7n), framed(gzipSync(keepAliveOf(8n).subarray(5)), 1)];
    const said = await call({ path: KEEP_ALIVE, headers: gzip, chunks: calls });
    const plain = await call({ path: KEEP_ALIVE, chunks: [keepAliveOf(7n), keepAliveOf(8n)] });
    expect([said.encoding, plain.encoding]).toEqual(['gzip', undefined]);
    expect(said.messages).toEqual(plain.messages);
    const refused = await call({ path: GRANT, headers: gzip, chunks: [grantOf(60n, 7n)] });
    expect(refused).toMatchObject({ status: '9', encoding: undefined, isTrailersOnly: true });
  });

  test('gzip is understood, up to the size that is allowed', async () => {
    const gzip = { 'grpc-encoding': 'gzip' };
    const small = framed(gzipSync(grantOf(60n).subarray(5)), 1);
    expect(await call({ path: GRANT, headers: gzip, chunks: [small] })).toMatchObject({
      status: '0',
    });
    const bomb = framed(gzipSync(Buffer.alloc(50_000_000)), 1);
    expect(await call({ path: GRANT, headers: gzip, chunks: [bomb] })).toMatchObject({
      status: '8',
      message: 'grpc: received message after decompression larger than max 2097152',
    });
  });

  test('CONST-16 a request of more than 1.5 MiB is not taken', async () => {
    const path = '/etcdserverpb.KV/Put';
    const putOf = (length: number) =>
      bytes(PutRequestSchema, { key: Buffer.from('k'), value: Buffer.alloc(length, 97) });
    expect(await call({ path, chunks: [putOf(1_572_800)] })).toMatchObject({ status: '0' });
    expect(await call({ path, chunks: [putOf(1_572_864)] })).toMatchObject({
      status: '3',
      message: 'etcdserver: request is too large',
    });
  });

  test('a transaction with an operation that is none is refused as etcd does', async () => {
    const chunks = [bytes(TxnRequestSchema, { success: [{}] })];
    expect(await call({ path: '/etcdserverpb.KV/Txn', chunks })).toMatchObject({
      status: '3',
      message: 'etcdserver: key not found',
    });
  });
});

describe('a keep-alive stream', () => {
  test('KA-01, KA-02, KA-03 answers each request, in order', async () => {
    await call({ path: GRANT, chunks: [grantOf(60n, 7n)] });
    const chunks = [7n, 8n, 7n, 7n].map(keepAliveOf);
    const { messages, status } = await call({ path: KEEP_ALIVE, chunks });
    const answers = messages.map((message) => fromBinary(LeaseKeepAliveResponseSchema, message));
    expect(answers.map(({ ID, TTL }) => [ID, TTL])).toEqual([
      [7n, 60n],
      [8n, 0n],
      [7n, 60n],
      [7n, 60n],
    ]);
    expect(status).toBe('0');
  });

  test('KA-04, KA-05, KA-07 an overdue lease holds up what is behind it', async () => {
    // Due between two turns of the expiry loop.
    await on.served.advance(100);
    await call({ path: GRANT, chunks: [grantOf(2n, 7n)] });
    await call({ path: GRANT, chunks: [grantOf(60n, 8n)] });
    await on.served.advance(2_000);
    let answered = 0;
    const stream = begin(on.session, {
      path: KEEP_ALIVE,
      chunks: [keepAliveOf(7n), keepAliveOf(8n)],
    });
    stream.on('data', () => (answered += 1));
    const outcome = outcomeOf(stream);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(answered).toBe(0);
    await on.served.advance(1_000);
    const { messages, status } = await outcome;
    const answers = messages.map((message) => fromBinary(LeaseKeepAliveResponseSchema, message));
    expect(answers.map(({ ID, TTL }) => [ID, TTL])).toEqual([
      [7n, 0n],
      [8n, 60n],
    ]);
    expect(status).toBe('0');
  });

  test('KA-08 a client that breaks it off is not answered, and disturbs nobody', async () => {
    await on.served.advance(100);
    await call({ path: GRANT, chunks: [grantOf(2n, 7n)] });
    await on.served.advance(2_000);
    const stream = begin(on.session, { path: KEEP_ALIVE, chunks: [keepAliveOf(7n)], end: false });
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    const outcome = outcomeOf(stream);
    stream.close(8);
    expect((await outcome).messages).toEqual([]);
    await on.served.advance(5_000);
    on.served.etcd.simulator.scan();
    expect(await call({ path: GRANT, chunks: [grantOf(60n, 7n)] })).toMatchObject({ status: '0' });
  });

  test('ends with its deadline, which is one of the server’s clock', async () => {
    const headers = { 'grpc-timeout': '5S' };
    const outcome = outcomeOf(begin(on.session, { path: KEEP_ALIVE, headers, end: false }));
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    await on.served.advance(5_000);
    expect(await outcome).toMatchObject({ status: '4', message: 'context deadline exceeded' });
  });
});

test('closing tells the clients to go, and leaves nothing behind', async () => {
  const stream = begin(on.session, { path: KEEP_ALIVE, chunks: [keepAliveOf(1n)], end: false });
  await messagesOf(stream).next();
  const goaway = new Promise((resolve) => on.session.once('goaway', resolve));
  const gone = new Promise((resolve) => on.session.once('close', resolve));
  await on.served.etcd.close();
  expect(await goaway).toBe(0);
  await gone;
  expect(on.served.etcd.connections).toBe(0);
});

test('a connection may be handed over that is no socket', async () => {
  const { etcd } = await serve({ probeInterval: 20 });
  const [ours, theirs] = duplexPair();
  etcd.inject(theirs);
  const injected = connect('http://in.memory', { createConnection: () => ours });
  const outcome = await callRaw(injected, { path: GRANT, chunks: [grantOf(60n)] });
  expect(outcome).toMatchObject({ status: '0' });
  // It is silent for several intervals, but answers when it is asked.
  await new Promise((resolve) => setTimeout(resolve, 200));
  expect(etcd.connections).toBe(1);
  injected.close();
  await expect.poll(() => etcd.connections, { timeout: 5000 }).toBe(0);
});

test('opening and closing again and again leaves no handle', async () => {
  const handles = (): number => process.getActiveResourcesInfo().length;
  const before = handles();
  for (let count = 0; count < 100; count += 1) {
    const { address, etcd } = await serve();
    const client = connectRaw(address);
    const stream = begin(client, { path: KEEP_ALIVE, chunks: [keepAliveOf(1n)], end: false });
    await messagesOf(stream).next();
    await etcd.close();
    client.destroy();
  }
  await expect.poll(handles).toBeLessThanOrEqual(before + 2);
});
