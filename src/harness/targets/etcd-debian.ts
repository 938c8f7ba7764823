/**
 * Fetches etcd from a Debian mirror through apt, without root and without a trace in the system's
 * own apt: lists, cache and sources are private to the fetch. What comes is checked against our
 * own sums.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { TargetError } from '../target.ts';
import { type Environment, isExecutable, type Origin, sha256Of } from './etcd-origin.ts';
import {
  type Architecture,
  architecture,
  type PackageFile,
  RELEASES,
  type Release,
} from './etcd-releases.ts';

/** A release that Debian carries. */
export const fromDebian = (release: Release): Origin => ({
  making: `fetching etcd ${release.version} (Debian ${release.suite})`,
  made: `fetched etcd ${release.version}`,
  how: `fetched from Debian ${release.suite}`,
  isSound: (folder) => isSound(release, folder),
  make: (directory, env) => fetchRelease(release, ownArchitecture(release), directory, env),
});

/**
 * True when the folder holds what the release is pinned to. A full check: 40 ms for what a whole
 * run rests on.
 */
const isSound = async (release: Release, folder: string): Promise<boolean> => {
  for (const { program, programSha256 } of release.files[ownArchitecture(release)]) {
    const file = path.join(folder, program);
    if (!isExecutable(file) || (await sha256Of(file)) !== programSha256) return false;
  }
  return true;
};

const ownArchitecture = (release: Release): Architecture => {
  const here = architecture();
  if (here !== undefined) return here;
  throw cannotFetch(release.version, `no binary of it is pinned for ${process.arch}`);
};

/**
 * Leaves the release's programs in the folder `programs` of `directory`, which exists and is
 * empty, and gives that folder's path.
 *
 * Throws `TargetError` when they cannot be had, or are not what they were when they were pinned.
 */
const fetchRelease = async (
  release: Release,
  architecture: Architecture,
  directory: string,
  env: Environment,
): Promise<string> => {
  const packages = path.join(directory, 'packages');
  const programs = path.join(directory, 'programs');
  await Promise.all([mkdir(packages), mkdir(programs)]);
  const options = await privateApt(release, architecture, directory, env);
  const apt = (args: string[]) =>
    run('apt-get', [...options, ...args], packages, env, release.version);
  const files = release.files[architecture];
  await apt(['update']);
  await apt(['download', ...files.map((file) => `${file.package}=${release.packageVersion}`)]);
  for (const file of files) {
    const name = (await readdir(packages)).find((entry) => entry.startsWith(`${file.package}_`));
    if (name === undefined) throw cannotFetch(release.version, `apt-get left no ${file.package}`);
    await extract(file, path.join(packages, name), { release, directory, programs, env });
  }
  return programs;
};

interface Extraction {
  readonly release: Release;
  readonly directory: string;
  readonly programs: string;
  readonly env: Environment;
}

const extract = async (file: PackageFile, from: string, to: Extraction): Promise<void> => {
  const { release, directory, programs, env } = to;
  await expectSum(release, from, file.packageSha256);
  const tree = path.join(directory, file.package);
  await run('dpkg-deb', ['-x', from, tree], directory, env, release.version);
  const program = path.join(tree, 'usr', 'bin', file.program);
  await expectSum(release, program, file.programSha256);
  await rename(program, path.join(programs, file.program));
};

const expectSum = async (release: Release, file: string, expected: string): Promise<void> => {
  const found = await sha256Of(file);
  if (found === expected) return;
  const name = path.basename(file);
  throw cannotFetch(release.version, `${name} has the SHA-256 ${found}, not ${expected}`);
};

/**
 * Options that keep apt away from the system's state. Proxies and the like still come from the
 * system's settings.
 */
export const privateApt = async (
  release: Pick<Release, 'suite' | 'version'>,
  architecture: Architecture,
  directory: string,
  env: Environment,
): Promise<string[]> => {
  const at = (name: string) => path.join(directory, 'apt', name);
  const folders = ['state/lists/partial', 'cache/archives/partial', 'none'];
  for (const folder of folders) await mkdir(at(folder), { recursive: true });
  await writeFile(at('status'), '');
  await writeFile(at('sources.list'), sourceLine(release, architecture, env));
  const settings = {
    'Dir::State': at('state'),
    'Dir::State::status': at('status'),
    'Dir::Cache': at('cache'),
    'Dir::Etc::sourcelist': at('sources.list'),
    'Dir::Etc::sourceparts': at('none'),
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': at('none'),
    'APT::Architecture': architecture,
    'APT::Architectures': architecture,
    // Root's apt would otherwise download as another user, who cannot write here.
    'APT::Sandbox::User': 'root',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '2',
    'Acquire::http::Timeout': '30',
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
};

const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

const sourceLine = (
  { suite, version }: Pick<Release, 'suite' | 'version'>,
  architecture: Architecture,
  env: Environment,
): string => {
  const from = mirror(env, '/etc/apt');
  if (from === undefined) {
    const otherwise = 'set LEASEHOLD_DEBIAN_MIRROR to the URL of one';
    throw cannotFetch(version, `the apt of this machine knows no Debian mirror: ${otherwise}`);
  }
  // Ubuntu and others come without Debian's keys. The packages need no signature: each is compared
  // with a SHA-256 of ours before it is unpacked, which says more than a key does.
  const trust = existsSync(KEYRING) ? `signed-by=${KEYRING}` : 'trusted=yes';
  const options = `${trust} target=Packages arch=${architecture}`;
  return `deb [${options}] ${from} ${suite} main\n`;
};

/**
 * The Debian mirror that the user names, or that this machine's own apt uses; undefined when it
 * uses none, as on Ubuntu.
 */
export const mirror = (env: Environment, etcApt: string): string | undefined => {
  const named = env['LEASEHOLD_DEBIAN_MIRROR'];
  if (named !== undefined && named !== '') return named;
  const parts = path.join(etcApt, 'sources.list.d');
  const inParts = existsSync(parts) ? readdirSync(parts).sort() : [];
  const files = inParts
    .filter((name) => name.endsWith('.list') || name.endsWith('.sources'))
    .map((name) => path.join(parts, name));
  for (const file of [path.join(etcApt, 'sources.list'), ...files]) {
    const uri = existsSync(file) ? debianUri(readFileSync(file, 'utf8')) : undefined;
    if (uri !== undefined) return uri;
  }
  return undefined;
};

/** The first address of an archive named `debian` in a list of sources of either format. */
const debianUri = (sources: string): string | undefined =>
  sources
    .split('\n')
    .filter((line) => /^(deb\s|URIs:)/i.test(line))
    .flatMap((line) => line.split(/\s+/))
    .find((word) => /^(?:https?|mirror\+file):\/\/\S*\/debian(?:\.list|\/)?$/.test(word));

const run = (
  command: string,
  args: string[],
  cwd: string,
  env: Environment,
  version: string,
): Promise<void> =>
  new Promise((resolve, reject) => {
    // LC_ALL: the messages are matched below.
    const options = { cwd, env: { ...env, LC_ALL: 'C' }, maxBuffer: 2 ** 24, timeout: 600_000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      if (error === null) resolve();
      else reject(failure(command, error, `${stdout}\n${stderr}`, version));
    });
  });

const failure = (command: string, error: Error, output: string, version: string): TargetError => {
  if ('code' in error && error.code === 'ENOENT') {
    return cannotFetch(version, `there is no ${command} here to fetch it from Debian with`);
  }
  const release = RELEASES.find((one) => one.version === version);
  if (/^E: (Version .* was not found|Unable to locate package)/m.test(output)) {
    return cannotFetch(version, `Debian ${release?.suite} has moved on to another version of it`);
  }
  const line = output.split('\n').find((one) => one.startsWith('E: '));
  return cannotFetch(
    version,
    line?.slice('E: '.length) ?? (error.message.split('\n')[0] as string),
  );
};

/** One line: what went wrong, and what to do instead. */
const cannotFetch = (version: string, why: string): TargetError => {
  const stable = RELEASES.findLast((one) => one.suite !== 'sid' && one.version !== version);
  const otherwise = `set LEASEHOLD_ETCD to the path of an etcd, or use --etcd ${stable?.version}`;
  return new TargetError(`etcd ${version} cannot be fetched: ${why}; ${otherwise}`);
};
