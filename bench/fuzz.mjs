/**
 * Stories of clients: how many in a minute of processor time, twenty leases in each of etcd3's; and
 * of Go's clients, how many virtual seconds pass in a second of wall time, up to eight leases a
 * story.
 *
 * `node bench/fuzz.mjs [STORIES]`
 */
import { CONTRACTS } from '../dist/clients/contracts/contracts.js';
import { generateStory } from '../dist/clients/generate.js';
import { knownClient } from '../dist/clients/known.js';
import { tryStory } from '../dist/clients/trial.js';
import { Seed } from '../dist/seed.js';

const [stories = '60'] = process.argv.slice(2);
const lasts = 60_000;

const play = async (adapter, run, around) => {
  const { abilities } = adapter;
  const story = generateStory(Seed.of(1n).split('story', run), { abilities, lasts, ...around });
  await tryStory(story, { adapter, contracts: CONTRACTS, seed: BigInt(run) });
};

for (const name of ['etcd3', 'reference']) {
  const adapter = await knownClient(name);
  const around = { leases: 20, isFull: true };
  for (let run = 0; run < 3; run += 1) await play(adapter, run, around);
  const before = process.cpuUsage();
  for (let run = 0; run < Number(stories); run += 1) await play(adapter, run, around);
  const { user, system } = process.cpuUsage(before);
  const rate = (Number(stories) * 60) / ((user + system) / 1e6);
  console.log(`${name}: ${Math.round(rate)} stories of 20 leases in a minute of CPU time`);
}

for (const [name, version] of [['etcdctl', '3.5.30'], ['etcdctl', '3.4.23'], ['clientv3']]) {
  const adapter = await knownClient(name, version).catch(({ message }) => console.log(message));
  if (adapter === undefined) continue;
  const count = Math.ceil(Number(stories) / 4);
  await play(adapter, 0, { leases: 8 });
  const began = performance.now();
  for (let run = 0; run < count; run += 1) await play(adapter, run, { leases: 8 });
  const rate = (count * 60_000) / (performance.now() - began);
  console.log(`${name} ${adapter.version}: ${Math.round(rate)} virtual seconds in a second`);
}
