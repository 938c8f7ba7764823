/**
 * The directory of one etcd, and who tidies up when we cannot: a shell that waits on a pipe of
 * ours. The kernel closes the pipe however we end, a whole process or but a thread of one; then the
 * shell kills etcd and removes the directory.
 *
 * It is there before both, and knows an etcd by the directory that this was given: we may end at
 * any moment, also before we learn the id of what we start.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, rmSync, statfsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { errorMessage } from '../../error-message.ts';
import { TargetError } from '../target.ts';
import { canSkipSync, DATA_OPTION } from './etcd-launch.ts';

export class EtcdDirectory {
  readonly path: string;
  readonly #watchdog: ChildProcess;

  /** Throws `TargetError` when it cannot be made. */
  constructor(version: string) {
    const root = dataRoot(version);
    // A name that nobody else has, as the watchdog hears of it first and removes it.
    this.path = path.join(root, `leasehold-etcd-${randomBytes(8).toString('hex')}`);
    this.#watchdog = spawnWatchdog(this.path);
    try {
      mkdirSync(this.path, { mode: 0o700 });
    } catch (error) {
      this.#sayFarewell();
      const what = `etcd's data cannot go to ${root}: ${errorMessage(error)}`;
      throw new TargetError(`${what}; set TMPDIR to a folder that can be written`);
    }
  }

  /** The process that has it now, `undefined` for none: where there is no /proc to look it up. */
  belongsTo(pid: number | undefined): void {
    this.#watchdog.stdin?.write(`${pid ?? ''}\n`);
  }

  /** Once its etcd has ended. */
  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 3 });
    const watchdog = this.#watchdog;
    if (watchdog.pid === undefined || watchdog.exitCode !== null || watchdog.signalCode !== null)
      return;
    watchdog.ref();
    const gone = once(watchdog, 'exit');
    this.#sayFarewell();
    await gone;
  }

  /** On our way out, while its etcd may not have ended yet: the watchdog removes what is left. */
  removeNow(): void {
    try {
      rmSync(this.path, { recursive: true, force: true, maxRetries: 3 });
    } catch {
      // Etcd has written meanwhile.
    }
  }

  #sayFarewell(): void {
    this.#watchdog.stdin?.end('farewell\n');
  }
}

/** etcd reserves 128 MB for its log, however little it writes. */
const DATA_BYTES = 512 * 2 ** 20;

/**
 * Where the data goes. In memory if etcd would else wait for the disk at each write; in containers
 * /dev/shm may be too small for it.
 */
const dataRoot = (version: string): string => {
  if (canSkipSync(version)) return tmpdir();
  try {
    accessSync('/dev/shm', constants.W_OK);
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= DATA_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
};

/**
 * Lines come down the pipe: etcd's process id, once it is known; an empty one when it has ended;
 * and a farewell once its directory is gone as well. When the pipe ends without one, we have ended
 * without tidying up.
 *
 * What was being started then has its arguments in a moment; and etcd may write, and make its
 * directory again, until the kernel has taken it down. So it looks until both are gone for good.
 */
const WATCHDOG = `
  PATH=$PATH:/usr/bin:/bin
  pid=
  while read -r line; do
    [ "$line" = farewell ] && exit
    pid=$line
  done
  [ -n "$pid" ] && kill -KILL "$pid"
  left=300
  quiet=0
  while [ $left -gt 0 ] && [ $quiet -lt 3 ]; do
    left=$((left - 1))
    quiet=$((quiet + 1))
    for file in $(printf '%s\\n' "${DATA_OPTION}=$1/" | grep -lsF -f - /proc/[0-9]*/cmdline); do
      pid=\${file#/proc/}
      kill -KILL "\${pid%/cmdline}"
      quiet=0
    done
    [ -e "$1" ] && quiet=0
    rm -rf -- "$1"
    sleep 0.1 || sleep 1
  done
`;

const spawnWatchdog = (directory: string): ChildProcess => {
  const watchdog = spawn('/bin/sh', ['-c', WATCHDOG, 'leasehold-watchdog', directory], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  watchdog.unref();
  // Its death is no reason for ours; then there is just no protection against SIGKILL.
  watchdog.on('error', () => {});
  watchdog.stdin?.on('error', () => {});
  return watchdog;
};
