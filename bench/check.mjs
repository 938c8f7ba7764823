/**
 * How fast `check` is on the simulator, everything on: invariants, history, state hash, check; and
 * what the trace hash adds to that.
 * Run: npm run build && node bench/check.mjs [runs]
 */
import { cpus } from 'node:os';
import { DEFAULT_CONFIG } from '../dist/api/config.js';
import { check } from '../dist/harness/check.js';
import { Coverage } from '../dist/harness/coverage.js';
import { generate } from '../dist/harness/generate.js';
import { historyHeader } from '../dist/harness/history.js';
import { run } from '../dist/harness/run.js';
import { simulatorTarget } from '../dist/harness/targets/simulator-target.js';
import { trace } from '../dist/harness/trace.js';
import { TraceHash } from '../dist/harness/trace-hash.js';
import { Seed } from '../dist/seed.js';

const RUNS = Number(process.argv[2] ?? 2000);
const ROUNDS = 7;
const BATCH = 20;

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

const round = async (seed) => {
  const spent = { generate: 0, simulate: 0, check: 0, trace: 0 };
  const timed = (name, from) => {
    const now = cpuMs();
    spent[name] += now - from;
    return now;
  };
  const target = simulatorTarget();
  // As `check` does: with restarts, lost leaders and slow apply.
  const { abilities } = target;
  const options = { config: DEFAULT_CONFIG, commands: 50, clients: 3, clock: 'virtual', abilities };
  const coverage = new Coverage();
  const hash = new TraceHash();
  let requests = 0;
  let at = cpuMs();
  // In batches: asking for the CPU time after each schedule would cost more than some phases do.
  for (let first = 0; first < RUNS; first += BATCH) {
    const numbers = Array.from({ length: BATCH }, (_, index) => first + index);
    const schedules = numbers.map((number) =>
      generate(Seed.of(seed).split('run', number), options),
    );
    at = timed('generate', at);
    const histories = [];
    for (const schedule of schedules) {
      const entries = [];
      let token = 0;
      const record = (entry) => entries.push(entry);
      await run(schedule, target, { record, nextToken: () => ++token });
      histories.push({ header: historyHeader(target, schedule.config), entries });
      requests += token;
    }
    at = timed('simulate', at);
    for (const history of histories) {
      if (check(history, coverage).kind !== 'conformant') throw new Error('not conformant');
    }
    at = timed('check', at);
    for (const [index, { entries }] of histories.entries()) hash.add(first + index, trace(entries));
    at = timed('trace', at);
  }
  return { spent, requests };
};

const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];

const rounds = [];
for (let number = 0; number <= ROUNDS; number += 1) {
  const result = await round(BigInt(number));
  if (number > 0) rounds.push(result);
}
console.log(`${cpus()[0].model}, Node ${process.version}; CPU time, median of ${ROUNDS} rounds`);
const per = (names) =>
  median(
    rounds.map(
      ({ spent, requests }) => (names.reduce((sum, name) => sum + spent[name], 0) * 1e6) / requests,
    ),
  );
const told = (what, names) => {
  const ns = per(names);
  const rate = Math.round(1e9 / ns).toLocaleString('en-US');
  return `${what.padEnd(20)} ${ns.toFixed(0).padStart(6)} ns ${rate.padStart(10)} requests/s`;
};
const phases = ['generate', 'simulate', 'check', 'trace'];
for (const name of phases) console.log(told(name, [name]));
const judged = ['simulate', 'check'];
console.log(`${told('without generation', judged)}, of 300,000 aimed at`);
console.log(`${told('with generation', ['generate', ...judged])}, of 100,000 aimed at`);
console.log('the same and the trace hash, which `check` makes too:');
console.log(told('without generation', phases.slice(1)));
console.log(told('with generation', phases));
const share = (per(['check']) / per(judged)) * 100;
console.log(`check takes ${share.toFixed(0)} % of the time of simulate and check`);
