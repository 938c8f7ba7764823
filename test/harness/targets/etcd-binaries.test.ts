import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { existsSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { TargetError } from '../../../src/harness/target.ts';
import { resolveEtcd } from '../../../src/harness/targets/etcd-binaries.ts';
import { mirror } from '../../../src/harness/targets/etcd-debian.ts';
import { testEtcd } from './etcd-under-test.ts';

const root = mkdtempSync(path.join(tmpdir(), 'leasehold-test-'));
afterAll(() => rmSync(root, { recursive: true }));

let folder: string;
let lines: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(root, 'case-'));
  lines = [];
});

/** Resolves with nothing but `env`: a home of its own, and on PATH what the test put there. */
const resolve = (env: Record<string, string>, version?: string) =>
  resolveEtcd({
    version,
    env: { HOME: folder, PATH: folder, ...env },
    progress: (line) => lines.push(line),
  });

const errorOf = async (resolving: Promise<unknown>): Promise<string> => {
  const error = await resolving.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(TargetError);
  const { message } = error as TargetError;
  expect(message).not.toContain('\n');
  return message;
};

const program = (name: string, script: string): string => {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
};

const etcd = (name: string, version: string): string =>
  program(name, `echo "etcd Version: ${version}"; echo "Git SHA: none"`);

test('LEASEHOLD_ETCD comes before PATH', async () => {
  const file = etcd('mine/etcd', '3.5.9');
  etcd('etcd', '3.4.1');
  expect(await resolve({ LEASEHOLD_ETCD: file })).toEqual({
    path: file,
    version: '3.5.9',
    how: `etcd 3.5.9 from LEASEHOLD_ETCD (${file})`,
  });
  expect((await resolve({ LEASEHOLD_ETCD: file }, '3.5.9')).path).toBe(file);
});

test('LEASEHOLD_ETCD is refused when it is another version than the one asked for', async () => {
  const file = etcd('mine/etcd', '3.5.9');
  expect(await errorOf(resolve({ LEASEHOLD_ETCD: file }, '3.5.30'))).toBe(
    `LEASEHOLD_ETCD is ${file}: etcd 3.5.9, but 3.5.30 is asked for; unset it or ask for 3.5.9`,
  );
});

test.each([
  ['no file', () => path.join(folder, 'none'), 'no such file'],
  ['a folder', () => folder, 'not an executable file'],
  ['a program that is no etcd', () => program('other', 'echo 1.0'), 'not an etcd'],
  ['a program that fails', () => program('other', 'exit 3'), 'not an etcd'],
  ['an etcd too old', () => etcd('old', '3.3.27'), 'etcd 3.3.27; 3.4 to 3.7 are supported'],
])('LEASEHOLD_ETCD is refused when it is %s', async (_what, make, expected) => {
  const file = make();
  const message = await errorOf(resolve({ LEASEHOLD_ETCD: file }));
  expect(message).toContain(`LEASEHOLD_ETCD is ${file}: ${expected}`);
});

test('LEASEHOLD_ETCD is refused when it is not executable', async () => {
  const file = etcd('etcd-plain', '3.5.30');
  chmodSync(file, 0o644);
  const message = await errorOf(resolve({ LEASEHOLD_ETCD: file }));
  expect(message).toContain('not an executable file');
});

test('an empty LEASEHOLD_ETCD is none', async () => {
  const file = etcd('etcd', '3.6.2');
  const found = await resolve({ LEASEHOLD_ETCD: '' });
  expect(found).toEqual({ path: file, version: '3.6.2', how: `etcd 3.6.2 on PATH (${file})` });
});

test('PATH serves a version asked for only if it has it', async () => {
  const file = etcd('etcd', '3.6.2');
  expect((await resolve({}, '3.6.2')).path).toBe(file);
  expect(await errorOf(resolve({}, '3.6.3'))).toBe(
    'etcd 3.6.3 is not a known version: known are 3.4.23, 3.5.16, 3.5.30, 3.6.16, 3.7.3; ' +
      'for another, set LEASEHOLD_ETCD to its path',
  );
});

test('the cache serves, and says so', async () => {
  // Fetched here if it has not been yet.
  const { path: file } = await testEtcd();
  const cache = path.dirname(path.dirname(path.dirname(file)));
  const found = await resolve({ XDG_CACHE_HOME: cache }, '3.5.30');
  expect(found).toEqual({ path: file, version: '3.5.30', how: expect.any(String) });
  expect(found.how).toMatch(/^etcd 3\.5\.30 from the cache \(.*etcd-3\.5\.30\/etcd\)$/);
  expect((await resolve({ XDG_CACHE_HOME: cache })).version).toBe('3.5.30');
  expect(lines).toEqual([]);
});

test('a damaged binary in the cache is not used', async () => {
  const cached = etcd('.cache/leasehold/etcd-3.5.30/etcd', '3.5.30');
  program('apt-get', 'echo "E: Failed to fetch it" >&2; exit 100');
  const message = await errorOf(resolve({ PATH: `${folder}:/usr/bin:/bin` }, '3.5.30'));
  expect(message).toContain('etcd 3.5.30 cannot be fetched: Failed to fetch it');
  expect(existsSync(cached)).toBe(true);
});

test('a relative XDG_CACHE_HOME is ignored', async () => {
  const message = await errorOf(resolve({ XDG_CACHE_HOME: 'here' }, '3.5.30'));
  expect(message).toContain('there is no apt-get here');
  expect(lines).toEqual(['fetching etcd 3.5.30 (Debian sid) to ~/.cache/leasehold/etcd-3.5.30']);
});

test('a cache that cannot be written is named', async () => {
  writeFileSync(path.join(folder, 'file'), '');
  const message = await errorOf(resolve({ XDG_CACHE_HOME: path.join(folder, 'file') }, '3.5.30'));
  expect(message).toContain(`the cache ${folder}/file/leasehold cannot be used: `);
  expect(message).toContain('set XDG_CACHE_HOME to a writable folder');
});

test('without apt-get the error says what to do, and nothing is left behind', async () => {
  expect(await errorOf(resolve({}))).toBe(
    'etcd 3.5.30 cannot be fetched: there is no apt-get here to fetch it from Debian with; ' +
      'set LEASEHOLD_ETCD to the path of an etcd, or use --etcd 3.5.16',
  );
  expect(readdirSync(path.join(folder, '.cache/leasehold'))).toEqual([]);
});

test('when sid has moved on, the error says so', async () => {
  const gone = "E: Version '3.5.30-2' for 'etcd-server' was not found";
  program('apt-get', `case "$*" in *download*) echo "${gone}" >&2; exit 100;; esac`);
  expect(await errorOf(resolve({ PATH: `${folder}:/usr/bin:/bin` }))).toBe(
    'etcd 3.5.30 cannot be fetched: Debian sid has moved on to another version of it; ' +
      'set LEASEHOLD_ETCD to the path of an etcd, or use --etcd 3.5.16',
  );
});

test('a package that is not the pinned one is refused before it is unpacked', async () => {
  const script =
    'case "$*" in *download*) for p in server client; do echo x >etcd-${p}_1.deb; done;; esac';
  program('apt-get', script);
  const message = await errorOf(resolve({ PATH: `${folder}:/usr/bin:/bin` }));
  expect(message).toContain('etcd-server_1.deb has the SHA-256 73cb3858a687a8494ca3323053016282');
});

test('what killed fetches left is removed, once it is old', async () => {
  const cache = path.join(folder, '.cache/leasehold');
  for (const name of ['.fetching-old', '.fetching-new', 'other']) {
    mkdirSync(path.join(cache, name), { recursive: true });
  }
  utimesSync(path.join(cache, '.fetching-old'), 0, 0);
  await errorOf(resolve({}));
  expect(readdirSync(cache).sort()).toEqual(['.fetching-new', 'other']);
});

test('the mirror is the one of the machine', () => {
  const write = (name: string, text: string) => {
    mkdirSync(path.join(folder, 'sources.list.d'), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  };
  expect(mirror({}, folder)).toBeUndefined();
  write('sources.list.d/off.list.disabled', 'deb http://off.example/debian sid main\n');
  write('sources.list', '# deb http://off.example/debian sid main\n');
  write('sources.list.d/a.list', 'deb http://other.example/ubuntu noble main\n');
  expect(mirror({}, folder)).toBeUndefined();
  const uris = 'URIs: http://near.example/debian-security http://near.example/debian/\n';
  write('sources.list.d/b.sources', `Types: deb\n${uris}Suites: sid\n`);
  expect(mirror({}, folder)).toBe('http://near.example/debian/');
  write('sources.list', 'deb [arch=amd64] https://first.example/debian sid main\n');
  expect(mirror({}, folder)).toBe('https://first.example/debian');
  write('sources.list', 'deb mirror+file:///etc/apt/mirrors/debian.list sid main\n');
  expect(mirror({}, folder)).toBe('mirror+file:///etc/apt/mirrors/debian.list');
  const named = { LEASEHOLD_DEBIAN_MIRROR: 'http://mine.example/debian' };
  expect(mirror(named, folder)).toBe('http://mine.example/debian');
});
