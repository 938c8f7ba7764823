/**
 * What the simulator's lessor costs per lease, in turns with etcd's own: CPU time to grant, renew,
 * and find and revoke each of 10^3 to 10^6 leases, and the memory one takes. Ids are random int64s,
 * TTLs random, no keys are attached.
 *
 * Build first, then: node bench/lessor.mjs
 */
import { cpus } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { instant, seconds } from '../dist/api/units.js';
import { NO_SLOT } from '../dist/simulator/slots.js';
import { Fingerprint } from '../dist/simulator/fingerprint.js';
import { Lessor } from '../dist/simulator/lessor.js';
import { withEtcdLessor } from './etcd-lessor.mjs';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc');

const SIZES = [1_000, 10_000, 100_000, 1_000_000];

/** As many leases as one turn of the expiry loop revokes. */
const TURN_LIMIT = 500;
const LONGEST_TTL = 3600;

/** A small generator, so that every run measures the same. */
const xorshift = (seed) => {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
};

const leasesOf = (count) => {
  const next = xorshift(0x9e3779b9);
  return Array.from({ length: count }, () => ({
    id: BigInt.asIntN(64, (BigInt(next()) << 32n) | BigInt(next())),
    ttl: seconds(1 + (next() % LONGEST_TTL)),
  }));
};

const cpuNs = (work) => {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
};

const grantAll = (lessor, leases) => {
  for (const { id, ttl } of leases) lessor.grant(id, ttl, instant(0));
};

const renewAll = (lessor, leases) => {
  for (const { id } of leases) lessor.renew(lessor.find(id), instant(500));
};

const expireAll = (lessor) => {
  const end = instant(LONGEST_TTL * 1000 + 500);
  while (lessor.size > 0) {
    const revoked = [];
    for (let slot; revoked.length < TURN_LIMIT; revoked.push(slot)) {
      slot = lessor.firstOverdue(end);
      if (slot === NO_SLOT) break;
      lessor.revoke(slot);
    }
  }
};

/** NaN of none. */
const median = (numbers) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? Number.NaN;

/** One repetition: several lessors when they are small, for the CPU clock ticks in microseconds. */
const measureTimes = (leases) => {
  const lessors = Array.from(
    { length: Math.max(1, Math.round(20_000 / leases.length)) },
    () => new Lessor(new Fingerprint()),
  );
  const total = lessors.length * leases.length;
  const each = (work) => cpuNs(() => lessors.forEach((lessor) => work(lessor, leases))) / total;
  const grant = each(grantAll);
  const renew = each(renewAll);
  const expire = each(expireAll);
  return { grant, renew, expire, sum: grant + renew + expire };
};

/** Bytes per lease, its id included. */
const measureBytes = (count) => {
  const used = () => {
    collectGarbage();
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    // `external` includes typed arrays.
    return heapUsed + external;
  };
  // Many small lessors, so that what else the process allocates does not count.
  const lessors = Array.from({ length: Math.max(1, Math.round(20_000 / count)) }, () => undefined);
  const before = used();
  for (const index of lessors.keys()) lessors[index] = lessorOf(count);
  const bytes = (used() - before) / (count * lessors.length);
  // Keeps them alive until here.
  return lessors.every((lessor) => lessor.size === count) ? bytes : Number.NaN;
};

/** The leases themselves are garbage when it returns. */
const lessorOf = (count) => {
  const lessor = new Lessor(new Fingerprint());
  grantAll(lessor, leasesOf(count));
  return lessor;
};

const PAIRS = 3;

/** Both in turns, so that what else the machine does slows both. */
const measure = async (count, etcdLessor) => {
  const leases = leasesOf(count);
  const repetitions = count >= 1_000_000 ? 1 : count >= 100_000 ? 3 : 11;
  const runs = [];
  const etcds = [];
  for (let pair = 0; pair < PAIRS; pair += 1) {
    for (let round = 0; round < repetitions; round += 1) runs.push(measureTimes(leases));
    if (etcdLessor !== null) etcds.push(await etcdLessor(count, repetitions));
  }
  return { ours: medians(runs), etcds: medians(etcds) };
};

const medians = (runs) => (name) => median(runs.map((run) => run[name]));

const row = (cells) => console.log(cells.map((cell) => String(cell).padStart(11)).join(' '));

const rounded = (number) => (Number.isNaN(number) ? '-' : Math.round(number));

await withEtcdLessor(async (etcdLessor) => {
  console.log(`${cpus()[0].model}, Node ${process.version}; CPU ns per lease, medians`);
  row('leases grant renew find+revoke sum etcd-sum ratio bytes etcd-bytes'.split(' '));
  for (let warmUp = 0; warmUp < 5; warmUp += 1) measureTimes(leasesOf(10_000));
  for (const count of SIZES) {
    const { ours, etcds } = await measure(count, etcdLessor);
    const ratio = ours('sum') / etcds('sum');
    row([
      count,
      ...['grant', 'renew', 'expire', 'sum'].map((name) => rounded(ours(name))),
      rounded(etcds('sum')),
      Number.isNaN(ratio) ? '-' : ratio.toFixed(2),
      rounded(measureBytes(count)),
      rounded(etcds('bytes')),
    ]);
  }
});
