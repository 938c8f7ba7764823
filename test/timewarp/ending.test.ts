/** Nobody outlives its parent, however that ends; and who is stopped is released before. */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { type Kernel, kernel } from '../../src/timewarp/kernel.ts';
import { spawnOn } from '../../src/timewarp/spawn.ts';
import { isAlive, needsThisMachine, start, startReader, until, warpTest } from './this-machine.ts';

needsThisMachine();

const folder = mkdtempSync(path.join(tmpdir(), 'leasehold-test-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** The module as JavaScript, which is what a process of its own runs. */
beforeAll(() => {
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}');
  const args = ['-p', 'tsconfig.build.json', '--noCheck', '--outDir', path.join(folder, 'dist')];
  execFileSync('node_modules/.bin/tsc', args, { stdio: 'ignore' });
}, 60_000);

/**
 * The children of a parent that has ended as `ending` says: a process on a frozen clock, one that
 * this one started, and one on a running clock.
 */
const childrenOfParentThat = async (ending: string): Promise<readonly number[]> => {
  const script = path.join(folder, 'parent.js');
  writeFileSync(
    script,
    `import { spawnWarped } from './dist/timewarp/index.js';
     const sleep = "setInterval(() => {}, 1000); process.on('SIGHUP', () => {});";
     const nested =
       "const { spawn } = require('node:child_process');" +
       "console.log(spawn(process.execPath, ['-e', process.argv[1]]).pid);";
     const one = await spawnWarped(process.execPath, ['-e', nested + sleep, sleep]);
     const gone = await spawnWarped('/bin/sleep', ['0.1']);
     const two = await spawnWarped(process.execPath, ['-e', sleep], { rate: 1 });
     const text = await new Promise((resolve) => one.child.stdout.once('data', resolve));
     if (!gone.hasEnded) await new Promise((resolve) => gone.child.once('exit', resolve));
     console.log(JSON.stringify([one.pid, Number(text), two.pid]));
     ${ending}`,
  );
  const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'ignore'] });
  let text = '';
  parent.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  await once(parent, 'close');
  return JSON.parse(text) as number[];
};

warpTest.each([
  ['is killed', "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);"],
  ['is terminated', "process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000);"],
  ['is interrupted', "process.kill(process.pid, 'SIGINT'); setInterval(() => {}, 1000);"],
  ['throws', "throw new Error('on purpose');"],
  ['rejects', "void Promise.reject(new Error('on purpose'));"],
  ['exits', 'process.exit(0);'],
  ['aborts', 'process.abort();'],
])('they end with a parent that %s', async (_what, ending) => {
  const children = await childrenOfParentThat(ending);
  expect(children).toHaveLength(3);
  await until(() => !children.some(isAlive));
});

/** The shells that wait for the end of a parent. */
const reapers = (): string[] =>
  execFileSync('ps', ['-eo', 'stat=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes('timewarp-reaper') && !line.startsWith('Z'))
    .filter((line) => line.trim().split(/\s+/)[1] === String(process.pid));

warpTest('there is one shell while there are processes, and none after', async () => {
  expect(reapers()).toEqual([]);
  const [one, two] = [await startReader(), await startReader()];
  expect(reapers()).toHaveLength(1);
  await one.process.stop();
  expect(reapers()).toHaveLength(1);
  await two.process.stop();
  await until(() => reapers().length === 0);
});

/** Stops processes late, `times` times: when `isLate` says that they have come too far. */
const lateKernel = (times: number, isLate: (pid: number) => boolean) => {
  const stopped: number[] = [];
  const late: Kernel = {
    ...kernel,
    signal: (id, name) => {
      if (name === 'SIGSTOP') stopped.push(id);
      while (stopped.length <= times && !isLate(id));
      kernel.signal(id, name);
    },
  };
  return { late, stopped };
};

warpTest('a program that came too far before it was stopped is started again', async () => {
  const isBusy = (pid: number) => readdirSync(`/proc/${pid}/task`).length > 1;
  const { late, stopped } = lateKernel(2, isBusy);
  const cleared: number[] = [];
  const beforeAgain = async () => void cleared.push(stopped.length);
  const args = ['-e', 'setInterval(() => {}, 9)'];
  const node = await spawnOn(late, process.execPath, args, { beforeAgain });
  // A busy machine makes more of them come too far.
  expect(cleared.slice(0, 2)).toEqual([1, 2]);
  expect(cleared).toHaveLength(stopped.length - 1);
  expect(stopped.at(-1)).toBe(node.pid);
  expect(stopped.filter(isAlive)).toEqual([node.pid]);
  await node.stop({ signal: 'SIGKILL' });
  await until(() => reapers().length === 0);
});

warpTest('one that always ends before it is stopped is given up', async () => {
  const { late, stopped } = lateKernel(1_000, (pid) => !isAlive(pid));
  await expect(spawnOn(late, '/bin/true', [], {})).rejects.toMatchObject({
    code: 'STOP',
    message: expect.stringContaining('/bin/true was always faster than we could stop it'),
  });
  expect(stopped).toHaveLength(200);
  await until(() => reapers().length === 0);
});

warpTest('a program that cannot be started leaves no shell behind', async () => {
  await expect(start('/nowhere/program', [])).rejects.toThrow('ENOENT');
  await until(() => reapers().length === 0);
});

warpTest('stop releases first: an orderly end may wait on timers', async () => {
  const { process, ask } = await startReader();
  const handler = 'setTimeout(() => globalThis.process.exit(7), 100)';
  await ask(`process.on('SIGTERM', () => ${handler}), 0`);
  await process.stop();
  expect(process.child.exitCode).toBe(7);
});

warpTest('stop kills what does not end', async () => {
  const { process, ask } = await startReader();
  await ask("process.on('SIGTERM', () => {}), 0");
  await process.stop({ patienceMs: 100 });
  expect(process.child.signalCode).toBe('SIGKILL');
});

warpTest('the end of a block stops it', async () => {
  const { process } = await startReader();
  {
    await using warped = process;
    expect(warped.hasEnded).toBe(false);
  }
  expect(process.hasEnded).toBe(true);
  expect(isAlive(process.pid)).toBe(false);
});
