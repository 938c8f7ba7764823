/**
 * Runs the same stories in many fresh processes, some of them under load, and compares their
 * hashes: `node scripts/fuzz-determinism.mjs [client=etcd3] [processes=100] [stories=20] [burners=0]
 * [lanes=2]`. The hash is that of the traces, whatever judges them: one contract does, because each
 * finding that is told takes as long as a story.
 */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const options = Object.fromEntries(process.argv.slice(2).map((one) => one.split('=')));
const { client = 'etcd3', processes = '100', stories = '20', burners = '0', lanes = '2' } = options;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

const burning = Array.from({ length: Number(burners) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
const args = ['fuzz', client, '--runs', stories, '--seed', '1', '--json', '--shrink-budget', '1ms'];
args.push('--contract', 'FUZZ-01');
const hashes = new Map();
let left = Number(processes);
/** One process after the other; a second lane shows that what runs beside them does not matter. */
const lane = async () => {
  while (left > 0) {
    left -= 1;
    const { stdout } = await run(process.execPath, [main, ...args]).catch((error) => error);
    const { runs, traceHash } = JSON.parse(stdout);
    if (runs !== Number(stories)) throw new Error(`${runs} of ${stories} stories were played`);
    hashes.set(traceHash, (hashes.get(traceHash) ?? 0) + 1);
  }
};
try {
  await Promise.all(Array.from({ length: Number(lanes) }, lane));
} finally {
  for (const one of burning) one.kill();
}
for (const [hash, count] of hashes) console.log(`${count} of ${processes}: ${hash}`);
process.exitCode = hashes.size === 1 ? 0 : 1;
