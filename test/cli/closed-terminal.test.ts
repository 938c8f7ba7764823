/** A terminal that is closed: what Ctrl-C saves is saved, and nothing is left behind. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { emptyDirectory, MAIN } from './leasehold.ts';

test('the history so far is saved, the etcd ended, and Node does not abort', async () => {
  const { path } = await testEtcd();
  const directory = emptyDirectory();
  const TMPDIR = join(directory, 'tmp');
  mkdirSync(TMPDIR);
  const args = [process.execPath, MAIN, 'check', '--target', 'etcd', '--runs', '9', '--seed', '4'];
  // A shell in the shell outlives the terminal, and says how it ended. Node minds the signal all
  // the same.
  const line = `(trap '' HUP; "${args.join('" "')}"; echo $? >code); true`;
  const terminal = spawn('script', ['--quiet', '--command', line, '/dev/null'], {
    cwd: directory,
    env: { ...process.env, LEASEHOLD_ETCD: path, SHELL: '/bin/sh', TMPDIR },
  });
  let shown = '';
  terminal.stdout.on('data', (data: Buffer) => {
    shown += data.toString();
  });
  await until(() => /side by side/.test(shown), 20_000);
  await sleep(1000);
  expect(readdirSync(TMPDIR)).toHaveLength(1);
  terminal.kill('SIGKILL');
  await until(() => existsSync(join(directory, 'code')), 10_000);
  await until(() => readFileSync(join(directory, 'code'), 'utf8') !== '');
  // Of SIGHUP: that of an abort is 134, and it leaves a core.
  expect(readFileSync(join(directory, 'code'), 'utf8')).toBe('129\n');
  expect(readdirSync(join(directory, 'leasehold-out'))).toEqual(['history-4.jsonl']);
  await until(() => readdirSync(TMPDIR).length === 0);
  expect(spawnSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).stdout).not.toContain(TMPDIR);
});
