/** Commands that are printed can be pasted into a shell, whatever they hold. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { command, shellWord } from '../../src/cli/shell.ts';
import { replayCommand } from '../../src/cli/story.ts';
import { emptyDirectory, leasehold, start } from './leasehold.ts';
import { sabotage } from './sabotage.ts';

const WORDS = [
  'leasehold-out/counterexample-1-0.json',
  'ünï 空/a b',
  "it's",
  "''",
  '',
  '$HOME',
  '`id`',
  '~',
  '*',
  'a\nb',
  'a"b\\c',
  '#',
  'a;b&c|d>e<f',
  '=ls',
  '{a,b}',
  '[::1]:2379',
  'http://127.0.0.1:1,http://127.0.0.1:2',
  '!x',
];

const asShellReads = (line: string): string[] => {
  const { stdout } = spawnSync('/bin/sh', ['-c', `npx() { printf '%s\\0' "$@"; }; ${line}`]);
  return stdout.toString().split('\0').slice(0, -1);
};

test('a shell reads each word as it was', () => {
  expect(asShellReads(command(...WORDS))).toEqual(['leasehold', ...WORDS]);
  const replay = replayCommand('a b', ['./my client', "it's"]);
  expect(asShellReads(replay)).toEqual(['leasehold', 'replay', 'a b', '--', './my client', "it's"]);
});

test('what needs no quotes has none', () => {
  for (const word of ['etcd-virtual', '1/4', 'a:PASSWORD', 'über/空.json', 'x=1']) {
    expect(shellWord(word)).toBe(word);
  }
});

test('check in a strange directory, and what it prints', { timeout: 60_000 }, async () => {
  const { directory, env } = sabotage(`const { grant } = Lessor.prototype;
Lessor.prototype.grant = function (id, ttl, now) { grant.call(this, id, ttl + 1, now); };`);
  const out = "ünï 空/a b's";
  const args = ['check', '--runs', '20', '--seed', '3', '--out', out];
  const found = await start(args, directory, env).ended;
  expect(found.code).toBe(1);
  const [, replay = ''] = /^(npx .*)$/m.exec(found.out) ?? [];
  const [, again = ''] = /^again +(npx .*)$/m.exec(found.out) ?? [];
  expect(asShellReads(again).slice(-2)).toEqual(['--out', out]);
  const [name, ...words] = asShellReads(replay);
  expect([name, ...words]).toEqual(['leasehold', 'replay', expect.stringContaining(`${out}/`)]);
  expect(await start(words, directory, env).ended).toMatchObject({ code: 1 });
});

test('check of a schedule names the command to use, with its file in quotes', async () => {
  const directory = emptyDirectory();
  const file = 'un í—名 x.leasehold';
  writeFileSync(join(directory, file), 'leasehold schedule 1\nat 0 c1 leases\n');
  const { err } = await leasehold(['check', file], directory);
  expect(err.trimEnd().endsWith(`: npx leasehold replay '${file}'`)).toBe(true);
});
