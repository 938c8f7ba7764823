/**
 * Fifty leases of the npm client `etcd3` under faults, in so many fresh processes (100 unless told):
 * each must have seen the same.
 */
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const SCENARIO = fileURLToPath(new URL('../bench/lockstep.mjs', import.meta.url));

const processes = Number(process.argv[2] ?? 100);
const hashes = new Map();
for (let count = 0; count < processes; count += 1) {
  // Another patience must not make a difference either.
  const quietTurns = count % 5 === 4 ? '12' : '4';
  const out = execFileSync(process.execPath, [SCENARIO, '1', quietTurns], { encoding: 'utf8' });
  const { hash } = JSON.parse(out);
  hashes.set(hash, (hashes.get(hash) ?? 0) + 1);
}
for (const [hash, times] of hashes) console.log(`${hash}: ${times} of ${processes} processes`);
process.exitCode = hashes.size === 1 ? 0 : 1;
