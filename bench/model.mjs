/**
 * What a step of the model costs: at 10 leases next to the same semantics on mutable maps, and at 10,000 leases.
 * Run: npm run build && node bench/model.mjs
 */
import { cpus } from 'node:os';
import { initialState, step } from '../dist/model/index.js';
import { MutableModel } from './mutable-model.mjs';

const ROUNDS = 9;

/** A repeatable stream of whole numbers below `bound`. */
const draws = (seed) => {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
};

/** A mix of commands that keeps about `leases` leases and as many keys alive. */
const commands = (count, leases, seed) => {
  const below = draws(seed);
  const id = () => BigInt(1 + below(leases));
  const key = () => `k${below(leases)}`;
  return Array.from({ length: count }, (_, token) => {
    const kind = below(100);
    if (kind < 15) return { kind: 'grant', token, id: id(), ttl: 60n };
    if (kind < 20) return { kind: 'revoke', token, id: id() };
    if (kind < 45) return { kind: 'keepAlive', token, id: id(), stream: 1 };
    if (kind < 75) {
      const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
      return { kind: 'put', token, key: key(), value: 'v', lease: id(), ...flags };
    }
    if (kind < 85) return { kind: 'deleteRange', token, key: key(), rangeEnd: '', prevKv: false };
    return { kind: 'timeToLive', token, id: id(), keys: false };
  });
};

const cpuNs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
};

const median = (values) => values.sort((left, right) => left - right)[values.length >> 1];

const timePure = (list) => {
  let state = initialState();
  const start = cpuNs();
  for (const [at, command] of list.entries()) ({ state } = step(state, command, at >> 6));
  return (cpuNs() - start) / list.length;
};

const timeMutable = (list) => {
  const model = new MutableModel();
  const start = cpuNs();
  for (const [at, command] of list.entries()) model.step(command, at >> 6);
  return (cpuNs() - start) / list.length;
};

console.log(
  `${cpus()[0].model}, Node ${process.version}; CPU ns a step, median of ${ROUNDS} rounds`,
);
for (const leases of [10, 100, 1000, 10_000]) {
  const rounds = Array.from({ length: ROUNDS + 2 }, (_, seed) => {
    const list = commands(Math.max(200_000, leases * 20), leases, seed + 1);
    return { mutable: timeMutable(list), pure: timePure(list) };
  }).slice(2);
  const pure = median(rounds.map((round) => round.pure));
  const mutable = median(rounds.map((round) => round.mutable));
  const ratio = median(rounds.map((round) => round.pure / round.mutable));
  console.log(
    `${String(leases).padStart(6)} leases: model ${pure.toFixed(0).padStart(5)}, ` +
      `mutable maps ${mutable.toFixed(0).padStart(5)}, ratio ${ratio.toFixed(2)}`,
  );
}
