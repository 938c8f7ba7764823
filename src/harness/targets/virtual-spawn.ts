/** Starts the process of an etcd on a virtual clock. */
import type { ServerConfig } from '../../api/config.ts';
import { spawnWarped, type WarpedProcess } from '../../timewarp/index.ts';
import { etcdArguments } from './etcd-launch.ts';
import { freePorts } from './etcd-ports.ts';

export interface VirtualEtcdOptions {
  readonly binary: string;
  readonly version: string;
  readonly config: ServerConfig;
}

/** A place on ports of its own; those it had before a restart may be somebody else's by then. */
export const homeIn = async (directory: string): Promise<Home> => {
  const [clientPort, peerPort] = await freePorts(2);
  return {
    directory,
    clientPort: clientPort as number,
    url: `http://127.0.0.1:${clientPort}`,
    peerUrl: `http://127.0.0.1:${peerPort}`,
  };
};

/** Where a server lives. */
export interface Home {
  readonly directory: string;
  readonly clientPort: number;
  readonly url: string;
  readonly peerUrl: string;
}

export interface SpawnOptions {
  readonly wall: bigint;
  /** As in `spawnWarped`; its data stay when it is started on those of another process. */
  readonly beforeAgain?: (() => Promise<void>) | undefined;
  /** A file for what it says of itself, which is nothing otherwise. */
  readonly log?: string;
}

export const spawnEtcd = (
  options: VirtualEtcdOptions,
  { directory, url, peerUrl }: Home,
  { wall, beforeAgain, log }: SpawnOptions,
): Promise<WarpedProcess> => {
  const args = etcdArguments(options, directory, url, peerUrl);
  const logged =
    log === undefined
      ? args
      : [
          ...args.filter((each) => !each.startsWith('--log-')),
          '--log-level=info',
          `--log-outputs=${log}`,
        ];
  return spawnWarped(options.binary, logged, {
    wall,
    env: { GOMAXPROCS: '1' },
    stdio: ['ignore', 'ignore', 'ignore'],
    beforeAgain,
  });
};
