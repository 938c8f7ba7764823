/**
 * A hundred thousand bad inputs against a server with good clients beside them: the test of
 * test/wire/bad-input.test.ts, for longer.
 *
 *     node scripts/bad-input.mjs [how many [seed]]
 */
import { spawnSync } from 'node:child_process';

const [count = '100000', seed = '1'] = process.argv.slice(2);
const { status } = spawnSync('npx', ['vitest', 'run', 'test/wire/bad-input.test.ts'], {
  stdio: 'inherit',
  env: { ...process.env, LEASEHOLD_BAD_INPUTS: count, LEASEHOLD_SEED: seed },
});
process.exitCode = status ?? 1;
