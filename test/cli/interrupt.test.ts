/** Ctrl-C, and errors of our own: what a command says when it cannot go on. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { testEtcd } from '../harness/targets/etcd-under-test.ts';
import { expectStopped, interrupted } from './interrupted.ts';
import { emptyDirectory, start } from './leasehold.ts';
import { sabotage } from './sabotage.ts';

/** Each lease lives too long, and each grant takes its time. */
const GENEROUS = `const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (id, ttl, now) {
  for (const end = performance.now() + 0.7; performance.now() < end; );
  grant.call(this, id, ttl + 1, now);
};`;

/** From its second server on, a thread is busy for as long as a grant takes. */
const STUCK = `let first;
const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (...args) {
  first ??= this;
  for (const end = performance.now() + 20_000; this !== first && performance.now() < end; );
  grant.apply(this, args);
};`;

const SEED = ['--json', '--seed', '3'];

const NOTHING_TO_SAY = 'leasehold: stopped before there was anything to say\n';

/** On a machine that is busy with other tests a second may pass before anybody gets to run. */
const PATIENT = { retry: 2 };

describe('Ctrl-C ends it within a second, with what was found so far, exit code 3', PATIENT, () => {
  test.each([
    ['check', 'SIGINT', []],
    ['check', 'SIGTERM', []],
    ['check', 'SIGHUP', []],
    ['check --jobs 2', 'SIGINT', ['--jobs', '2']],
    ['check of long schedules', 'SIGINT', ['--commands', '10000']],
    ['check of long schedules --jobs 2', 'SIGINT', ['--commands', '10000', '--jobs', '2']],
    ['check of long schedules on the wire', 'SIGINT', ['--commands', '10000', '--target', 'wire']],
    ['check of long schedules on both', 'SIGINT', ['--commands', '10000', '--against', 'wire']],
  ] as const)('%s, %s', async (_name, signal, options) => {
    const args = ['check', '--runs', '1000000', ...SEED, ...options];
    const ended = await interrupted(args, null, { signal });
    const report = expectStopped(ended);
    expect(report).toMatchObject({ seed: '3' });
    expect(readdirSync(ended.directory)).toEqual([]);
  });

  test('check --jobs 2 while no thread answers: what they have done counts', async () => {
    const options = ['--runs', '1000', '--commands', '1600', '--jobs', '2', ...SEED];
    const place = { ...sabotage(STUCK), later: 2000 };
    const ended = await interrupted(['check', ...options], null, place);
    expect(expectStopped(ended)).toMatchObject({ seed: '3', runs: 2 });
  });

  test('as text: the summary so far, with the seed and the command that repeats it', async () => {
    const { code, out } = await interrupted(
      ['check', '--runs', '1000000', '--seed', '3'],
      /seed 3/,
    );
    expect(code).toBe(3);
    expect(out).toMatch(/^schedules +[\d,]+ of 1,000,000$/m);
    expect(out).toMatch(/^verdict +inconclusive: stopped/m);
    expect(out).toMatch(/^again +npx leasehold check --runs 1000000 .*--seed 3$/m);
  });

  test('check --target etcd-virtual, from its start on', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    for (const later of [0, 300, 3000]) {
      const args = ['check', '--target', 'etcd-virtual', '--runs', '10000', ...SEED];
      const ended = await interrupted(args, /LEASEHOLD_ETCD/, { env, later });
      expect(expectStopped(ended)).toMatchObject({ seed: '3' });
    }
  });

  test('check --target etcd while it starts', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    const args = ['check', '--target', 'etcd', ...SEED];
    const ended = await interrupted(args, /LEASEHOLD_ETCD/, { env, later: 50 });
    expect(expectStopped(ended)).toMatchObject({ seed: '3', runs: 0 });
  });

  test('check --target etcd while its first schedules begin', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    const args = ['check', '--target', 'etcd', ...SEED];
    const ended = await interrupted(args, /side by side/, { env, later: 0 });
    expect(expectStopped(ended)).toMatchObject({ seed: '3', runs: 0 });
  });

  test('check --target etcd while its schedules are generated', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    const args = ['check', '--target', 'etcd', '--commands', '10000', ...SEED];
    const ended = await interrupted(args, /side by side/, { env, later: 1000 });
    expect(expectStopped(ended)).toMatchObject({ seed: '3', runs: 0 });
    expect(readdirSync(ended.directory)).toEqual([]);
  });

  test('conform --target etcd while it starts', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    const args = ['conform', '--target', 'etcd'];
    const { code, err, took } = await interrupted(args, /LEASEHOLD_ETCD/, { env, later: 50 });
    expect({ code, isQuick: took < 1000 }).toEqual({ code: 3, isQuick: true });
    expect(err).toContain(NOTHING_TO_SAY);
  });

  test('conform on a server that comes up all the same: no scorecard of nothing', async () => {
    const place = sabotage(`const { once } = process;
process.once = (event, listener) => {
  once.call(process, event, listener);
  if (event === 'SIGINT') process.emit(event);
  return process;
};`);
    const { ended } = start(['conform', '--target', 'simulator'], place.directory, place.env);
    expect(await ended).toMatchObject({ code: 3, out: '', err: NOTHING_TO_SAY });
  });

  test('as text: what there is, and no figures of nothing', async () => {
    const { path } = await testEtcd();
    const env = { LEASEHOLD_ETCD: path };
    const args = ['check', '--target', 'etcd', '--seed', '3'];
    const { code, out } = await interrupted(args, /LEASEHOLD_ETCD/, { env, later: 50 });
    expect(code).toBe(3);
    const rows = out
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/));
    expect(rows).toEqual([
      ['target', 'etcd'],
      ['seed', '3'],
      ['schedules', '0 of 100'],
      ['verdict', expect.stringMatching(/^inconclusive: stopped/)],
      ['again', expect.stringMatching(/^npx leasehold check --target etcd .*--seed 3$/)],
    ]);
  });

  test('check --target etcd while it is fetched; nothing half-fetched is left', async () => {
    const cache = emptyDirectory();
    // A mirror that never answers.
    const env = {
      XDG_CACHE_HOME: cache,
      LEASEHOLD_DEBIAN_MIRROR: 'http://192.0.2.1/debian',
      PATH: '/usr/bin:/bin',
      LEASEHOLD_ETCD: '',
    };
    const args = ['check', '--target', 'etcd', ...SEED];
    expectStopped(await interrupted(args, /fetching/, { env, later: 300 }));
    expect(readdirSync(join(cache, 'leasehold'))).toEqual([]);
  });

  test.each([[], ['--jobs', '2']])('fuzz %s', async (...jobs) => {
    const args = ['fuzz', 'reference', '--runs', '100000', ...SEED, ...jobs];
    const ended = await interrupted(args, null);
    expect(expectStopped(ended)).toMatchObject({ seed: '3', findings: [] });
    expect(readdirSync(ended.directory)).toEqual([]);
  });

  test('replay of a long schedule', async () => {
    const directory = emptyDirectory();
    const lines = Array.from({ length: 30_000 }, () => 'at +1h c1 grant A ttl=5');
    writeFileSync(join(directory, 'long'), `leasehold schedule 1\n${lines.join('\n')}\n`);
    expectStopped(await interrupted(['replay', 'long', '--json'], null, { directory }));
  });
});

describe('Ctrl-C while a schedule is made smaller: the smallest so far is saved', PATIENT, () => {
  test.each([
    ['SIGINT', 1],
    // As when a terminal is closed: by the kernel, and by the shell.
    ['SIGHUP', 2],
  ] as const)('check, then shrink, by %s', async (signal, times) => {
    const place = { ...sabotage(GENEROUS), signal, times };
    // Of a seed whose history is not so long that to write it down takes most of the second.
    const args = ['check', '--runs', '9', '--commands', '5000', '--json', '--seed', '12'];
    const ended = await interrupted(args, /making it smaller/, { ...place, later: 100 });
    expect({ code: ended.code, isQuick: ended.took < 1000 }).toEqual({ code: 3, isQuick: true });
    const { counterexample, ...report } = JSON.parse(ended.out) as Record<string, string>;
    expect(report).toMatchObject({ verdict: 'violation', seed: '12' });
    const file = counterexample as string;
    const saved = readFileSync(join(place.directory, file), 'utf8');
    expect(JSON.parse(saved)).toMatchObject({ shrink: { complete: false } });
    const again = await interrupted(['shrink', file, '--json'], /smaller/, { ...place, later: 0 });
    expect({ code: again.code, isQuick: again.took < 1000 }).toEqual({ code: 3, isQuick: true });
    expect(JSON.parse(again.out)).toMatchObject({ command: 'shrink', complete: false });
  });
});

describe('what is thrown in a run is a bug of ours, exit code 4, with the seed', () => {
  const throws = `let left = 500;
const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (...args) {
  left -= 1;
  if (left < 0) throw new Error('planted');
  grant.apply(this, args);
};`;

  test.each([[[]], [['--jobs', '2']]])('%j', async (options) => {
    const { directory, env } = sabotage(throws);
    const args = ['check', '--seed', '3', '--runs', '400', ...options];
    const { code, out, err } = await start(args, directory, env).ended;
    expect({ code, out }).toEqual({ code: 4, out: '' });
    expect(err).toMatch(/^again: npx leasehold check --runs 400 .* --seed 3$/m);
    expect(err).toMatch(
      /^leasehold: a bug of leasehold itself \(unexpected error in seed 3, schedule \d+\)/m,
    );
    expect(err).toMatch(/^Error: planted\n +at /m);
    expect(readdirSync(directory)).toEqual(['patch.mjs']);
  });

  test('a broken invariant is called one', async () => {
    const { directory, env } = sabotage(`const { renew } = Lessor.prototype;
Lessor.prototype.renew = function (slot) { renew.call(this, slot, 1e12); };`);
    for (const options of [[], ['--jobs', '2']]) {
      const args = ['check', '--seed', '3', '--runs', '400', ...options];
      const { code, err } = await start(args, directory, env).ended;
      expect(code).toBe(4);
      expect(err).toMatch(/\(broken invariant in seed 3, schedule \d+\)/);
    }
  });
});
