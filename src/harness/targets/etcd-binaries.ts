/**
 * Finds an etcd to run: the one that is given, the one on PATH, the one in the cache, or one
 * fetched or built into it.
 */
import { execFile } from 'node:child_process';
import { constants, existsSync } from 'node:fs';
import { access, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import path from 'node:path';
import { errorMessage } from '../../error-message.ts';
import { TargetError } from '../target.ts';
import { fromDebian } from './etcd-debian.ts';
import { fromGo } from './etcd-go.ts';
import { goReleaseOf } from './etcd-modules.ts';
import { type Environment, isExecutable, type Origin } from './etcd-origin.ts';
import { DEFAULT_VERSION, KNOWN_VERSIONS, minorOf, releaseOf } from './etcd-releases.ts';

export interface EtcdRequest {
  /** The exact version to run, as in `3.5.30`; undefined: any whose semantics are known. */
  readonly version?: string | undefined;
  /** LEASEHOLD_ETCD, PATH, HOME and XDG_CACHE_HOME are read from it. */
  readonly env: Environment;
  /** Takes a line about what takes long. */
  readonly progress: (line: string) => void;
  /** Ends a fetch or a build, which then leaves nothing behind. */
  readonly signal?: AbortSignal | undefined;
}

export interface EtcdBinary {
  readonly path: string;
  readonly version: string;
  /** One line that says which etcd is used, and where it comes from. */
  readonly how: string;
}

/**
 * The etcd to run: LEASEHOLD_ETCD, else `etcd` on PATH, else the user's cache, else fetched or
 * built into it. When a version is asked for, LEASEHOLD_ETCD must be that version, and PATH serves
 * only if it has it.
 *
 * Throws `TargetError`, one line that says what to do, when there is none to be had.
 */
export const resolveEtcd = async (request: EtcdRequest): Promise<EtcdBinary> =>
  (await given(request)) ?? (await onPath(request)) ?? (await cached(request));

const given = async ({ version, env }: EtcdRequest): Promise<EtcdBinary | undefined> => {
  const file = env['LEASEHOLD_ETCD'];
  if (file === undefined || file === '') return undefined;
  const wrong = (what: string) => new TargetError(`LEASEHOLD_ETCD is ${file}: ${what}`);
  if (!existsSync(file)) throw wrong('no such file; it must be the path of an etcd');
  if (!isExecutable(file)) throw wrong('not an executable file; it must be the path of an etcd');
  const found = await versionOf(file);
  if (found === undefined) throw wrong('not an etcd; `--version` does not name one');
  if (version !== undefined && found !== version) {
    throw wrong(`etcd ${found}, but ${version} is asked for; unset it or ask for ${found}`);
  }
  if (minorOf(found) === undefined) throw wrong(`etcd ${found}; 3.4 to 3.7 are supported`);
  return { path: file, version: found, how: `etcd ${found} from LEASEHOLD_ETCD (${file})` };
};

const onPath = async ({ version, env }: EtcdRequest): Promise<EtcdBinary | undefined> => {
  const folders = (env['PATH'] ?? '').split(path.delimiter).filter((folder) => folder !== '');
  const file = folders.map((folder) => path.join(folder, 'etcd')).find(isExecutable);
  if (file === undefined) return undefined;
  const found = await versionOf(file);
  if (found === undefined || minorOf(found) === undefined) return undefined;
  if (version !== undefined && found !== version) return undefined;
  return { path: file, version: found, how: `etcd ${found} on PATH (${file})` };
};

const cached = async (request: EtcdRequest): Promise<EtcdBinary> => {
  const { version = DEFAULT_VERSION, env } = request;
  const origin = originOf(version);
  const cache = cacheOf(env);
  const folder = path.join(cache, `etcd-${version}`);
  const binary = { path: path.join(folder, 'etcd'), version };
  const shown = tilde(binary.path, env);
  if (await origin.isSound(folder)) {
    return { ...binary, how: `etcd ${version} from the cache (${shown})` };
  }
  await makeIn(cache, folder, origin, request);
  return { ...binary, how: `etcd ${version}, ${origin.how} (${shown})` };
};

const originOf = (version: string): Origin => {
  const release = releaseOf(version);
  if (release !== undefined) return fromDebian(release);
  const built = goReleaseOf(version);
  if (built !== undefined) return fromGo(built);
  const otherwise = `known are ${KNOWN_VERSIONS}; for another, set LEASEHOLD_ETCD to its path`;
  throw new TargetError(`etcd ${version} is not a known version: ${otherwise}`);
};

/**
 * Makes it beside `folder` and renames at the end, so that a folder is whole or not there, and two
 * processes that do it at once do not disturb each other: the first to rename wins, and the other
 * takes what it finds.
 */
const makeIn = async (
  cache: string,
  folder: string,
  origin: Origin,
  { env, progress, signal }: EtcdRequest,
): Promise<void> => {
  progress(`${origin.making} to ${tilde(folder, env)}`);
  await makeCache(cache);
  await removeStale(cache);
  const own = await mkdtemp(path.join(cache, TEMPORARY));
  try {
    const programs = await origin.make(own, env, signal);
    await putInPlace(programs, folder, origin, path.join(own, 'broken'));
  } finally {
    await rm(own, { recursive: true, force: true });
  }
  progress(origin.made);
};

const putInPlace = async (
  programs: string,
  folder: string,
  origin: Origin,
  aside: string,
): Promise<void> => {
  try {
    await rename(programs, folder);
  } catch {
    // Something is there: another process was faster, or it is damaged and has to give way.
    if (await origin.isSound(folder)) return;
    await rename(folder, aside);
    await rename(programs, folder);
  }
};

const TEMPORARY = '.fetching-';
const STALE_MS = 3_600_000;

const makeCache = async (cache: string): Promise<void> => {
  try {
    await mkdir(cache, { recursive: true });
    await access(cache, constants.W_OK);
  } catch (error) {
    const otherwise = 'set XDG_CACHE_HOME to a writable folder, or LEASEHOLD_ETCD to an etcd';
    throw new TargetError(
      `the cache ${cache} cannot be used: ${errorMessage(error)}; ${otherwise}`,
    );
  }
};

/** Removes what fetches left behind that were killed more than an hour ago. */
const removeStale = async (cache: string): Promise<void> => {
  for (const name of await readdir(cache)) {
    if (!name.startsWith(TEMPORARY)) continue;
    const left = path.join(cache, name);
    try {
      const age = Date.now() - (await stat(left)).mtimeMs;
      if (age > STALE_MS) await rm(left, { recursive: true, force: true });
    } catch {
      // Another process was faster to remove it.
    }
  }
};

/** `$XDG_CACHE_HOME/leasehold`, or `~/.cache/leasehold`. */
const cacheOf = (env: Environment): string => {
  const base = env['XDG_CACHE_HOME'];
  // The XDG specification says to ignore a relative path.
  if (base !== undefined && path.isAbsolute(base)) return path.join(base, 'leasehold');
  return path.join(homeOf(env), '.cache', 'leasehold');
};

const homeOf = (env: Environment): string => env['HOME'] || homedir();

const tilde = (file: string, env: Environment): string => {
  const home = `${homeOf(env)}${path.sep}`;
  return file.startsWith(home) ? path.join('~', file.slice(home.length)) : file;
};

/** What `etcd --version` says; undefined when that is not what an etcd says. */
const versionOf = (file: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    // An empty environment: etcd takes ETCD_… variables for options.
    execFile(file, ['--version'], { env: {}, timeout: 10_000 }, (_error, stdout) => {
      resolve(/^etcd Version: (\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1]);
    });
  });
