/**
 * The program on Go's clientv3, whose source comes along: built with the machine's Go when it is
 * first wanted, into the user's cache.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TargetError } from '../../harness/target.ts';
import { probe } from '../../timewarp/index.ts';

export interface Clientv3 {
  readonly path: string;
  /** Of clientv3. */
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `TargetError`, one line that says what to do, when it cannot be had. */
export const findClientv3 = (env: Environment): Promise<Clientv3> => {
  const key = `${env['XDG_CACHE_HOME']} ${env['PATH']}`;
  const known = found.get(key) ?? find(env);
  found.set(key, known);
  return known;
};

const found = new Map<string, Promise<Clientv3>>();

const SOURCES = fileURLToPath(new URL('../../../drivers/clientv3/', import.meta.url));

const find = async (env: Environment): Promise<Clientv3> => {
  const able = await probe();
  if (!able.ok) throw new TargetError(`clientv3 needs its clock in hand; ${able.message}`);
  const sources = readdirSync(SOURCES)
    .filter((name) => /\.go$|^go\.(?:mod|sum)$/.test(name))
    .sort();
  const hash = createHash('sha256');
  for (const name of sources) hash.update(readFileSync(join(SOURCES, name)));
  const version = /etcd\/client\/v3 v(\S+)/.exec(
    readFileSync(join(SOURCES, 'go.mod'), 'utf8'),
  )?.[1];
  const cache = env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const name = `clientv3-${version}-${hash.digest('hex').slice(0, 16)}`;
  const path = join(cache, 'leasehold', name);
  if (!existsSync(path)) await build(path, env);
  return { path, version: version ?? 'unknown' };
};

const build = async (path: string, env: Environment): Promise<void> => {
  mkdirSync(dirname(path), { recursive: true });
  // Under its name only once it is whole.
  const unfinished = `${path}.${process.pid}`;
  const args = ['build', '-trimpath', '-mod=readonly', '-o', unfinished, '.'];
  const own = { CGO_ENABLED: '0', GOWORK: 'off', LC_ALL: 'C' };
  const options = { cwd: SOURCES, env: { ...env, ...own }, timeout: 1_800_000 };
  await new Promise<void>((resolve, reject) => {
    execFile('go', args, options, (error, _out, stderr) => {
      if (error === null) resolve();
      else reject(cannotBuild(error, stderr));
    });
  });
  await rename(unfinished, path);
};

const cannotBuild = (error: Error, stderr: string): TargetError => {
  if ('code' in error && error.code === 'ENOENT') {
    return new TargetError(
      'clientv3 is built with Go, and there is no go on the PATH: install Go 1.26 or later',
    );
  }
  const said = stderr
    .split('\n')
    .find((line) => !/^(?:go: (?:downloading|finding) |\s*$)/.test(line));
  const [why = ''] = (said ?? error.message).split('\n');
  return new TargetError(`clientv3 cannot be built: ${why.replace(/^go: /, '')}`);
};
