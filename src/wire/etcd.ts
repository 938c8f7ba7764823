/**
 * An etcd that clients of etcd can connect to: the simulator behind gRPC, on a virtual clock that
 * somebody else moves.
 */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Command, LeaseId } from '../api/command.ts';
import {
  DEFAULT_CONFIG,
  MINOR_VERSIONS,
  type MinorVersion,
  type ServerConfig,
} from '../api/config.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import { after, milliseconds, type Revision } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import type { Simulator } from '../simulator/simulator.ts';
import type { ApplySwitch } from './apply-switch.ts';
import { Backend, type BackendOptions } from './backend.ts';
import type { CallGate } from './call-gate.ts';
import { gateway } from './gateway.ts';
import { GrpcServer } from './grpc-server.ts';
import { kvService } from './kv-service.ts';
import { leaseService } from './lease-service.ts';
import { maintenanceService } from './maintenance-service.ts';
import { authService, clusterService, healthService } from './other-services.ts';
import type { Method } from './methods.ts';
import { type Address, Port } from './port.ts';
import { type ServerFlags, withFlags } from './server-flags.ts';
import { watchService } from './watch-service.ts';

export interface EtcdOptions {
  readonly clock: VirtualClock;
  /** Throws a RangeError where etcd would not start with them. */
  readonly config?: ServerFlags;
  /** Of the etcd it stands for, such as 3.5.30. */
  readonly version?: string;
  readonly memberId?: bigint;
  readonly clusterId?: bigint;
  /** For the ids of leases (CONST-14): wall-clock milliseconds since 1970. */
  readonly startedAt?: number;
  /** Called before each command is carried out: whoever moves the clock brings it up to date. */
  readonly beforeCommand?: () => void;
  /**
   * The leases that a turn of the expiry loop revoked, or set out to revoke while it is slow to
   * apply, also when there were none.
   */
  readonly onTurn?: (revoked: readonly LeaseId[]) => void;
  /** The leases that have expired, when they are gone. */
  readonly onExpired?: (leases: readonly LeaseId[]) => void;
  /**
   * Told of each command with its answer, before the answer goes out, and of one that takes effect
   * after its client has given up.
   */
  readonly onServed?: (command: Command, response: Response) => void;
  /** Told of each change of the store. */
  readonly onChange?: (revision: Revision, events: readonly WatchEvent[]) => void;
  /** Stands between the calls of clients and what serves them. */
  readonly gate?: CallGate;
  /** Is asked first about a request over HTTP/1; false: it is for the JSON gateway. */
  readonly onHttp1?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** `--max-request-bytes` (CONST-16). */
  readonly maxRequestBytes?: number;
  readonly maxConnections?: number;
  readonly maxConcurrentStreams?: number;
  /** Real milliseconds in which a connection has to say whether it speaks HTTP/1 or 2. */
  readonly sniffTimeout?: number;
  /**
   * Real milliseconds of silence after which a client is asked whether it is still there; 0: never.
   */
  readonly probeInterval?: number;
}

type WithoutToken<C> = C extends unknown ? Omit<C, 'token'> : never;

export interface Etcd {
  readonly simulator: Simulator;
  readonly clock: VirtualClock;
  /** Hands over one raw connection: HTTP/2 and HTTP/1 are told apart by the preface. */
  inject(connection: Duplex): void;
  /** Carries out a command that comes from none of the connections. */
  ask(command: WithoutToken<Command>, answer: (response: Response) => void): void;
  /** Whether it knows of a leader, which is itself. */
  readonly leader: LeaderSwitch;
  /** Its process, which ends and begins anew on the same data. */
  readonly process: ProcessSwitch;
  /** Whether it applies what it commits at once. */
  readonly apply: ApplySwitch;
  /** GOAWAY: asks the client of a connection to go elsewhere; calls that are open go on. */
  sayGoodbye(connection: Duplex): void;
  listen(address: Address): Promise<Address>;
  /** Tells the clients to go, lets go out what is answered, and leaves no handle. */
  close(): Promise<void>;
  /** Grows with every message that is read or written, every call and connection that ends. */
  readonly activity: number;
  readonly connections: number;
}

/** The leader in the hand of a test. */
export interface LeaderSwitch {
  readonly isThere: boolean;
  /** As when the other members of a cluster are gone. */
  lose(): void;
  /** The member is elected anew. Gives its leases, the soonest first. */
  regain(): readonly LeaseId[];
}

/** The process in the hand of a test. */
export interface ProcessSwitch {
  readonly isUp: boolean;
  /**
   * It ends as by SIGKILL, or when the power fails: connections end, new ones too, no lease
   * expires, what waited is never answered. What it had answered is on disk.
   */
  stop(): void;
  /**
   * Another one begins on the data and leads at once, with other flags if they are given: every
   * lease has its full TTL again, and more (RESTART-02). Gives its leases, the soonest first.
   */
  start(config?: ServerFlags): readonly LeaseId[];
}

export const DEFAULT_VERSION = '3.5.30';

/** Those of a lone etcd with default names and addresses. */
const DEFAULT_MEMBER_ID = 0x8e9e05c52164694dn;
const DEFAULT_CLUSTER_ID = 0xcdf818194e3a8c32n;

/** CONST-16 */
const MAX_REQUEST_BYTES = 1_572_864;
const GRPC_OVERHEAD_BYTES = 512 * 1024;

export const createEtcd = (options: EtcdOptions): Etcd => {
  const { clock, gate, version = DEFAULT_VERSION } = options;
  const config = withFlags({ ...DEFAULT_CONFIG, etcd: minorVersion(version) }, options.config);
  const maxRequestBytes = options.maxRequestBytes ?? MAX_REQUEST_BYTES;
  const backend = backendOf(options, { version, config, maxRequestBytes });
  let activity = 0;
  const onActivity = (): void => {
    activity += 1;
  };
  const maxReceiveBytes = maxRequestBytes + GRPC_OVERHEAD_BYTES;
  const clientUrls: string[] = [];
  const methods = methodsOf(backend, maxReceiveBytes, () => clientUrls);
  const answer = gateway({ backend, gate, methods, maxReceiveBytes, onActivity });
  const grpc = new GrpcServer({
    methods,
    context: {
      maxReceiveBytes,
      ...(gate === undefined ? {} : { gate }),
      onActivity,
      schedule: (delay, expired) => {
        options.beforeCommand?.();
        const timer = clock.schedule(after(clock.now, milliseconds(delay)), expired);
        return () => clock.cancel(timer);
      },
    },
    probeInterval: options.probeInterval ?? 10_000,
    // etcd 3.4 came without gzip.
    encodings: config.etcd === '3.4' ? ['identity'] : ['identity', 'gzip'],
    leader: backend.leader,
    maxConcurrentStreams: options.maxConcurrentStreams ?? 100_000,
  });
  const http1 = doorOf(options, backend, answer);
  const port = new Port({
    grpc,
    onActivity,
    onHttp1: http1.open,
    maxConnections: options.maxConnections ?? 100_000,
    sniffTimeout: options.sniffTimeout ?? 10_000,
  });
  return {
    process: processOf(backend, port, { config, cut: http1.cut }),
    simulator: backend.simulator,
    clock,
    inject: (connection) => port.inject(connection),
    ask: (command, answer) => backend.submit({ ...command, token: backend.expect(answer) }),
    leader: switchOf(backend),
    apply: backend.apply,
    sayGoodbye: (connection) => grpc.sayGoodbye(connection),
    listen: async (address) => {
      const bound = await port.listen(address);
      clientUrls.push(`http://${bound.host}:${bound.port}`);
      return bound;
    },
    close: async () => {
      await port.close();
      backend.close();
    },
    get activity() {
      return activity;
    },
    get connections() {
      return port.connections;
    },
  };
};

const switchOf = (backend: Backend): LeaderSwitch => ({
  get isThere() {
    return backend.leader.isThere;
  },
  lose: () => backend.loseLeader(),
  regain: () => backend.regainLeader(),
});

/** Where requests over HTTP/1 come in; those of the gateway end with the process. */
const doorOf = (
  { onHttp1 }: EtcdOptions,
  backend: Backend,
  answer: RequestListener,
): { readonly open: RequestListener; readonly cut: () => void } => {
  const answering = new Set<ServerResponse>();
  return {
    open: (request, response) => {
      if (onHttp1?.(request, response) === true) return;
      answering.add(response);
      response.once('close', () => answering.delete(response));
      if (backend.isUp) answer(request, response);
      else response.destroy();
    },
    cut: () => {
      for (const response of answering) response.destroy();
    },
  };
};

const processOf = (
  backend: Backend,
  port: Port,
  { config, cut }: { readonly config: ServerConfig; readonly cut: () => void },
): ProcessSwitch => {
  let flags = config;
  return {
    get isUp() {
      return backend.isUp;
    },
    stop: () => {
      backend.stop();
      port.cut();
      cut();
    },
    start: (changed) => {
      const next = withFlags(flags, changed);
      if (!backend.isUp) flags = next;
      port.mend();
      return backend.start(next);
    },
  };
};

/** Whether its semantics are known. */
export const isKnownVersion = (version: string): boolean => minorOf(version) !== undefined;

const minorOf = (version: string): MinorVersion | undefined =>
  MINOR_VERSIONS.find((known) => version === known || version.startsWith(`${known}.`));

const backendOf = (
  options: EtcdOptions,
  setting: Pick<BackendOptions, 'version' | 'config' | 'maxRequestBytes'>,
): Backend =>
  new Backend({
    ...setting,
    clock: options.clock,
    memberId: options.memberId ?? DEFAULT_MEMBER_ID,
    clusterId: options.clusterId ?? DEFAULT_CLUSTER_ID,
    ...(options.startedAt === undefined ? {} : { startedAt: options.startedAt }),
    ...(options.beforeCommand === undefined ? {} : { beforeCommand: options.beforeCommand }),
    ...(options.onTurn === undefined ? {} : { onTurn: options.onTurn }),
    ...(options.onExpired === undefined ? {} : { onExpired: options.onExpired }),
    ...(options.onServed === undefined ? {} : { onServed: options.onServed }),
    ...(options.onChange === undefined ? {} : { onChange: options.onChange }),
  });

const methodsOf = (
  backend: Backend,
  maxMessageBytes: number,
  clientUrls: () => readonly string[],
): readonly Method[] => [
  ...kvService(backend),
  ...watchService(backend, maxMessageBytes),
  ...leaseService(backend),
  ...clusterService(backend, clientUrls),
  ...maintenanceService(backend),
  ...authService(backend),
  ...healthService(),
];

/** `3.5.30` → `3.5`; throws a RangeError for a version whose semantics are not known. */
const minorVersion = (version: string): MinorVersion => {
  const minor = minorOf(version);
  if (minor === undefined) throw new RangeError(`no such etcd version: ${version}`);
  return minor;
};
