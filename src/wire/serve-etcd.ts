/** An etcd on a port, with a clock that is real or in somebody's hand. */
import { VirtualClock } from '../clock/virtual-clock.ts';
import { SteeredClock } from '../pace/steered-clock.ts';
import { clockControl } from './clock-control.ts';
import type { ApplySwitch } from './apply-switch.ts';
import { createEtcd, DEFAULT_VERSION, type LeaderSwitch, type ProcessSwitch } from './etcd.ts';
import type { Address } from './port.ts';
import type { ServerFlags } from './server-flags.ts';

export interface ServeOptions {
  /** Otherwise a free port of 127.0.0.1. */
  readonly listen?: Address;
  /** `rate` 0, which is the default: it stands still until it is advanced. */
  readonly clock?: 'real' | { readonly rate: number };
  /** The etcd it stands for, such as 3.4.23; otherwise 3.5.30. */
  readonly version?: string;
  readonly config?: ServerFlags;
  /**
   * Whether the clock can be moved over HTTP. Beyond loopback it cannot, whatever this says, unless
   * there is a token.
   */
  readonly clockControl?: boolean;
  /** Who wants to move the clock over HTTP has to send it. */
  readonly token?: string;
}

export interface ServedEtcd extends AsyncDisposable {
  /** `http://host:port`, of gRPC and HTTP alike. */
  readonly url: string;
  readonly address: Address;
  readonly version: string;
  readonly clock: SteeredClock;
  readonly leader: LeaderSwitch;
  readonly process: ProcessSwitch;
  /** Whether it applies what it commits at once. */
  readonly apply: ApplySwitch;
  /** Over HTTP the clock can be moved by anybody, by those who have the token, or not at all. */
  readonly clockControl: 'open' | 'token' | 'off';
  /** Lets go out what is answered, ends the connections and leaves no handle. */
  close(): Promise<void>;
}

/** Rejects with the system's error when the address cannot be had. */
export async function serveEtcd(options: ServeOptions = {}): Promise<ServedEtcd> {
  const { listen = { host: '127.0.0.1', port: 0 }, version = DEFAULT_VERSION, token } = options;
  const isReal = options.clock === 'real';
  const rate = typeof options.clock === 'object' ? options.clock.rate : 0;
  const clock = new VirtualClock();
  const isOn = options.clockControl !== false && (isLoopback(listen.host) || token !== undefined);
  const etcd = createEtcd({
    clock,
    version,
    ...(options.config === undefined ? {} : { config: options.config }),
    // Runs on a virtual clock are the same each time.
    ...(isReal ? { startedAt: Date.now() } : {}),
    beforeCommand: () => steered.catchUp(),
    onHttp1: (request, response) => control(request, response),
  });
  const steered: SteeredClock = new SteeredClock({ clock, server: etcd, isReal, rate });
  const control = clockControl({
    clock: steered,
    leader: etcd.leader,
    process: etcd.process,
    apply: etcd.apply,
    isOn,
    ...(token === undefined ? {} : { token }),
  });
  const close = async (): Promise<void> => {
    steered.close();
    await etcd.close();
  };
  try {
    const address = await etcd.listen(listen);
    return {
      url: `http://${written(address)}`,
      address,
      version,
      clock: steered,
      leader: etcd.leader,
      process: etcd.process,
      apply: etcd.apply,
      clockControl: isOn ? (token === undefined ? 'open' : 'token') : 'off',
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** `host:port`, with the brackets that an IPv6 address needs. */
const written = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
