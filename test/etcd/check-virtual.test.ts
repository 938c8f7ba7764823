/** `check` on the virtual clock, when things go wrong: as a user runs it. */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';
import { emptyDirectory, leasehold, start, type Started } from '../cli/leasehold.ts';

/** One schedule that takes many seconds, so that it is under way whatever happens to its server. */
const LONG = ['--runs', '1', '--commands', '4000', '--seed', '4'];
const OPTIONS = ['check', '--target', 'etcd-virtual', ...LONG, '--json'];

interface Running extends Started {
  readonly etcd: number;
}

/** Starts a check and waits until schedules are under way. */
const startCheck = async (): Promise<Running> => {
  const { path } = await testEtcd();
  const started = start(OPTIONS, emptyDirectory(), { LEASEHOLD_ETCD: path });
  const etcds = (): number[] => childrenOf(started.child.pid ?? -1, path);
  let log = '';
  started.child.stderr?.on('data', (text: Buffer) => {
    log += text.toString();
  });
  await until(() => etcds().length === 1 && log.includes('from LEASEHOLD_ETCD'), 60_000);
  // Until schedules run: an etcd that is still being elected is no run yet.
  await new Promise((resolve) => {
    setTimeout(resolve, 3000);
  });
  return { ...started, etcd: etcds()[0] as number };
};

/** The processes that run `program` and have this parent. */
const childrenOf = (parent: number, program: string): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
        return fields[1] === String(parent) && readlinkSync(`/proc/${name}/exe`) === program;
      } catch {
        return false;
      }
    })
    .map(Number);

const expectSaved = async ({ ended, etcd, directory }: Running, says: RegExp) => {
  const { code, out, err } = await ended;
  expect(code, err).toBe(3);
  const report = JSON.parse(out) as { verdict: string; why: string; counterexample: string };
  expect(report.verdict).toBe('inconclusive');
  expect(report.why).toMatch(says);
  expect(existsSync(`/proc/${etcd}`)).toBe(false);
  const saved = readFileSync(join(directory, report.counterexample), 'utf8').trimEnd().split('\n');
  expect(saved[0]).toContain('leasehold-history/1');
  expect(saved.some((line) => /"kind":"lost"|"kind":"unknown"/.test(line))).toBe(true);
  const judged = await leasehold(['check', report.counterexample], directory);
  expect(judged.code, judged.err).toBe(3);
};

onVirtualClock('check --target etcd-virtual', () => {
  test('an etcd that dies: the history is saved, exit code 3', async () => {
    const running = await startCheck();
    process.kill(running.etcd, 'SIGKILL');
    await expectSaved(running, /etcd-virtual: the process has ended$/);
  });

  test('one that somebody else stops, which is how one that hangs looks', async () => {
    const running = await startCheck();
    process.kill(running.etcd, 'SIGSTOP');
    await expectSaved(running, /does not come to rest in time|no answer|did not deliver/);
  });

  test('Ctrl-C ends it, and the etcd with it', async () => {
    const { child, ended, etcd } = await startCheck();
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive', seed: '4' });
    await until(() => !existsSync(`/proc/${etcd}`));
  });

  test('SIGKILL of the check takes the etcd along', async () => {
    const { child, etcd } = await startCheck();
    child.kill('SIGKILL');
    await until(() => !existsSync(`/proc/${etcd}`), 10_000);
  });

  test('a machine that cannot: one line with what can be done instead, exit code 2', async () => {
    const { path } = await testEtcd();
    const directory = emptyDirectory();
    const elsewhere = join(directory, 'elsewhere.cjs');
    writeFileSync(elsewhere, "Object.defineProperty(process, 'arch', { value: 'arm64' });\n");
    const env = { LEASEHOLD_ETCD: path, NODE_OPTIONS: `--require=${elsewhere}` };
    const { code, out, err } = await start(OPTIONS, directory, env).ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    const lines = err.trimEnd().split('\n');
    expect(lines.at(-1)).toBe(
      'leasehold: PLATFORM: only Linux on x86-64 can do this, and this is linux on arm64; ' +
        '--target etcd checks on the real clock',
    );
    expect(readdirSync(directory)).toEqual(['elsewhere.cjs']);
  });

  test('an unknown version: what there is, exit code 2', async () => {
    const args = ['check', '--target', 'etcd-virtual', '--etcd', '3.3.1'];
    const { code, out, err } = await leasehold(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(/3\.3\.1.*3\.4\.23, 3\.5\.16, 3\.5\.30.*3\.6\.16, 3\.7\.3/);
    expect(err).toMatch(/LEASEHOLD_ETCD/);
  });

  test('a script instead of an etcd: what would be right, exit code 2', async () => {
    const { path } = await testEtcd();
    const directory = emptyDirectory();
    const script = join(directory, 'etcd');
    writeFileSync(script, `#!/bin/sh\nexec ${path} "$@"\n`, { mode: 0o755 });
    const { code, out, err } = await start(OPTIONS, directory, { LEASEHOLD_ETCD: script }).ended;
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err.trimEnd().split('\n').at(-1)).toBe(
      `leasehold: ${script} is a script: a virtual clock stays with one program; ` +
        'give the program itself, or use --target etcd',
    );
    expect(readdirSync(directory)).toEqual(['etcd']);
  });
});
