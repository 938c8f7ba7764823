/**
 * Runs the same stories in many fresh processes, some of them under load, and compares their
 * hashes: `node scripts/fuzz-determinism.mjs [client=etcd3] [processes=100] [stories=20] [burners=0]`.
 */
import { execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';
import { fileURLToPath } from 'node:url';

const options = Object.fromEntries(process.argv.slice(2).map((one) => one.split('=')));
const { client = 'etcd3', processes = '100', stories = '20', burners = '0' } = options;
const main = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));
const run = promisify(execFile);

const burning = Array.from({ length: Number(burners) }, () =>
  spawn(process.execPath, ['-e', 'for (;;);'], { stdio: 'ignore' }),
);
const args = ['fuzz', client, '--runs', stories, '--seed', '1', '--json', '--shrink-budget', '1ms'];
const hashes = new Map();
try {
  for (let index = 0; index < Number(processes); index += 1) {
    const { stdout } = await run(process.execPath, [main, ...args]).catch((error) => error);
    const { traceHash } = JSON.parse(stdout);
    hashes.set(traceHash, (hashes.get(traceHash) ?? 0) + 1);
  }
} finally {
  for (const one of burning) one.kill();
}
for (const [hash, count] of hashes) console.log(`${count} of ${processes}: ${hash}`);
process.exitCode = hashes.size === 1 ? 0 : 1;
