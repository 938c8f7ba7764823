/**
 * The connections of a target to its servers: few, shared by many clients, and honest about
 * failures.
 */
import { rootCertificates } from 'node:tls';
import { Etcd3, type IOptions } from 'etcd3';
import { errorMessage } from '../../error-message.ts';
import type { Security } from './security.ts';

/**
 * Hundreds of clients share them: a call or a stream is one of many on its connection, and on none
 * is another in its way. Each holds one socket per service (leases, keys, watch).
 */
const CONNECTIONS_PER_SERVER = 4;

export class Connections {
  readonly #urls: readonly string[];
  readonly #security: Security;
  readonly #open = new Map<string, Etcd3>();

  /** `urls`: one per server, as in `http://127.0.0.1:2379`; at least one. */
  constructor(urls: readonly string[], security: Security = {}) {
    this.#urls = urls;
    this.#security = security;
  }

  /**
   * The connection of the client numbered `client` (of the session numbered `session`): server
   * `client` mod n.
   */
  of(client: number, session: number): Etcd3 {
    const server = client % this.#urls.length;
    const slot = (Math.floor(client / this.#urls.length) + session) % CONNECTIONS_PER_SERVER;
    const name = `${server}/${slot}`;
    const known = this.#open.get(name);
    if (known !== undefined) return known;
    const etcd = connect(this.#urls[server] as string, this.#security);
    this.#open.set(name, etcd);
    return etcd;
  }

  close(): void {
    for (const etcd of this.#open.values()) etcd.close();
    this.#open.clear();
  }
}

type FaultHandling = NonNullable<IOptions['faultHandling']>;
type Policy = NonNullable<FaultHandling['global']>;

/**
 * A call or a stream failed; the message is gRPC's. Not one of the library's own errors, because
 * those make it close the connections of everybody else on it.
 */
class CallFailed extends Error {
  override readonly name = 'CallFailed';
}

/**
 * Does once what it is told. The library would else repeat requests and refuse them for a while
 * after failures, and a history would tell what it made up.
 */
const ONCE: Policy = {
  // A marker of the type alone; the library says that it does not exist.
  _altReturn: undefined as never,
  onSuccess: () => ({ dispose: () => {} }),
  onFailure: () => ({ dispose: () => {} }),
  execute: async (run) => {
    try {
      return await run({ signal: new AbortController().signal });
    } catch (error) {
      throw new CallFailed(messageOf(error));
    }
  },
};

/** gRPC's own text: the library wraps the one about a lease that is not found in a sentence. */
const messageOf = (error: unknown): string => {
  const text = errorMessage(error);
  return /^Lease (\d+ NOT_FOUND: .*) is expired or revoked$/.exec(text)?.[1] ?? text;
};

const connect = (url: string, security: Security): Etcd3 =>
  new Etcd3({
    hosts: url,
    ...identity(url, security),
    faultHandling: { global: ONCE, host: () => ONCE },
    grpcOptions: {
      // A request is sent once or not at all.
      'grpc.enable_retries': 0,
      // Sockets of its own, which close with it.
      'grpc.use_local_subchannel_pool': 1,
      'grpc.enable_http_proxy': 0,
      // Nobody asks what it did.
      'grpc.enable_channelz': 0,
      'grpc.max_receive_message_length': -1,
    },
  });

/** Certificates on the way to an `https://` URL, a user on any. */
const identity = (
  url: string,
  { ca, cert, key, user }: Security,
): Pick<IOptions, 'credentials' | 'auth'> => ({
  ...(url.startsWith('https://') && {
    credentials: {
      rootCertificate: ca ?? Buffer.from(rootCertificates.join('\n')),
      ...(key && { privateKey: key }),
      ...(cert && { certChain: cert }),
    },
  }),
  ...(user && { auth: { username: user.name, password: user.password } }),
});
