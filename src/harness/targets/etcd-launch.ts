/** The arguments that an etcd is started with. */
import path from 'node:path';
import type { ServerConfig } from '../../api/config.ts';

/** Where an etcd keeps what it has written, below its directory. */
export const dataIn = (directory: string): string => path.join(directory, 'data');

/** The argument by which everybody can tell whose data an etcd has. */
export const DATA_OPTION = '--data-dir';

export const etcdArguments = (
  { version, config }: { readonly version: string; readonly config: ServerConfig },
  directory: string,
  clientUrl: string,
  peerUrl: string,
): string[] => {
  const settings = {
    name: 'leasehold',
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
  args.push(`${DATA_OPTION}=${dataIn(directory)}`);
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
export const canSkipSync = (version: string): boolean => !version.startsWith('3.4.');
