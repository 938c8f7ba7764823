/** `check` against real etcds, as a user runs it: in processes of their own. */
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testEtcd, until } from '../harness/targets/etcd-under-test.ts';
import { emptyDirectory, leasehold, start, type Started } from '../cli/leasehold.ts';

interface Running extends Started {
  readonly etcd: number;
}

/** Starts a check whose etcd tells its process id, and waits until requests are under way. */
const startCheck = async (...args: string[]): Promise<Running> => {
  const { path } = await testEtcd();
  const directory = emptyDirectory();
  const wrapper = join(directory, 'etcd');
  const pidFile = join(directory, 'pid');
  writeFileSync(
    wrapper,
    `#!/bin/sh\n[ "$1" = --version ] || echo $$ > ${pidFile}\nexec ${path} "$@"\n`,
  );
  chmodSync(wrapper, 0o755);
  const options = ['check', '--target', ...args, '--json', '--seed', '4'];
  const started = start(options, directory, { LEASEHOLD_ETCD: wrapper });
  await until(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', 20_000);
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return { ...started, etcd: Number(readFileSync(pidFile, 'utf8')) };
};

const isRunning = (pid: number): boolean => existsSync(`/proc/${pid}`);

describe.concurrent('check --target etcd', { timeout: 120_000 }, () => {
  test.each(['3.5.30', '3.4.23'])('random schedules on etcd %s are conformant', async (version) => {
    await testEtcd(version);
    const options = ['--target', 'etcd', '--etcd', version, '--runs', '40', '--json'];
    const { code, out, err } = await leasehold(['check', ...options]);
    const { violation, why, ...report } = JSON.parse(out) as Record<string, unknown>;
    expect({ code, violation, why }, err).toEqual({ code: 0 });
    expect(report).toMatchObject({
      target: { name: 'etcd', version },
      verdict: 'conformant',
      runs: 40,
      virtualSeconds: null,
      traceHash: null,
    });
  });

  test('it dies in mid-run: the history is saved, exit code 3', async () => {
    const { ended, etcd, directory } = await startCheck('etcd', '--runs', '10');
    process.kill(etcd, 'SIGKILL');
    const { code, out } = await ended;
    expect(code).toBe(3);
    const report = JSON.parse(out) as { verdict: string; why: string; history: string };
    expect(report.verdict).toBe('inconclusive');
    const saved = readFileSync(join(directory, report.history), 'utf8');
    expect(saved.split('\n')[0]).toContain('leasehold-history/1');
    const judged = await leasehold(['check', report.history], directory);
    expect(judged).toMatchObject({ code: 3 });
  });

  test('Ctrl-C ends it soon, and the etcd with it', async () => {
    const { child, ended, etcd, directory } = await startCheck('etcd', '--runs', '10');
    const asked = performance.now();
    child.kill('SIGINT');
    const { code, out } = await ended;
    expect(performance.now() - asked).toBeLessThan(5000);
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ verdict: 'inconclusive', seed: '4' });
    await until(() => !isRunning(etcd));
    expect(readdirSync(directory).toSorted()).toEqual(['etcd', 'leasehold-out', 'pid']);
  });
});
