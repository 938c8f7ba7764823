/**
 * Fifty leases of the npm client `etcd3` for sixty virtual seconds, in lockstep, while connections
 * are reset, refused and stalled. Prints a hash of all that was seen, and how many virtual seconds
 * passed in a second on the wall and in one of processor time (the compilers of V8 among it, which
 * work beside it): in a process that just began, and in the same one later; then, too, of one lease
 * that is kept alive for two virtual hours through twenty outages.
 *
 * `node bench/lockstep.mjs [ROUNDS] [QUIET_TURNS]`
 */
import { createHash } from 'node:crypto';
import { Etcd3 } from 'etcd3';
import { startEtcd } from '../dist/vitest/testing.js';

// Before the clock of this process is taken from it.
const realNow = performance.now.bind(performance);

const LEASES = 50;
const SECONDS = 60;
const FAULTS = [
  [9_777, 'reset'],
  [20_001, 'refuse'],
  [20_001, 'reset'],
  [20_650, 'accept'],
  [33_333, 'stall'],
  [35_999, 'resume'],
];

async function round(quietTurns) {
  const etcd = await startEtcd({ seed: 1n, settle: { quietTurns } });
  const { clock, network } = etcd;
  const lines = [];
  const note = (what) => lines.push(`${clock.now} ${what}`);
  const client = new Etcd3(etcd.clientOptions);
  for (let index = 0; index < LEASES; index += 1) keepAlive(client, index, clock, note);
  for (const [at, fault] of FAULTS) {
    clock.at(at, () => {
      note(fault);
      network[fault]();
    });
  }
  const speed = await advance(clock, SECONDS);
  note((await client.getAll().prefix('key').keys()).join());
  note(etcd.stateHash);
  client.close();
  await etcd.close();
  const hash = createHash('sha256').update(lines.join('\n')).digest('hex');
  return { hash, lines: lines.length, ...speed };
}

/** Lets so many virtual seconds pass. */
async function advance(clock, seconds) {
  const before = process.cpuUsage();
  const begun = realNow();
  await clock.advance(seconds * 1000);
  const wall = realNow() - begun;
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: Math.round((seconds * 1e3) / wall),
    perCpuSecond: Math.round((seconds * 1e6) / (user + system)),
  };
}

function keepAlive(client, index, clock, note) {
  const name = `lease ${index}`;
  const lease = client.lease(5 + (index % 7));
  for (const event of ['lost', 'keepaliveFired', 'keepaliveSucceeded', 'keepaliveFailed']) {
    lease.on(event, () => note(`${name} ${event}`));
  }
  clock.at(index * 20, () => {
    const put = lease.put(`key ${index}`).value('x');
    put.then(
      () => note(`${name} put`),
      (error) => note(`${name} ${error.message}`),
    );
  });
}

/** Rounds in which most functions run for the first times. */
const COLD = 5;

const median = (values) => values.toSorted((left, right) => left - right)[values.length >> 1];

const OUTAGES = 20;
const OUTAGE_MS = 1500;
const LONG_SECONDS = 7300;

async function oneLease() {
  const etcd = await startEtcd({ seed: 1n });
  const { clock, network } = etcd;
  const client = new Etcd3(etcd.clientOptions);
  const lease = client.lease(10);
  let renewals = 0;
  lease.on('keepaliveSucceeded', () => {
    renewals += 1;
  });
  await clock.until(lease.grant());
  for (let count = 0; count < OUTAGES; count += 1) {
    const begins = 1000 + (count * LONG_SECONDS * 1000) / OUTAGES;
    clock.at(begins, () => {
      network.refuse();
      network.reset();
    });
    clock.at(begins + OUTAGE_MS, () => network.accept());
  }
  const speed = await advance(clock, LONG_SECONDS);
  client.close();
  await etcd.close();
  return { renewals, ...speed };
}

const [rounds = 1, quietTurns = 4] = process.argv.slice(2).map(Number);
const perSecond = [];
for (let count = 0; count < rounds; count += 1) {
  const result = await round(quietTurns);
  perSecond.push(result.perSecond);
  console.log(JSON.stringify(result));
}
if (rounds > COLD) {
  const warm = median(perSecond.slice(COLD));
  console.log(`virtual seconds a second: ${perSecond[0]} at first, ${warm} once warm (median)`);
  console.log(`one lease, ${OUTAGES} outages: ${JSON.stringify(await oneLease())}`);
}
