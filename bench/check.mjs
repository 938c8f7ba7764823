/**
 * How fast `check` is on the simulator, everything on: invariants, history, state hash, check; and
 * what the trace hash adds to that. In turns with etcd's own lessor: the aims come from a machine on
 * which a lease there took 946 ns.
 * Run: npm run build && node bench/check.mjs [runs]
 */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { isMainThread, Worker } from 'node:worker_threads';
import { DEFAULT_CONFIG } from '../dist/api/config.js';
import { THREAD_LIMITS } from '../dist/cli/threads.js';
import { verdictOn } from '../dist/harness/check.js';
import { Coverage } from '../dist/harness/coverage.js';
import { generate } from '../dist/harness/generate.js';
import { historyHeader } from '../dist/harness/history.js';
import { run } from '../dist/harness/run.js';
import { simulatorTarget } from '../dist/harness/targets/simulator-target.js';
import { trace } from '../dist/harness/trace.js';
import { TraceHash } from '../dist/harness/trace-hash.js';
import { Seed } from '../dist/seed.js';
import { withEtcdLessor } from './etcd-lessor.mjs';

/** As the aim is: otherwise V8 compiles, and collects garbage, on threads beside. */
const ONE_CORE = '--single-threaded';
const RUNS = Number(process.argv[2] ?? 2000);
const ROUNDS = 7;
/** V8 is done with what it compiles after a million requests. */
const WARM_UP = 7;

/** CPU nanoseconds a lease of 1,000, in etcd's own lessor, where the aims come from. */
const LEASE_THEN = 946;
/** Requests a second. */
const AIMS = { 'without generation': 300_000, 'with generation': 100_000 };

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const round = async (seed) => {
  const spent = { generate: 0, simulate: 0, check: 0, trace: 0 };
  let at = cpuMs();
  const timed = (name) => {
    const now = cpuMs();
    spent[name] += now - at;
    at = now;
  };
  const target = simulatorTarget();
  // As `check` does: with restarts, lost leaders and slow apply, one schedule after the other.
  const { abilities } = target;
  const options = { config: DEFAULT_CONFIG, commands: 50, clients: 3, clock: 'virtual', abilities };
  const coverage = new Coverage();
  const hash = new TraceHash();
  let requests = 0;
  for (let number = 0; number < RUNS; number += 1) {
    const schedule = generate(Seed.of(seed).split('run', number), options);
    timed('generate');
    const entries = [];
    let token = 0;
    const record = (entry) => entries.push(entry);
    await run(schedule, target, { record, nextToken: () => ++token });
    const history = { header: historyHeader(target, schedule.config), entries };
    requests += token;
    timed('simulate');
    if (verdictOn(history, coverage).kind !== 'conformant') throw new Error('not conformant');
    timed('check');
    hash.add(number, trace(entries));
    timed('trace');
  }
  return { spent, requests };
};

const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];

const phases = ['generate', 'simulate', 'check', 'trace'];
const judged = ['simulate', 'check'];

const nsOf = ({ spent, requests }, names) =>
  (names.reduce((sum, name) => sum + spent[name], 0) * 1e6) / requests;

const measure = async (etcdLessor) => {
  const rounds = [];
  for (let number = 0; number < WARM_UP + ROUNDS; number += 1) {
    const result = await round(BigInt(number));
    if (number < WARM_UP) continue;
    const lease = etcdLessor === null ? null : (await etcdLessor(1000, 31)).sum;
    rounds.push({ ...result, lease });
  }
  const of = (figure) => median(rounds.map(figure));
  console.log(`${cpus()[0].model}, Node ${process.version}; CPU time, median of ${ROUNDS} rounds`);
  const told = (what, names) => {
    const ns = of((each) => nsOf(each, names));
    const rate = Math.round(1e9 / ns).toLocaleString('en-US');
    return `${what.padEnd(20)} ${ns.toFixed(0).padStart(6)} ns ${rate.padStart(10)} requests/s`;
  };
  /** Of one aim, and how far it is reached by ratio. */
  const toldAim = (what, names) => {
    const aim = AIMS[what];
    const words = `${told(what, names)}, of ${aim.toLocaleString('en-US')} aimed at`;
    if (etcdLessor === null) return words;
    const leases = of((each) => nsOf(each, names) / each.lease).toFixed(1);
    const aimed = (1e9 / aim / LEASE_THEN).toFixed(1);
    return `${words}; ${leases} leases of etcd's lessor, ${aimed} aimed at`;
  };
  for (const name of phases) console.log(told(name, [name]));
  console.log(toldAim('without generation', judged));
  console.log(toldAim('with generation', ['generate', ...judged]));
  console.log('the same and the trace hash, which `check` makes too:');
  console.log(told('without generation', phases.slice(1)));
  console.log(told('with generation', phases));
  if (etcdLessor !== null) {
    const lease = of((each) => each.lease).toFixed(0);
    console.log(`a lease in etcd's lessor takes ${lease} ns here, and took ${LEASE_THEN} there`);
  }
  const share = of((each) => nsOf(each, ['check']) / nsOf(each, judged)) * 100;
  console.log(`check takes ${share.toFixed(0)} % of the time of simulate and check`);
};

// A check of many schedules runs on a thread of its own, with the room that this leaves it.
if (!isMainThread) await withEtcdLessor(measure);
else if (process.execArgv.includes(ONE_CORE)) {
  const argv = process.argv.slice(2);
  const options = { argv, resourceLimits: THREAD_LIMITS };
  await once(new Worker(new URL(import.meta.url), options), 'exit');
} else {
  const again = [ONE_CORE, ...process.argv.slice(1)];
  process.exitCode = spawnSync(process.execPath, again, { stdio: 'inherit' }).status ?? 1;
}
