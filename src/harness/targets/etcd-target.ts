/** A real etcd of our own, on its own clock. */
import { randomInt } from 'node:crypto';
import type { ServerConfig } from '../../api/config.ts';
import { type Instant, instant } from '../../api/units.ts';
import { type Target, TargetError } from '../target.ts';
import { type EtcdProcess, startEtcd } from './etcd-process.ts';
import { minorOf } from './etcd-releases.ts';
import { Connections } from './grpc-connections.ts';
import { GrpcSession, type SharedServer } from './grpc-session.ts';
import { httpTo, ownUsers } from './http.ts';
import type { Security } from './security.ts';

export interface EtcdTargetOptions {
  /** The path of an etcd, and the version that it is, as `resolveEtcd` finds them. */
  readonly binary: string;
  readonly version: string;
  /** Its timing; the minor version comes from `version`. */
  readonly config: ServerConfig;
}

export interface EtcdTarget extends Target {
  readonly process: EtcdProcess;
  readonly config: ServerConfig;
  close(): Promise<void>;
}

/** Starts an etcd. Throws `TargetError` when it does not come up. */
export const etcdTarget = async (options: EtcdTargetOptions): Promise<EtcdTarget> => {
  const { binary, version } = options;
  const minor = minorOf(version);
  if (minor === undefined) throw new TargetError(`etcd ${version}: 3.4 to 3.7 are supported`);
  const config = { ...options.config, etcd: minor };
  const sessions = new Set<GrpcSession>();
  const etcd = await startEtcd({
    binary,
    version,
    config,
    onDeath: (why) => {
      for (const session of sessions) session.lose(why);
    },
  });
  const shared = sharedServer({ urls: [etcd.url], config, cleansUp: false });
  const server: SharedServer = { ...shared, sessions };
  return {
    name: 'etcd',
    version,
    clock: 'real',
    config,
    minimumTtl: null,
    exclusive: true,
    process: etcd,
    http: httpTo(etcd.url),
    users: ownUsers(etcd.url),
    open: ({ index }, sink) => GrpcSession.open(server, index, sink),
    close: async () => {
      await closeAll(server);
      await etcd.close();
    },
  };
};

export interface SharedServerOptions {
  readonly urls: readonly string[];
  readonly config: ServerConfig;
  readonly cleansUp: boolean;
  readonly security?: Security;
}

/** A share of the servers at `urls`, chosen at random, with a clock that begins now. */
export const sharedServer = (options: SharedServerOptions): SharedServer => ({
  connections: new Connections(options.urls, options.security),
  share: randomInt(1, 2 ** 21),
  // Etcd gives up 5 s and two elections after (CONST-09), and its word is worth more than ours.
  deadlineMs: 8_000 + 2 * options.config.election,
  now: clockFromNow(),
  cleansUp: options.cleansUp,
  sessions: new Set(),
});

/** Closes what is open on the shared servers. */
export const closeAll = async ({ sessions, connections }: SharedServer): Promise<void> => {
  await Promise.all([...sessions].map((session) => session.close()));
  connections.close();
};

/** Milliseconds from now, with fractions; it never goes back. */
const clockFromNow = (): (() => Instant) => {
  const start = process.hrtime.bigint();
  return () => instant(Number(process.hrtime.bigint() - start) / 1e6);
};
