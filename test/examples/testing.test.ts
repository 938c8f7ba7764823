/** The examples for other languages do what they say, where the machine has what they need. */
import { type ExecFileOptions, execFile, execFileSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { beforeAll, expect, test } from 'vitest';
import { resolveEtcd } from '../../src/harness/targets/etcd-binaries.ts';
import { serveEtcd } from '../../src/wire/serve-etcd.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const EXAMPLES = join(ROOT, 'examples/testing');

const has = (tool: string, ...args: readonly string[]): boolean => {
  try {
    execFileSync(tool, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
};

const run = async (
  file: string,
  args: readonly string[],
  options: ExecFileOptions = {},
): Promise<string> => {
  const { stdout } = await promisify(execFile)(file, args, options);
  return String(stdout);
};

const hasCurl = has('curl', '--version');
test.runIf(hasCurl)(`the shell${hasCurl ? '' : ' (no curl here)'}`, async () => {
  const { path } = await resolveEtcd({ env: process.env, progress: () => {} });
  const env = {
    ...process.env,
    LEASEHOLD: `${process.execPath} ${join(ROOT, 'dist/cli/main.js')}`,
    ETCDCTL: join(dirname(path), 'etcdctl'),
  };
  const out = await run('bash', [join(EXAMPLES, 'lease-expires.sh')], { env });
  expect(out).toMatch(/^here$/m);
  expect(out.trimEnd()).toMatch(/the session is gone$/);
});

const hasPython = has('python3', '--version');
test.runIf(hasPython)(`Python${hasPython ? '' : ' (no python3 here)'}`, async () => {
  await using served = await serveEtcd();
  const out = await run('python3', [join(EXAMPLES, 'lease_expires.py'), served.url]);
  expect(out).toBe('the session is gone\n');
});

const goBuild = (): Promise<string> =>
  run('go', ['build', '-o', '/dev/null', '.'], { cwd: join(EXAMPLES, 'go') });
let missing = has('go', 'version') ? '' : 'no Go here';

beforeAll(async () => {
  if (missing !== '') return;
  // Without a network, and without the modules, it cannot be built.
  await goBuild().catch((error: Error) => {
    missing = error.message;
  });
}, 300_000);

test('Go', async ({ skip }) => {
  skip(missing !== '', missing);
  await using served = await serveEtcd();
  const out = await run('go', ['run', '.', served.url], { cwd: join(EXAMPLES, 'go') });
  expect(out).toBe('the lock has passed on\n');
}, 120_000);
