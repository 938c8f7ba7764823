/** Runs the same seeds in several processes, with one and with two threads: the trace hashes must agree. */
import { execFileSync } from 'node:child_process';

const SEEDS = ['0', '1', '2', '3', '18446744073709551615'];

const traceHash = (seed, ...options) => {
  const args = ['dist/cli/main.js', 'check', '--runs', '200', '--json', '--seed', seed, ...options];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', stdio: 'pipe' }))
    .traceHash;
};

let differing = 0;
for (const seed of SEEDS) {
  const hashes = new Set([traceHash(seed), traceHash(seed), traceHash(seed, '--jobs', '2')]);
  if (hashes.size === 1) continue;
  differing += 1;
  console.error(`seed ${seed} gave ${[...hashes].join(' and ')}`);
}
if (differing === 0) console.log(`${SEEDS.length} seeds, each run three times: equal trace hashes`);
process.exitCode = differing === 0 ? 0 : 1;
