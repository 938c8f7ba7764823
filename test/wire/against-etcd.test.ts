/** The same calls, made by hand, to a real etcd and to the simulated one: what differs, and why. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  CompactionRequestSchema,
  DeleteRangeRequestSchema,
  HashKVRequestSchema,
  LeaseGrantRequestSchema,
  LeaseKeepAliveRequestSchema,
  LeaseRevokeRequestSchema,
  LeaseTimeToLiveRequestSchema,
  PutRequestSchema,
  RangeRequestSchema,
  TxnRequestSchema,
} from '../../src/wire/gen/rpc_pb.ts';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { callRaw, connectRaw, framed, type Outcome, type RawCall } from './raw-client.ts';
import { serve, stopServing } from './served.ts';

const of = <D extends DescMessage>(schema: D, fields: MessageInitShape<D>): readonly Buffer[] => [
  framed(toBinary(schema, create(schema, fields))),
];
const EMPTY = [framed(Buffer.alloc(0))];
const [LEASE, KV] = ['/etcdserverpb.Lease', '/etcdserverpb.KV'];
const grantOf = (TTL: bigint, ID = 0n) => of(LeaseGrantRequestSchema, { TTL, ID });
const GRANT = grantOf(60n)[0] as Buffer;
const KEY = Buffer.from('key');
const sized = (length: number) =>
  of(PutRequestSchema, { key: KEY, value: Buffer.alloc(length, 97) });

/** One after the other, each on what the ones before left behind. */
const CALLS: Readonly<Record<string, RawCall>> = {
  grant: { path: `${LEASE}/LeaseGrant`, chunks: grantOf(60n, 7n) },
  'grant again': { path: `${LEASE}/LeaseGrant`, chunks: grantOf(60n, 7n) },
  'grant of little': { path: `${LEASE}/LeaseGrant`, chunks: grantOf(-5n, -5n) },
  'grant of too much': { path: `${LEASE}/LeaseGrant`, chunks: grantOf(9_000_000_001n) },
  put: { path: `${KV}/Put`, chunks: of(PutRequestSchema, { key: KEY, lease: 7n }) },
  'put without a key': { path: `${KV}/Put`, chunks: EMPTY },
  'put on no lease': { path: `${KV}/Put`, chunks: of(PutRequestSchema, { key: KEY, lease: 4n }) },
  'put of nothing known': {
    path: `${KV}/Put`,
    chunks: of(PutRequestSchema, { key: Buffer.from('no'), ignoreValue: true }),
  },
  range: { path: `${KV}/Range`, chunks: of(RangeRequestSchema, { key: KEY }) },
  'range in the future': {
    path: `${KV}/Range`,
    chunks: of(RangeRequestSchema, { key: KEY, revision: 99n }),
  },
  txn: {
    path: `${KV}/Txn`,
    chunks: of(TxnRequestSchema, {
      success: [
        { request: { case: 'requestPut', value: { key: KEY, prevKv: true, lease: 7n } } },
        { request: { case: 'requestRange', value: { key: KEY } } },
        { request: { case: 'requestDeleteRange', value: { key: Buffer.from('no') } } },
      ],
    }),
  },
  'txn with nothing in it': { path: `${KV}/Txn`, chunks: EMPTY },
  'txn with an operation that is none': {
    path: `${KV}/Txn`,
    chunks: of(TxnRequestSchema, { success: [{}] }),
  },
  'keys of the lease': {
    path: `${LEASE}/LeaseTimeToLive`,
    chunks: of(LeaseTimeToLiveRequestSchema, { ID: 99n, keys: true }),
  },
  leases: { path: `${LEASE}/LeaseLeases`, chunks: EMPTY },
  'keep-alives': {
    path: `${LEASE}/LeaseKeepAlive`,
    chunks: [7n, 9n, 7n].flatMap((ID) => of(LeaseKeepAliveRequestSchema, { ID })),
  },
  'keep-alives of none': { path: `${LEASE}/LeaseKeepAlive` },
  revoke: { path: `${LEASE}/LeaseRevoke`, chunks: of(LeaseRevokeRequestSchema, { ID: 7n }) },
  'revoke again': {
    path: `${LEASE}/LeaseRevoke`,
    chunks: of(LeaseRevokeRequestSchema, { ID: 7n }),
  },
  delete: { path: `${KV}/DeleteRange`, chunks: of(DeleteRangeRequestSchema, { key: KEY }) },
  compact: { path: `${KV}/Compact`, chunks: of(CompactionRequestSchema, { revision: 3n }) },
  'compact again': { path: `${KV}/Compact`, chunks: of(CompactionRequestSchema, { revision: 3n }) },
  hash: { path: '/etcdserverpb.Maintenance/HashKV', chunks: EMPTY },
  'hash of the future': {
    path: '/etcdserverpb.Maintenance/HashKV',
    chunks: of(HashKVRequestSchema, { revision: 99n }),
  },
  alarms: { path: '/etcdserverpb.Maintenance/Alarm', chunks: EMPTY },
  defragment: { path: '/etcdserverpb.Maintenance/Defragment', chunks: EMPTY },
  authenticate: { path: '/etcdserverpb.Auth/Authenticate', chunks: EMPTY },
  users: { path: '/etcdserverpb.Auth/UserList', chunks: EMPTY },
  roles: { path: '/etcdserverpb.Auth/RoleList', chunks: EMPTY },
  health: { path: '/grpc.health.v1.Health/Check', chunks: EMPTY },
  'CONST-16 as large as may be': { path: `${KV}/Put`, chunks: sized(1_572_864 - 29) },
  'CONST-16 a byte more': { path: `${KV}/Put`, chunks: sized(1_572_864 - 28) },
  'no message': { path: `${LEASE}/LeaseGrant` },
  'half a prefix': { path: `${LEASE}/LeaseGrant`, chunks: [GRANT.subarray(0, 3)] },
  'half a frame': { path: `${LEASE}/LeaseGrant`, chunks: [GRANT.subarray(0, 6)] },
  'another flag': { path: `${LEASE}/LeaseGrant`, chunks: [Buffer.from([2, 0, 0, 0, 0])] },
  'compressed by nothing': { path: `${LEASE}/LeaseGrant`, chunks: [framed(Buffer.alloc(1), 1)] },
  'compressed by another': {
    path: `${LEASE}/LeaseGrant`,
    headers: { 'grpc-encoding': 'snappy' },
    chunks: [GRANT],
  },
  'compressed in part': {
    path: `${LEASE}/LeaseKeepAlive`,
    headers: { 'grpc-encoding': 'gzip' },
    chunks: [framed(Buffer.from([8, 9])), framed(gzipSync(Buffer.from([8, 9])), 1)],
  },
  'compressed and refused': {
    path: `${LEASE}/LeaseRevoke`,
    headers: { 'grpc-encoding': 'gzip' },
    chunks: [framed(Buffer.from([8, 9]))],
  },
  'compressed, but not answered so': {
    path: `${LEASE}/LeaseLeases`,
    headers: { 'grpc-accept-encoding': 'gzip' },
    chunks: EMPTY,
  },
  'a bomb': {
    path: `${KV}/Put`,
    headers: { 'grpc-encoding': 'gzip' },
    chunks: [framed(gzipSync(Buffer.alloc(30_000_000)), 1)],
  },
  'too large': { path: `${KV}/Put`, chunks: [Buffer.from([0, 255, 0, 0, 0])], end: false },
  'not protobuf': { path: `${LEASE}/LeaseGrant`, chunks: [framed(Buffer.from([8, 128]))] },
  'not protobuf, on a stream': {
    path: `${LEASE}/LeaseKeepAlive`,
    chunks: [framed(Buffer.from([8, 128]))],
    end: false,
  },
  'no such method': { path: `${LEASE}/No` },
  'no such service': { path: '/no.No/No' },
  'no method': { path: '/no' },
  'no gRPC': { path: `${LEASE}/LeaseGrant`, headers: { 'content-type': 'text/html' } },
  GET: { path: `${LEASE}/LeaseGrant`, headers: { ':method': 'GET' } },
  'too late': { path: `${LEASE}/LeaseGrant`, headers: { 'grpc-timeout': '0n' }, chunks: [GRANT] },
  'a time-out that is none': { path: `${LEASE}/LeaseGrant`, headers: { 'grpc-timeout': '1x' } },
};

const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });

/** The calls on fresh connections, as far as they can be compared. */
const outcomesAt = async (address: string): Promise<Record<string, unknown>> => {
  const session = connectRaw(address);
  const outcomes: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(CALLS)) {
    outcomes[name] = comparable(await callRaw(session, call));
  }
  session.destroy();
  return outcomes;
};

const comparable = ({ messages, ...outcome }: Outcome) => ({
  ...outcome,
  messages: messages.map((message) => message.toString('hex')),
});

const until = async (isSo: () => Promise<boolean>): Promise<void> => {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 100));
};

describe('a real etcd 3.5.30 and the simulated one', () => {
  let etcd: ChildProcess | undefined;
  let directory = '';
  let real = '';

  beforeAll(async () => {
    const { path } = await testEtcd('3.5.30');
    directory = mkdtempSync(join(tmpdir(), 'leasehold-wire-'));
    const [client, peer] = [await freePort(), await freePort()];
    real = `127.0.0.1:${client}`;
    etcd = spawn(path, [
      `--data-dir=${directory}`,
      `--listen-client-urls=http://${real}`,
      `--advertise-client-urls=http://${real}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
    ]);
    await until(async () => {
      const session = connectRaw(real);
      const { status } = await callRaw(session, { path: `${LEASE}/LeaseLeases`, chunks: EMPTY });
      session.destroy();
      return status === '0';
    });
  }, 60_000);

  afterAll(async () => {
    etcd?.kill();
    await stopServing();
    rmSync(directory, { recursive: true, force: true });
  });

  test('answer alike, byte for byte, on the wire', { timeout: 60_000 }, async () => {
    const { address } = await serve();
    expect(await outcomesAt(address)).toEqual(await outcomesAt(real));
  });
});
