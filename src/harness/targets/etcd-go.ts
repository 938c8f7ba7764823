/**
 * Builds an etcd with this machine's Go from the module that etcd publishes. What is compiled is
 * pinned to the last byte: our table holds the sums of etcd's own modules, and the `go.sum` that is
 * in one of them those of all others, so that Go need not ask anybody else. What comes out depends
 * on the Go that built it; its own sum is kept beside it.
 */
import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TargetError } from '../target.ts';
import type { GoRelease } from './etcd-modules.ts';
import { type Environment, isExecutable, type Origin, sha256Of } from './etcd-origin.ts';
import { RELEASES } from './etcd-releases.ts';

/** A release that Go builds. */
export const fromGo = (release: GoRelease): Origin => ({
  making: `building etcd ${release.version} with Go, which takes a minute or two,`,
  made: `built etcd ${release.version}`,
  how: 'built with Go',
  isSound,
  make: (directory, env, signal) => build(release, directory, env, signal),
});

/** The sum of the program beside it, in the form of sha256sum. */
const SUM = 'etcd.sha256';

const isSound = async (folder: string): Promise<boolean> => {
  const program = path.join(folder, 'etcd');
  if (!isExecutable(program)) return false;
  const kept = await readFile(path.join(folder, SUM), 'utf8').catch(() => '');
  return kept === sumLine(await sha256Of(program));
};

const sumLine = (sum: string): string => `${sum}  etcd\n`;

const REPOSITORY = 'go.etcd.io/etcd';
const SERVER = `${REPOSITORY}/server/v3`;

/** `go install` refuses, because etcd's modules name their siblings by folder. */
const MAIN = `package main

import (
	"os"

	"${SERVER}/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
`;

const build = async (
  release: GoRelease,
  directory: string,
  env: Environment,
  signal?: AbortSignal,
): Promise<string> => {
  const source = path.join(directory, 'source');
  const programs = path.join(directory, 'programs');
  await Promise.all([mkdir(source), mkdir(programs)]);
  const { version } = release;
  const goMod = ['module leasehold', `go ${release.go}`, `require ${SERVER} v${version}`];
  await writeFile(path.join(source, 'main.go'), MAIN);
  await writeFile(path.join(source, 'go.mod'), `${goMod.join('\n\n')}\n`);
  await writeFile(path.join(source, 'go.sum'), sumsOf(release));
  const go = (...args: string[]) => run(release, args, { cwd: source, env, signal });
  // In the module's folder: there Go may choose a newer tool chain by itself.
  expectGo(release, (await go('env', 'GOVERSION')).trim());
  const folder = downloaded(release, await go('mod', 'download', '-json', `${SERVER}@v${version}`));
  const known = await readFile(path.join(folder, 'go.sum'), 'utf8');
  await writeFile(path.join(source, 'go.sum'), known + sumsOf(release));
  const program = path.join(programs, 'etcd');
  await go('build', '-trimpath', '-mod=mod', '-ldflags=-s -w', '-o', program, '.');
  if (!isExecutable(program)) throw cannotBuild(release, 'go left no program');
  await writeFile(path.join(programs, SUM), sumLine(await sha256Of(program)));
  return programs;
};

/** What `go.sum` says of etcd's own modules. */
const sumsOf = ({ version, sums }: GoRelease): string =>
  Object.entries(sums)
    .map(([module, [whole, goMod]]) => {
      const named = `${REPOSITORY}/${module} v${version}`;
      return `${named} h1:${whole}\n${named}/go.mod h1:${goMod}\n`;
    })
    .join('');

/** The folder of etcd's server module, once Go has it and it is the pinned one. */
const downloaded = (release: GoRelease, answer: string): string => {
  const { Dir = '', Sum = 'none' } = parsed(answer);
  const pinned = `h1:${release.sums['server/v3'][0]}`;
  if (Sum !== pinned) throw cannotBuild(release, `its module has the sum ${Sum}, not ${pinned}`);
  return Dir;
};

const expectGo = (release: GoRelease, found: string): void => {
  const [major, minor] = numbersOf(found);
  const [wantedMajor, wantedMinor] = numbersOf(release.go);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw cannotBuild(release, `it needs Go ${oldest(release)} or later, not ${found}`);
};

/** «1.26» */
const oldest = ({ go }: GoRelease): string => numbersOf(go).join('.');

/** The first two numbers of `go1.26.8` or `1.26.0`; without any, the oldest Go there is. */
const numbersOf = (version: string): readonly [number, number] => {
  const [, major = 0, minor = 0] = /^(?:go)?(\d+)\.(\d+)/.exec(version) ?? [];
  return [Number(major), Number(minor)];
};

interface Place {
  readonly cwd: string;
  readonly env: Environment;
  readonly signal: AbortSignal | undefined;
}

const run = (release: GoRelease, args: string[], { env, ...place }: Place): Promise<string> =>
  new Promise((resolve, reject) => {
    const own = { CGO_ENABLED: '0', GOWORK: 'off', LC_ALL: 'C' };
    const limits = { maxBuffer: 2 ** 24, timeout: 1_800_000 };
    execFile('go', args, { ...place, ...limits, env: { ...env, ...own } }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(failure(release, error, out, err));
    });
  });

const failure = (release: GoRelease, error: Error, stdout: string, stderr: string): TargetError => {
  if ('code' in error && error.code === 'ENOENT') {
    return cannotBuild(release, `there is no go here; it needs Go ${oldest(release)} or later`);
  }
  const line = parsed(stdout).Error ?? stderr.split('\n').find((one) => !NO_ERROR.test(one));
  const [why = ''] = (line ?? error.message).split('\n');
  return cannotBuild(release, why.replace(/^go: /, ''));
};

/** Lines on stderr that say nothing of what went wrong. */
const NO_ERROR = /^(?:go: (?:downloading|finding) |\s*$)/;

interface Download {
  readonly Dir?: string;
  readonly Sum?: string;
  readonly Error?: string;
}

/** What `go mod download -json` says; nothing of other output. */
const parsed = (stdout: string): Download => {
  try {
    return JSON.parse(stdout) as Download;
  } catch {
    return {};
  }
};

/** One line: what went wrong, and what to do instead. */
const cannotBuild = ({ version }: GoRelease, why: string): TargetError => {
  const fetched = RELEASES.map((one) => one.version).join(', ');
  const otherwise = `set LEASEHOLD_ETCD to the path of an etcd, or use one of ${fetched}`;
  return new TargetError(`etcd ${version} cannot be built: ${why}; ${otherwise}`);
};
