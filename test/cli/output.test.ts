/** What becomes of results that nobody can read, and of data that has no place. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { emptyDirectory, MAIN, start } from './leasehold.ts';

const NODE = process.execPath;
const CHECK = ['check', '--runs', '3', '--seed', '3'];

/** Takes nothing, ever. */
const intoFull = (args: readonly string[], which: 'stdout' | 'stderr') => {
  const full = openSync('/dev/full', 'w');
  const stdio = which === 'stdout' ? (['ignore', full, 'pipe'] as const) : undefined;
  const others = ['ignore', 'pipe', full] as const;
  const options = { cwd: emptyDirectory(), encoding: 'utf8', timeout: 20_000 } as const;
  const ended = spawnSync(NODE, [MAIN, ...args], { ...options, stdio: [...(stdio ?? others)] });
  closeSync(full);
  return ended;
};

describe('a stdout that takes nothing', () => {
  const line = 'leasehold: cannot write to stdout: no space left on device';

  test.each([[[...CHECK]], [[...CHECK, '--json']], [['--help']], [['conform', '--rule', 'KA-01']]])(
    '%j: one line, exit code 2',
    (args) => {
      const { status, stderr } = intoFull(args, 'stdout');
      const lines = stderr.trimEnd().split('\n');
      expect(status).toBe(2);
      expect(lines.at(-1)).toBe(line);
      expect(stderr).not.toContain(' at ');
    },
  );

  test('serve: it ends, as nobody was told where it is', () => {
    const { status, stderr } = intoFull(['serve', '--listen', '127.0.0.1:0'], 'stdout');
    expect({ status, stderr }).toEqual({ status: 2, stderr: `${line}\n` });
  });
});

test('a stderr that takes nothing changes nothing', () => {
  const { status, stdout } = intoFull(CHECK, 'stderr');
  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^verdict/m),
  });
});

test('a reader who goes away changes no exit code, and hears nothing of it', async () => {
  const { child, ended } = start([...CHECK]);
  child.stdout?.destroy();
  const { code, err } = await ended;
  expect({ code, err }).toEqual({ code: 0, err: 'seed 3\n' });
});

test.each(['etcd', 'etcd-virtual'])('a TMPDIR that is not there, for %s', async (target) => {
  const { path } = await testEtcd();
  const env = { LEASEHOLD_ETCD: path, TMPDIR: '/nonexistent' };
  const args = ['check', '--target', target, '--runs', '1'];
  const { code, out, err } = await start(args, emptyDirectory(), env).ended;
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(
    /^leasehold: etcd's data cannot go to \/nonexistent: .*; set TMPDIR to .*\n$/m,
  );
});
