import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import { milliseconds } from '../../../src/api/units.ts';
import type { EtcdBinary } from '../../../src/harness/targets/etcd-binaries.ts';
import { type EtcdProcess, startEtcd } from '../../../src/harness/targets/etcd-process.ts';
import { testEtcd, until } from './etcd-under-test.ts';

let binary: EtcdBinary;
const folder = mkdtempSync(path.join(tmpdir(), 'leasehold-test-'));
beforeAll(async () => {
  binary = await testEtcd();
});
afterAll(() => rmSync(folder, { recursive: true }));

const start = (onDeath: (why: string) => void = () => {}): Promise<EtcdProcess> =>
  startEtcd({ binary: binary.path, version: binary.version, config: DEFAULT_CONFIG, onDeath });

/** False for a zombie as well: what is dead and not yet reaped does nothing any more. */
const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return !/^State:\s*Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

/** The processes that have `text` in their command line. */
const processesWith = (text: string): string[] =>
  execFileSync('ps', ['-eo', 'stat=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(text) && !line.startsWith('Z'));

test('it serves, and closing leaves nothing behind', async () => {
  const etcd = await start();
  expect(etcd.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(existsSync(etcd.directory)).toBe(true);
  expect(isAlive(etcd.pid)).toBe(true);
  // Etcd and its watchdog.
  expect(processesWith(etcd.directory)).toHaveLength(2);
  const response = await fetch(`${etcd.url}/version`);
  expect(await response.json()).toMatchObject({ etcdserver: '3.5.30' });
  await Promise.all([etcd.close(), etcd.close()]);
  await etcd.close();
  expect(isAlive(etcd.pid)).toBe(false);
  expect(existsSync(etcd.directory)).toBe(false);
  expect(processesWith(etcd.directory)).toEqual([]);
});

test('it has a process group of its own', async () => {
  const etcd = await start();
  const groupOf = (pid: number) =>
    Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }));
  expect(groupOf(etcd.pid)).toBe(etcd.pid);
  expect(groupOf(process.pid)).not.toBe(etcd.pid);
  await etcd.close();
});

test('its unexpected death is reported once, and close still cleans up', async () => {
  const deaths: string[] = [];
  const etcd = await start((why) => deaths.push(why));
  process.kill(etcd.pid, 'SIGKILL');
  await until(() => deaths.length > 0);
  expect(deaths).toEqual(['etcd 3.5.30 ended (SIGKILL): its log is empty']);
  await etcd.close();
  expect(existsSync(etcd.directory)).toBe(false);
  expect(processesWith(etcd.directory)).toEqual([]);
});

test('an etcd that refuses its settings is quoted', async () => {
  const config = { ...DEFAULT_CONFIG, election: milliseconds(200) };
  const starting = startEtcd({ binary: binary.path, version: '3.5.30', config, onDeath: () => {} });
  await expect(starting).rejects.toThrow(
    /^etcd 3\.5\.30 did not start \(exit code 1\): .*at least/,
  );
});

test('a binary that is gone is named', async () => {
  const none = path.join(folder, 'none');
  const starting = startEtcd({
    binary: none,
    version: '3.5.30',
    config: DEFAULT_CONFIG,
    onDeath: () => {},
  });
  await expect(starting).rejects.toThrow(`spawn ${none} ENOENT`);
});

test('ten at once find ports of their own', async () => {
  const config = { ...DEFAULT_CONFIG, heartbeat: milliseconds(10), election: milliseconds(100) };
  const options = { binary: binary.path, version: '3.5.30', config, onDeath: () => {} };
  const etcds = await Promise.all(Array.from({ length: 10 }, () => startEtcd(options)));
  expect(new Set(etcds.map((etcd) => etcd.url)).size).toBe(10);
  await Promise.all(etcds.map((etcd) => etcd.close()));
});

/** A Node process with an etcd, which ends as `ending` says. */
const parentThat = async (ending: string): Promise<{ pid: number; directory: string }> => {
  const script = path.join(folder, 'parent.js');
  writeFileSync(
    script,
    `import { startEtcd } from './dist/harness/targets/etcd-process.js';
     import { DEFAULT_CONFIG } from './dist/api/config.js';
     const [binary, version] = process.argv.slice(2);
     const etcd = await startEtcd({ binary, version, config: DEFAULT_CONFIG, onDeath() {} });
     console.log(JSON.stringify({ pid: etcd.pid, directory: etcd.directory }));
     ${ending}`,
  );
  const parent = spawn(process.execPath, [script, binary.path, binary.version], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [text] = (await once(parent.stdout, 'data')) as [Buffer];
  const etcd = JSON.parse(text.toString()) as { pid: number; directory: string };
  await once(parent, 'exit');
  return etcd;
};

test.each([
  ['is killed', "process.kill(process.pid, 'SIGKILL');"],
  ['is terminated', "process.kill(process.pid, 'SIGTERM');"],
  ['throws', "throw new Error('on purpose');"],
  ['exits', 'process.exit(0);'],
  ['forgets to close', ''],
])('it dies with a parent that %s', async (_what, ending) => {
  compile();
  const { pid, directory } = await parentThat(ending);
  await until(() => !isAlive(pid) && !existsSync(directory));
  await until(() => processesWith(directory).length === 0);
});

/** The module as JavaScript, which is what a process of its own runs. */
const compile = (): void => {
  if (existsSync(path.join(folder, 'dist'))) return;
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', path.join(folder, 'dist')];
  execFileSync('node_modules/.bin/tsc', args, { stdio: 'ignore' });
};
