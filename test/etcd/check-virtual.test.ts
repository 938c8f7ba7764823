/** `check` on the virtual clock, when things go wrong: as a user runs it. */
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { onVirtualClock } from './virtual-clock-at-hand.ts';
import { emptyDirectory, leasehold, start, type Started } from '../cli/leasehold.ts';

/** One schedule that takes many seconds, so that it is under way whatever happens to its server. */
const LONG = ['--runs', '1', '--commands', '4000', '--seed', '4'];
const OPTIONS = ['check', '--target', 'etcd-virtual', ...LONG, '--json'];

interface Running extends Started {
  readonly etcd: number;
  /** Those of other threads, and the one that stands by. */
  readonly others: readonly number[];
}

/** Starts a check and waits until schedules are under way. */
const startCheck = async (jobs = 1): Promise<Running> => {
  const { path } = await testEtcd();
  const args = jobs === 1 ? OPTIONS : [...OPTIONS, '--runs', '9', '--jobs', String(jobs)];
  const started = start(args, emptyDirectory(), { LEASEHOLD_ETCD: path });
  const etcds = (): number[] => childrenOf(started.child.pid ?? -1, path);
  let log = '';
  started.child.stderr?.on('data', (text: Buffer) => {
    log += text.toString();
  });
  // So long a schedule runs on a thread; the main thread has an etcd, too, which stands by.
  await until(() => etcds().length === jobs + 1 && log.includes('from LEASEHOLD_ETCD'), 60_000);
  const etcd = await busy(etcds);
  return { ...started, etcd, others: etcds().filter((pid) => pid !== etcd) };
};

/**
 * Waits until schedules run: an etcd that is being elected, or waits until one has been made, is no
 * run yet. In a run it writes again and again. (One that came too far before it got its clock is
 * started again.)
 */
const busy = async (etcds: () => readonly number[]): Promise<number> => {
  const seen = new Map<number, { readonly io: string; readonly looks: number }>();
  for (;;) {
    await sleep(100);
    for (const etcd of etcds()) {
      const io = existsSync(`/proc/${etcd}/io`) ? readFileSync(`/proc/${etcd}/io`, 'latin1') : '';
      const last = seen.get(etcd);
      const looks = last === undefined || last.io === io || io === '' ? 0 : last.looks + 1;
      if (looks === LOOKS) return etcd;
      seen.set(etcd, { io, looks });
    }
  }
};

const LOOKS = 15;

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
  const report = JSON.parse(out) as { verdict: string; why: string; history: string };
  expect(report.verdict).toBe('inconclusive');
  expect(report.why).toMatch(says);
  expect(existsSync(`/proc/${etcd}`)).toBe(false);
  const saved = readFileSync(join(directory, report.history), 'utf8').trimEnd().split('\n');
  expect(saved[0]).toContain('leasehold-history/1');
  expect(saved.some((line) => /"kind":"lost"|"kind":"unknown"/.test(line))).toBe(true);
  const judged = await leasehold(['check', report.history], directory);
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

  test.each([1, 2])('Ctrl-C ends it, and the etcds of %d threads with it', async (jobs) => {
    const { child, ended, etcd, others } = await startCheck(jobs);
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive', seed: '4' });
    expect(others).toHaveLength(jobs);
    await until(() => [etcd, ...others].every((pid) => !existsSync(`/proc/${pid}`)));
  });

  test('one thread and two come to the same', async () => {
    const { path } = await testEtcd();
    const hash = async (jobs: string): Promise<unknown> => {
      const args = ['check', '--target', 'etcd-virtual', '--runs', '9', '--seed', '6', '--json'];
      const env = { LEASEHOLD_ETCD: path };
      const { out } = await start([...args, '--jobs', jobs], emptyDirectory(), env).ended;
      return (JSON.parse(out) as { traceHash: unknown }).traceHash;
    };
    expect(await hash('2')).toEqual(await hash('1'));
  });

  test('SIGKILL of the check takes the etcd along', async () => {
    const { child, etcd, others } = await startCheck();
    child.kill('SIGKILL');
    await until(() => [etcd, ...others].every((pid) => !existsSync(`/proc/${pid}`)), 10_000);
  });
});

onVirtualClock('check --target etcd-virtual that cannot be', () => {
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
