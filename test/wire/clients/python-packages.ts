/**
 * Python's `etcd3` as Debian packages it, with what it needs, unpacked into the user's cache: no
 * root, no trace in the system's own Python.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { privateApt } from '../../../src/harness/targets/etcd-debian.ts';

const run = promisify(execFile);

/** The interpreter that the packages are for. */
export const PYTHON = '/usr/bin/python3';

const PACKAGES = [
  'python3-etcd3',
  'python3-grpcio',
  'python3-protobuf',
  'python3-tenacity',
  'python3-six',
  // Libraries that an ordinary machine need not have.
  'libabsl20220623',
  'libc-ares2',
  'libre2-9',
  'libprotobuf32',
];

/** The environment to run `PYTHON` with; or why there is none, in one line. */
export const pythonEnvironment = async (): Promise<Readonly<Record<string, string>> | string> => {
  if (process.arch !== 'x64') return 'Debian packages of Python are unpacked on x86-64 only';
  const version = await run(PYTHON, ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => undefined,
  );
  if (version === undefined) return `no ${PYTHON} here`;
  if (!version.startsWith('Python 3.11.'))
    return `the packages are for Python 3.11, not ${version}`;
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const root = join(cache, 'leasehold', 'python-etcd3');
  if (!existsSync(root)) {
    const why = await fetchInto(root);
    if (why !== undefined) return why;
  }
  return {
    PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
    LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu'),
  };
};

/** Undefined: it is there. */
const fetchInto = async (root: string): Promise<string | undefined> => {
  const directory = await mkdtemp(join(tmpdir(), 'leasehold-python-'));
  try {
    const suite = { suite: 'bookworm', version: '3.4.23' } as const;
    const options = await privateApt(suite, 'amd64', directory, process.env);
    const at = { cwd: directory, env: { ...process.env, LC_ALL: 'C' } };
    await run('apt-get', [...options, 'update'], at);
    await run('apt-get', [...options, 'download', ...PACKAGES], at);
    const unpacked = join(directory, 'root');
    await mkdir(unpacked);
    for (const file of await readdir(directory)) {
      if (file.endsWith('.deb')) await run('dpkg-deb', ['-x', file, unpacked], at);
    }
    await mkdir(join(root, '..'), { recursive: true });
    await run('cp', ['-a', unpacked, `${root}.part-${process.pid}`]);
    await rename(`${root}.part-${process.pid}`, root);
    return undefined;
  } catch (error) {
    return `Debian's python3-etcd3 cannot be fetched: ${(error as Error).message.split('\n')[0]}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
};
