/**
 * The server over gRPC, paired with a real etcd on a RAM disk: the same client asks both, in turns,
 * and what counts is the CPU time that the server's process took. Then what only the simulated one
 * can be asked: streams by the ten thousand, and a hundred thousand leases that expire at once.
 *
 *     node bench/wire.mjs [path of etcd 3.5.30]
 */
import { fork, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:http2';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import * as rpc from '../dist/wire/gen/rpc_pb.js';

const ETCD = process.argv[2] ?? join(homedir(), '.cache/leasehold/etcd-3.5.30/etcd');
const GRANTS = 20_000;
const KEEP_ALIVES = 100_000;
const IN_FLIGHT = 64;
const ROUNDS = 3;

const frame = (schema, fields) => {
  const message = toBinary(schema, create(schema, fields));
  const bytes = Buffer.alloc(5 + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, 5);
  return bytes;
};

/** Calls back with each message of a stream. */
const messages = (stream, onMessage) => {
  let rest = Buffer.alloc(0);
  stream.on('error', () => {});
  stream.on('data', (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const end = 5 + rest.readUInt32BE(1);
      if (rest.length < end) break;
      onMessage(rest.subarray(5, end));
      rest = rest.subarray(end);
    }
  });
  return stream;
};

const request = (session, path) =>
  session.request(
    { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers' },
    { endStream: false },
  );

const unary = (session, path, body) =>
  new Promise((resolve, reject) => {
    let answer;
    const stream = messages(request(session, path), (message) => (answer = Buffer.from(message)));
    stream.on('close', () => (answer === undefined ? reject(new Error(path)) : resolve(answer)));
    stream.end(body);
  });

/** User and system time of a process so far, in microseconds. */
const cpuOf = (pid) => {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
};
const megabytesOf = (pid) =>
  Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024);

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

const startEtcd = async () => {
  const data = mkdtempSync('/dev/shm/leasehold-bench-');
  const [client, peer] = [await freePort(), await freePort()];
  const urls = `http://127.0.0.1:${client}`;
  const child = spawn(
    ETCD,
    [
      `--data-dir=${data}`,
      `--listen-client-urls=${urls}`,
      `--advertise-client-urls=${urls}`,
    ].concat([`--listen-peer-urls=http://127.0.0.1:${peer}`, '--log-level=error']),
    { stdio: 'ignore' },
  );
  for (;;) {
    const session = connect(urls).on('error', () => {});
    const isUp = await unary(session, '/etcdserverpb.Lease/LeaseLeases', Buffer.alloc(5)).then(
      () => true,
      () => false,
    );
    session.destroy();
    if (isUp) break;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  const stop = () => {
    child.kill();
    child.once('exit', () => rmSync(data, { recursive: true, force: true }));
  };
  return { name: 'etcd 3.5.30', pid: child.pid, port: client, stop };
};

const startOurs = async () => {
  const child = fork(new URL('./wire-server.mjs', import.meta.url), { execArgv: process.execArgv });
  const { port } = await new Promise((resolve) => child.once('message', resolve));
  const ask = (message) =>
    new Promise((resolve) => {
      child.once('message', resolve);
      child.send(message);
    });
  return { name: 'leasehold', pid: child.pid, port, ask, stop: () => child.send({}) };
};

const measureGrants = async (session, pid) => {
  const body = frame(rpc.LeaseGrantRequestSchema, { TTL: 3600n });
  let left = GRANTS;
  const latencies = [];
  const before = cpuOf(pid);
  const start = performance.now();
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const begun = performance.now();
      await unary(session, '/etcdserverpb.Lease/LeaseGrant', body);
      latencies.push(performance.now() - begun);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, worker));
  const seconds = (performance.now() - start) / 1000;
  latencies.sort((left, right) => left - right);
  const at = (part) => latencies[Math.floor(part * latencies.length)].toFixed(1);
  const perSecond = Math.round(GRANTS / seconds);
  return { cpu: (cpuOf(pid) - before) / GRANTS, rate: perSecond, p50: at(0.5), p99: at(0.99) };
};

const measureKeepAlives = async (session, pid) => {
  const granted = await unary(
    session,
    '/etcdserverpb.Lease/LeaseGrant',
    frame(rpc.LeaseGrantRequestSchema, { TTL: 3600n }),
  );
  const { ID } = fromBinary(rpc.LeaseGrantResponseSchema, granted);
  const body = frame(rpc.LeaseKeepAliveRequestSchema, { ID });
  const before = cpuOf(pid);
  const start = performance.now();
  await new Promise((resolve) => {
    let sent = 0;
    let received = 0;
    const stream = messages(request(session, '/etcdserverpb.Lease/LeaseKeepAlive'), () => {
      received += 1;
      if (received === KEEP_ALIVES) stream.end(resolve);
      else if (sent < KEEP_ALIVES) send();
    });
    const send = () => {
      sent += 1;
      stream.write(body);
    };
    for (let count = 0; count < IN_FLIGHT; count += 1) send();
  });
  const rate = Math.round(KEEP_ALIVES / ((performance.now() - start) / 1000));
  return { cpu: (cpuOf(pid) - before) / KEEP_ALIVES, rate };
};

const pair = async () => {
  const servers = [await startEtcd(), await startOurs()];
  const sums = new Map(servers.map(({ name }) => [name, { grant: [], keepAlive: [] }]));
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { name, pid, port } of servers) {
      const session = connect(`http://127.0.0.1:${port}`);
      const grants = await measureGrants(session, pid);
      const keepAlives = await measureKeepAlives(session, pid);
      session.destroy();
      sums.get(name).grant.push(grants.cpu);
      sums.get(name).keepAlive.push(keepAlives.cpu);
      console.log(
        `${name}: ${grants.cpu.toFixed(1)} us of CPU a grant (${grants.rate}/s, p50 ${grants.p50},` +
          ` p99 ${grants.p99} ms), ${keepAlives.cpu.toFixed(1)} us a keep-alive (${keepAlives.rate}/s)`,
      );
    }
  }
  for (const { stop } of servers) stop();
  const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];
  const [etcd, ours] = servers.map(({ name }) => sums.get(name));
  for (const what of ['grant', 'keepAlive']) {
    const ratio = median(ours[what]) / median(etcd[what]);
    console.log(`${what}: ${ratio.toFixed(2)} of etcd's CPU time (median of ${ROUNDS})`);
  }
};

const STREAMS = 10_000;
const SESSIONS = 10;

const hold = async () => {
  const server = await startOurs();
  const empty = megabytesOf(server.pid);
  const sessions = Array.from({ length: SESSIONS }, () =>
    connect(`http://127.0.0.1:${server.port}`),
  );
  await Promise.all(
    sessions.map((session) => new Promise((done) => session.once('remoteSettings', done))),
  );
  const open = (path, body) =>
    Array.from({ length: STREAMS }, (_unused, index) => {
      let wake = () => {};
      const state = { received: 0, next: () => new Promise((resolve) => (wake = resolve)) };
      state.stream = messages(request(sessions[index % SESSIONS], path), () => {
        state.received += 1;
        wake();
      });
      state.first = state.next();
      state.stream.write(body(index));
      return state;
    });
  const granted = await unary(
    sessions[0],
    '/etcdserverpb.Lease/LeaseGrant',
    frame(rpc.LeaseGrantRequestSchema, { TTL: 3600n }),
  );
  const { ID } = fromBinary(rpc.LeaseGrantResponseSchema, granted);
  const keepAlive = frame(rpc.LeaseKeepAliveRequestSchema, { ID });
  const keepers = open('/etcdserverpb.Lease/LeaseKeepAlive', () => keepAlive);
  await Promise.all(keepers.map(({ first }) => first));
  const withKeepers = megabytesOf(server.pid);
  const watchers = open('/etcdserverpb.Watch/Watch', (index) =>
    frame(rpc.WatchRequestSchema, {
      requestUnion: { case: 'createRequest', value: { key: Buffer.from(`key-${index}`) } },
    }),
  );
  await Promise.all(watchers.map(({ first }) => first));
  const withAll = megabytesOf(server.pid);
  const again = keepers.map((keeper) => {
    const answered = keeper.next();
    keeper.stream.write(keepAlive);
    return answered;
  });
  for (let index = 0; index < STREAMS; index += 1) {
    const seen = watchers[index].next();
    await unary(
      sessions[1],
      '/etcdserverpb.KV/Put',
      frame(rpc.PutRequestSchema, { key: Buffer.from(`key-${index}`) }),
    );
    await seen;
  }
  await Promise.all(again);
  const lost = [...keepers, ...watchers].filter(({ received }) => received !== 2).length;
  console.log(
    `${STREAMS} keep-alive streams and ${STREAMS} watches: ${empty} MB without,` +
      ` ${withKeepers} MB with the first, ${withAll} MB with both; ${lost} lost a message`,
  );
  for (const session of sessions) session.destroy();
  server.stop();
};

const LEASES = Number(process.env.LEASES ?? 100_000);
const PARTS = 100;

const expire = async () => {
  const server = await startOurs();
  const session = connect(`http://127.0.0.1:${server.port}`);
  await server.ask({ leases: LEASES, parts: PARTS });
  const watchers = [];
  const watch = async (key, rangeEnd, expected) => {
    const state = { expected, seen: 0, marks: new Uint8Array(LEASES + 1), revision: 0n, wrong: 0 };
    await new Promise((created) => {
      const stream = messages(request(session, '/etcdserverpb.Watch/Watch'), (message) => {
        const response = fromBinary(rpc.WatchResponseSchema, message);
        if (response.created) created();
        for (const { kv, type } of response.events) {
          const number = Number(Buffer.from(kv.key).latin1Slice('/part-00/'.length));
          const isNew = state.marks[number] === 0;
          if (type !== 1 || kv.modRevision <= state.revision || !isNew) state.wrong += 1;
          state.marks[number] = 1;
          state.seen += 1;
          state.revision = kv.modRevision;
        }
      });
      const value = { key: Buffer.from(key), rangeEnd: Buffer.from(rangeEnd) };
      const requestUnion = { case: 'createRequest', value };
      stream.write(frame(rpc.WatchRequestSchema, { requestUnion }));
    });
    watchers.push(state);
  };
  for (let count = 0; count < 10; count += 1) await watch('/', '0', LEASES);
  for (let count = 0; count < 1000; count += 1) {
    const part = `/part-${String(count % PARTS).padStart(2, '0')}`;
    await watch(`${part}/`, `${part}0`, LEASES / PARTS);
  }
  const cpu = cpuOf(server.pid);
  const start = performance.now();
  await server.ask({ advance: 170_000 });
  while (watchers.some(({ expected, seen }) => seen < expected)) {
    if (performance.now() - start > 1_200_000) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const events = watchers.reduce((sum, { seen }) => sum + seen, 0);
  const missed = watchers.filter(({ expected, seen, wrong }) => seen !== expected || wrong > 0);
  console.log(
    `${LEASES} leases expire under ${watchers.length} watchers: ${events} events in` +
      ` ${((performance.now() - start) / 1000).toFixed(1)} s,` +
      ` ${((cpuOf(server.pid) - cpu) / events).toFixed(1)} us of CPU an event,` +
      ` ${megabytesOf(server.pid)} MB; ${missed.length} watchers missed one or saw one twice`,
  );
  session.destroy();
  server.stop();
};

const only = process.env.ONLY;
for (const [name, part] of Object.entries({ pair, hold, expire })) {
  if (only === undefined || only === name) await part();
}
