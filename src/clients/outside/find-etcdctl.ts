/** Finds the etcdctl to run: the one that is given, or the one beside an etcd. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TargetError } from '../../harness/target.ts';
import { resolveEtcd } from '../../harness/targets/etcd-binaries.ts';
import { GO_RELEASES } from '../../harness/targets/etcd-modules.ts';
import { probe } from '../../timewarp/index.ts';

export interface Etcdctl {
  readonly path: string;
  readonly version: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws `TargetError`, one line that says what to do, when there is none that can be run. */
export const findEtcdctl = (version: string | undefined, env: Environment): Promise<Etcdctl> => {
  const key = `${version} ${env['LEASEHOLD_ETCDCTL']}`;
  const known = found.get(key) ?? find(version, env);
  found.set(key, known);
  return known;
};

const found = new Map<string, Promise<Etcdctl>>();

const find = async (version: string | undefined, env: Environment): Promise<Etcdctl> => {
  const path = given(env) ?? (await besideEtcd(version, env));
  const is = await versionOf(path);
  if (is === undefined) throw new TargetError(`${path} is no etcdctl: it names no version`);
  if (version !== undefined && is !== version) {
    throw new TargetError(`${path} is etcdctl ${is}, and ${version} is asked for`);
  }
  const able = await probe();
  if (!able.ok) throw new TargetError(`etcdctl needs its clock in hand; ${able.message}`);
  return { path, version: is };
};

const given = (env: Environment): string | undefined => {
  const file = env['LEASEHOLD_ETCDCTL'];
  if (file === undefined || file === '') return undefined;
  if (existsSync(file)) return file;
  throw new TargetError(`LEASEHOLD_ETCDCTL is ${file}: no such file`);
};

/** Of which the server is, when nobody asks for another. */
const USUAL = '3.5.30';

const besideEtcd = async (version: string | undefined, env: Environment): Promise<string> => {
  // Before minutes go into building what brings none.
  if (GO_RELEASES.some((release) => release.version === version)) throw none(version);
  const etcd = await resolveEtcd({ version: version ?? USUAL, env, progress: () => {} });
  const file = join(dirname(etcd.path), 'etcdctl');
  if (existsSync(file)) return file;
  throw none(etcd.version);
};

const none = (version: string | undefined): TargetError => {
  const otherwise = '3.4.23 and 3.5.30 come with one; or set LEASEHOLD_ETCDCTL to its path';
  return new TargetError(`there is no etcdctl beside etcd ${version}: ${otherwise}`);
};

const versionOf = (file: string): Promise<string | undefined> =>
  new Promise((resolve) => {
    const options = { env: { ETCDCTL_API: '3' }, timeout: 10_000 };
    execFile(file, ['version'], options, (_error, stdout) => {
      resolve(/^etcdctl version: (\d+\.\d+\.\d+\S*)/m.exec(stdout)?.[1]);
    });
  });
