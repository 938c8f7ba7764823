/**
 * Whether the conformance suite ever accuses the innocent: it is run again and again on real etcds,
 * on a virtual clock and on the real one, there every other time with both cores kept busy. Prints
 * how often each rule differed, which should be never, and exits 1 otherwise.
 *
 *   npm run build && node scripts/false-alarms.mjs [VIRTUAL [REAL [VERSION]]]
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DEFAULT_CONFIG } from '../dist/api/config.js';
import { conform } from '../dist/conformance/index.js';
import { resolveEtcd } from '../dist/harness/targets/etcd-binaries.js';
import { etcdTarget } from '../dist/harness/targets/etcd-target.js';
import { etcdVirtualTarget } from '../dist/harness/targets/etcd-virtual-target.js';

const [virtualRuns = 100, realRuns = 30] = process.argv.slice(2, 4).map(Number);
const version = process.argv[4] ?? '3.5.30';
const binary = await resolveEtcd({ version, env: process.env, progress: console.error });
const etcd = { binary: binary.path, version: binary.version, config: DEFAULT_CONFIG };

/** Keeps every core busy while `act` runs. */
const amidNoise = async (act) => {
  const spin = 'for (;;) Math.sqrt(2);';
  const loops = Array.from(
    { length: availableParallelism() },
    () => new Worker(spin, { eval: true }),
  );
  try {
    return await act();
  } finally {
    await Promise.all(loops.map((loop) => loop.terminate()));
  }
};

const listed = (differed) =>
  [...differed].map(([id, times]) => `${id} ${times} times`).join(', ') || 'none';

const series = async (name, runs, start, noise) => {
  const differed = new Map();
  const counts = { agrees: 0, inconclusive: 0 };
  let slowest = 0;
  for (let run = 0; run < runs; run += 1) {
    const began = performance.now();
    const play = async () => {
      const target = await start();
      try {
        return await conform(target, { disturb: true, patienceMs: 600_000 });
      } finally {
        await target.close();
      }
    };
    const { rules } = await (noise(run) ? amidNoise(play) : play());
    const took = (performance.now() - began) / 1000;
    slowest = Math.max(slowest, took);
    for (const { id, verdict, evidence } of rules) {
      if (verdict in counts) counts[verdict] += 1;
      if (verdict !== 'differs') continue;
      differed.set(id, (differed.get(id) ?? 0) + 1);
      console.error(id, evidence);
    }
    const at = `${name}: ${run + 1} of ${runs} in ${took.toFixed(1)} s`;
    console.error(`${at}; false alarms: ${listed(differed)}`);
  }
  const { agrees, inconclusive } = counts;
  const words = `${agrees} verdicts agree, ${inconclusive} are inconclusive; slowest ${slowest.toFixed(1)} s`;
  console.log(
    `etcd ${version}, ${name}, ${runs} runs: ${words}; false alarms: ${listed(differed)}`,
  );
  return differed.size;
};

const alarms = [
  await series(
    'virtual clock',
    virtualRuns,
    () => etcdVirtualTarget(etcd),
    () => false,
  ),
  await series(
    'real clock',
    realRuns,
    () => etcdTarget(etcd),
    (run) => run % 2 === 1,
  ),
];
process.exitCode = alarms.every((count) => count === 0) ? 0 : 1;
