/**
 * What a real etcd on a virtual clock costs: starting it, moving its clock, whole lives of leases,
 * idling. Every answer is checked; with one wrong answer there are no figures.
 * Run: npm run build && node bench/timewarp.mjs [VERSION ...]
 */
import { readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { PLAIN_VIEW } from '../dist/api/command.js';
import { DEFAULT_CONFIG } from '../dist/api/config.js';
import { resolveEtcd } from '../dist/harness/targets/etcd-binaries.js';
import { KeepAliveStream } from '../dist/harness/targets/grpc-keep-alive.js';
import { callLean, leanKeepAlive } from '../dist/harness/targets/lean-calls.js';
import { VirtualEtcd } from '../dist/harness/targets/virtual-etcd.js';
import { Seed } from '../dist/seed.js';

const VERSIONS = process.argv.length > 2 ? process.argv.slice(2) : ['3.5.30'];
const STARTS = 20;
const LEAPS = 1_000;
const LIVES = 400;
const SHARED_ROUNDS = 20;
const SHARING = 100;
const IDLE_MS = 5_000;

const percentile = (values, share) =>
  values.sort((left, right) => left - right)[Math.floor(share * (values.length - 1))];

const timed = async (action) => {
  const start = performance.now();
  const result = await action();
  return { result, ms: performance.now() - start };
};

const start = (binary, version) => VirtualEtcd.start({ binary, version, config: DEFAULT_CONFIG });

const starts = async (binary, version) => {
  const samples = [];
  for (let count = 0; count < STARTS; count += 1) {
    const { result, ms } = await timed(() => start(binary, version));
    samples.push(ms);
    await result.close();
  }
  return samples;
};

const leaps = async (server) => {
  const samples = [];
  for (let count = 0; count < LEAPS; count += 1) {
    samples.push((await timed(() => server.leap(1 + ((count * 137) % 900)))).ms);
  }
  return samples;
};

/** Lives of leases, `sharing` at a time: what each answer is, to the millisecond, is known. */
class Lives {
  constructor(server) {
    this.server = server;
    this.random = Seed.of(1n).split('lives').random();
    this.ids = 0;
    this.tokens = 0;
    this.answers = 0;
    this.waiting = new Map();
    this.stream = new KeepAliveStream(leanKeepAlive(server.lean), (token, completion) => {
      this.waiting.get(token)(completion);
      this.waiting.delete(token);
    });
  }

  expect(what, seen, expected) {
    this.answers += 1;
    if (seen !== expected) throw new Error(`${what}: ${seen} instead of ${expected}`);
  }

  async round(sharing) {
    const { server, ids } = this;
    const own = Array.from({ length: sharing }, (_, index) => BigInt(ids + index + 1));
    this.ids += sharing;
    const ttl = 2 + this.random.below(60);
    const life = ttl * 1000;
    // Neither the deadline nor the instant of the keep-alive is one of a turn, on any version.
    await server.leap(600 - (server.now % 500));
    const used = 500 * this.random.below(2 * ttl) + this.random.below(400);
    const all = (action) => Promise.all(own.map(action));
    await all((id) => this.#begin(id, ttl));
    await server.leap(used);
    await all((id) => this.#ttlIs(id, Math.trunc((life - used) / 1000)));
    await all((id) => this.#keepAlive(id, ttl));
    await server.leap(life - 1);
    await all((id) => this.#ttlIs(id, 0));
    await all((id) => this.#keyIs(id, 1));
    await server.leap(1);
    await all((id) => this.#keyIs(id, 1));
    // The loop ran where the last long leap landed; within half a second it runs again.
    await server.leap(499);
    await all((id) => this.#keyIs(id, 0));
    await all((id) => this.#ttlIs(id, -1));
  }

  async #begin(id, ttl) {
    const granted = await this.#ask({ kind: 'grant', id, ttl: BigInt(ttl) });
    this.expect('granted', granted.ttl, ttl);
    const put = { kind: 'put', key: keyOf(id), value: 'v', lease: id };
    this.expect('put', (await this.#ask(put)).kind, 'putDone');
  }

  async #ttlIs(id, expected) {
    const { ttl } = await this.#ask({ kind: 'timeToLive', id, keys: false });
    this.expect(`time-to-live of ${id}`, ttl, expected);
  }

  async #keyIs(id, expected) {
    const range = { kind: 'range', key: keyOf(id), rangeEnd: '', view: PLAIN_VIEW };
    const { kvs } = await this.#ask(range);
    this.expect(`keys of ${id}`, kvs.length, expected);
  }

  async #keepAlive(id, expected) {
    this.tokens += 1;
    const { tokens: token } = this;
    const answer = new Promise((resolve) => this.waiting.set(token, resolve));
    this.stream.send({ token, id });
    this.expect(`keep-alive of ${id}`, (await answer).response.ttl, expected);
  }

  async #ask(command) {
    return (await callLean(this.server.lean, command)).response;
  }
}

const keyOf = (id) => `k${id}`;

/** Ticks of a hundredth of a second that a process has spent on a CPU. */
const cpuTicks = (pid) => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[11]) + Number(fields[12]);
};

const idleShare = async (pid) => {
  const before = cpuTicks(pid);
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  return ((cpuTicks(pid) - before) * 10) / IDLE_MS;
};

const bench = async (version) => {
  const { path: binary } = await resolveEtcd({ version, env: process.env, progress: () => {} });
  const started = await starts(binary, version);
  const server = await start(binary, version);
  try {
    const idle = await idleShare(server.pid);
    const leapt = await leaps(server);
    const lives = new Lives(server);
    const alone = await timed(async () => {
      for (let count = 0; count < LIVES; count += 1) await lives.round(1);
    });
    const shared = await timed(async () => {
      for (let count = 0; count < SHARED_ROUNDS; count += 1) await lives.round(SHARING);
    });
    return [
      version,
      percentile(started, 0.5).toFixed(0),
      percentile(started, 0.95).toFixed(0),
      percentile(leapt, 0.5).toFixed(2),
      percentile(leapt, 0.95).toFixed(2),
      ((LIVES * 1000) / alone.ms).toFixed(0),
      ((SHARED_ROUNDS * SHARING * 1000) / shared.ms).toFixed(0),
      `${lives.answers}`,
      `${(100 * idle).toFixed(2)} %`,
    ];
  } finally {
    await server.close();
  }
};

const HEAD = [
  'etcd',
  'start, ms: p50',
  'p95',
  'leap and settle, ms: p50',
  'p95',
  'lives/s, one at a time',
  `lives/s, ${SHARING} sharing`,
  'answers, all right',
  'CPU, idle and frozen',
];

const row = (cells) => `| ${cells.join(' | ')} |`;
console.log(`${cpus().length} × ${cpus()[0].model}, Node ${process.version}\n`);
console.log(row(HEAD));
console.log(row(HEAD.map((_, index) => (index === 0 ? '---' : '--:'))));
for (const version of VERSIONS) console.log(row(await bench(version)));
