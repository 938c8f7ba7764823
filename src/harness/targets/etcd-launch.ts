/**
 * How an etcd is started: its arguments, where its data goes, and who tidies up after a SIGKILL.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ServerConfig } from '../../api/config.ts';
import { errorMessage } from '../../error-message.ts';
import { TargetError } from '../target.ts';

/** Where an etcd keeps what it has written, below its directory. */
export const dataIn = (directory: string): string => path.join(directory, 'data');

export const etcdArguments = (
  { version, config }: { readonly version: string; readonly config: ServerConfig },
  directory: string,
  clientUrl: string,
  peerUrl: string,
): string[] => {
  const settings = {
    name: 'leasehold',
    'data-dir': dataIn(directory),
    'listen-client-urls': clientUrl,
    'advertise-client-urls': clientUrl,
    'listen-peer-urls': peerUrl,
    'initial-advertise-peer-urls': peerUrl,
    'initial-cluster': `leasehold=${peerUrl}`,
    'heartbeat-interval': config.heartbeat,
    'election-timeout': config.election,
    logger: 'zap',
    // Passwords that live for a second need not cost a tenth of one each time.
    'bcrypt-cost': 4,
    // Why it refuses its settings is but a warning to etcd.
    'log-level': 'warn',
    'log-outputs': 'stderr',
  };
  const args = Object.entries(settings).map(([name, value]) => `--${name}=${value}`);
  args.push(...checkpointArguments(config), ...progressArguments(config));
  return canSkipSync(version) ? [...args, '--unsafe-no-fsync'] : args;
};

/** CONST-13: two flags, or the gates that took their place. */
const checkpointArguments = (config: ServerConfig): string[] => {
  const { etcd, leaseCheckpoint, leaseCheckpointPersist } = config;
  if (leaseCheckpoint !== true) return [];
  const isPersistent = leaseCheckpointPersist === true;
  switch (etcd) {
    case '3.4':
    case '3.5': {
      const flag = '--experimental-enable-lease-checkpoint';
      return isPersistent ? [flag, `${flag}-persist`] : [flag];
    }
    case '3.6':
    case '3.7': {
      const persist = isPersistent ? ',LeaseCheckpointPersist=true' : '';
      return [`--feature-gates=LeaseCheckpoint=true${persist}`];
    }
  }
};

/** KV-29: the flag came out of its trial with 3.6. */
const progressArguments = ({ etcd, progressInterval }: ServerConfig): string[] => {
  if (progressInterval === undefined) return [];
  const trial = etcd === '3.4' || etcd === '3.5' ? 'experimental-' : '';
  return [`--${trial}watch-progress-notify-interval=${progressInterval}ms`];
};

/** Whether etcd can be told not to wait for the disk: its data need not outlive it. */
const canSkipSync = (version: string): boolean => !version.startsWith('3.4.');

/** etcd reserves 128 MB for its log, however little it writes. */
const DATA_BYTES = 512 * 2 ** 20;

/** A new directory for the data of one etcd. */
export const makeDataDirectory = (version: string): string => {
  const root = dataRoot(version);
  try {
    return mkdtempSync(path.join(root, 'leasehold-etcd-'));
  } catch (error) {
    const otherwise = 'set TMPDIR to a folder that can be written';
    throw new TargetError(`etcd's data cannot go to ${root}: ${errorMessage(error)}; ${otherwise}`);
  }
};

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
 * Lines come down the pipe: etcd's process id, each time it is started; an empty one when it has
 * ended; and a farewell once its directory is gone as well. When the pipe ends without one,
 * we were killed. It removes twice because etcd may write until the kernel has taken it down.
 */
const WATCHDOG = `
  while read -r line; do
    [ "$line" = farewell ] && exit
    pid=$line
  done
  [ -n "$pid" ] && kill -KILL "$pid"
  rm -rf -- "$1" || { sleep 1; rm -rf -- "$1"; }
`;

export const spawnWatchdog = (directory: string): ChildProcess => {
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

export const dismiss = async (watchdog: ChildProcess): Promise<void> => {
  if (watchdog.pid === undefined || watchdog.exitCode !== null || watchdog.signalCode !== null)
    return;
  watchdog.ref();
  const gone = once(watchdog, 'exit');
  watchdog.stdin?.end('farewell\n');
  await gone;
};
