/** A check that ends while an etcd of its is being started: nothing is left behind. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { onVirtualClock } from '../etcd/virtual-clock-at-hand.ts';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { emptyDirectory, start } from './leasehold.ts';

/** Called in each thread as soon as there is a directory for an etcd, or the process of one. */
const hook = (atDirectory: string, atProcess: string): string => `
import childProcess from 'node:child_process';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { isMainThread } from 'node:worker_threads';
for (const name of ['mkdirSync', 'mkdtempSync']) {
  const make = fs[name];
  fs[name] = (path, ...more) => {
    const made = make(path, ...more);
    if (String(path).includes('leasehold-etcd-')) { ${atDirectory} }
    return made;
  };
}
const { spawn } = childProcess;
childProcess.spawn = (file, args, options) => {
  const child = spawn(file, args, options);
  if (file === process.env.LEASEHOLD_ETCD) { ${atProcess} }
  return child;
};
syncBuiltinESMExports();
`;

const KILL = "process.kill(process.pid, 'SIGKILL');";

/** As long as the kernel may take for it on a machine that is busy. */
const HANG = `if (!isMainThread) {
  fs.writeFileSync('hangs', '');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20_000);
}`;

const startHooked = async (args: readonly string[], script: string) => {
  const { path } = await testEtcd();
  const directory = emptyDirectory();
  const [file, TMPDIR] = [join(directory, 'hook.mjs'), join(directory, 'tmp')];
  writeFileSync(file, script);
  mkdirSync(TMPDIR);
  const NODE_OPTIONS = `--import=${pathToFileURL(file).href}`;
  const env = { LEASEHOLD_ETCD: path, NODE_OPTIONS, TMPDIR };
  return { TMPDIR, ...start(['check', ...args], directory, env) };
};

const expectNothingLeft = async (TMPDIR: string): Promise<void> => {
  const processes = (): readonly string[] =>
    execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
      .split('\n')
      .filter((line) => line.includes(TMPDIR));
  await until(() => processes().length === 0 && readdirSync(TMPDIR).length === 0, 3000);
};

const MOMENTS = [
  ['its directory', hook(KILL, '')],
  ['its process', hook('', KILL)],
] as const;

test.each(MOMENTS)('check --target etcd, killed once there is %s', async (_what, script) => {
  const { ended, TMPDIR } = await startHooked(['--target', 'etcd'], script);
  expect((await ended).code).toBe(null);
  await expectNothingLeft(TMPDIR);
});

onVirtualClock('check --target etcd-virtual', () => {
  test.each(MOMENTS)('killed once there is %s', async (_what, script) => {
    const { ended, TMPDIR } = await startHooked(['--target', 'etcd-virtual'], script);
    expect((await ended).code).toBe(null);
    await expectNothingLeft(TMPDIR);
  });

  test('Ctrl-C while a thread starts its etcd, and is not done with it', async () => {
    const args = ['--target', 'etcd-virtual', '--commands', '10000', '--jobs', '2'];
    const { child, directory, ended, TMPDIR } = await startHooked(args, hook('', HANG));
    await until(() => existsSync(join(directory, 'hangs')), 20_000);
    child.kill('SIGINT');
    expect((await ended).code).toBe(3);
    await expectNothingLeft(TMPDIR);
  });
});
