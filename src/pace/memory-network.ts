/**
 * A network in memory for clients and servers of one process. While it is installed, connecting to
 * an address that was handed out by it (`net.connect`, and what stands on it: HTTP, HTTP/2, gRPC)
 * stays within the process; all other addresses are connected to as ever.
 *
 * It patches `node:net` and `node:http` for the whole process, and takes that back. Connecting by
 * `new net.Socket().connect()` passes it by.
 */
import http from 'node:http';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import { invariant } from '../invariant.ts';
import {
  type Address,
  type Carrier,
  MemoryConnection,
  type MemorySocket,
  socketError,
} from './memory-socket.ts';

/** What becomes of those who connect from now on: `unanswered`: they are never told. */
export type Reception = 'accepted' | 'refused' | 'unanswered';

/** Where a server can be reached in memory. */
export interface MemoryEndpoint extends Address {
  /** `http://host:port` */
  readonly url: string;
  reception: Reception;
  /** Those that are open, in the order in which they came. */
  readonly connections: ReadonlySet<MemoryConnection>;
  /** Whoever connects is refused from now on; connections stay. */
  close(): void;
}

type Accept = (socket: MemorySocket) => void;

const realSetImmediate = setImmediate;

export class MemoryNetwork implements Carrier {
  /** Grows with whatever happens on the network. */
  activity = 0;
  /** What was sent and has not arrived. What is stalled does not count: nobody waits for it. */
  underWay = 0;
  readonly #endpoints = new Map<string, Endpoint>();
  #installed = false;

  /** The next server's endpoint. Each has an address of its own, which no other server can have. */
  listen(accept: Accept): MemoryEndpoint {
    const endpoint = new Endpoint(this, accept, nextAddress());
    this.#endpoints.set(`${endpoint.host}:${endpoint.port}`, endpoint);
    if (!this.#installed) {
      this.#installed = true;
      install(this);
    }
    return endpoint;
  }

  /** Takes back what it patched; connections that are open stay so. Safe to call twice. */
  close(): void {
    this.#endpoints.clear();
    if (this.#installed) uninstall(this);
    this.#installed = false;
  }

  /** Of the patched `net.connect`: undefined when the address is none of its own. */
  connect(address: Address): MemorySocket | undefined {
    return this.#endpoints.get(`${address.host}:${address.port}`)?.connect();
  }

  soon(deliver: () => void): void {
    this.activity += 1;
    this.underWay += 1;
    realSetImmediate(() => {
      this.activity += 1;
      this.underWay -= 1;
      deliver();
    });
  }
}

class Endpoint implements MemoryEndpoint {
  readonly host: string;
  readonly port: number;
  readonly url: string;
  reception: Reception = 'accepted';
  readonly connections = new Set<MemoryConnection>();
  readonly #network: MemoryNetwork;
  readonly #accept: Accept;

  constructor(network: MemoryNetwork, accept: Accept, { host, port }: Address) {
    this.#network = network;
    this.#accept = accept;
    this.host = host;
    this.port = port;
    this.url = `http://${host}:${port}`;
  }

  connect(): MemorySocket {
    const connection = new MemoryConnection(this.#network, this);
    const { client, server } = connection;
    client.connecting = true;
    this.#network.soon(() => {
      if (client.destroyed || this.reception === 'unanswered') return;
      client.connecting = false;
      if (this.reception === 'refused') {
        client.destroy(socketError('connect', 'ECONNREFUSED', this));
        return;
      }
      this.connections.add(connection);
      client.once('close', () => this.connections.delete(connection));
      this.#accept(server);
      client.emit('connect');
      client.emit('ready');
    });
    return client;
  }

  close(): void {
    this.reception = 'refused';
  }
}

/**
 * Addresses of loopback that nobody uses: in a block of their own, so that no server that really
 * listens is hidden; a new one each time, because gRPC keeps what it knows of an address.
 */
const nextAddress = (): Address => {
  const number = addresses;
  addresses = (addresses + 1) % (1 << 16);
  return { host: `127.108.${number >> 8}.${number & 0xff}`, port: 2379 };
};
let addresses = 1;

/** The networks that are installed; the patch is in place while there is one. */
const installed = new Set<MemoryNetwork>();

type Connect = typeof net.connect;
interface AgentLike {
  createConnection: unknown;
}
let original: { connect: Connect; createConnection: Connect; agent: unknown } | undefined;

const install = (network: MemoryNetwork): void => {
  installed.add(network);
  if (original !== undefined) return;
  const agent = http.Agent.prototype as unknown as AgentLike;
  const { connect, createConnection } = net;
  original = { connect, createConnection, agent: agent.createConnection };
  const patched = ((...args: unknown[]) => {
    const address = addressOf(args);
    for (const network of address === undefined ? [] : installed) {
      const socket = network.connect(address as Address);
      if (socket === undefined) continue;
      const connected = args.find((arg) => typeof arg === 'function');
      if (connected !== undefined) socket.once('connect', connected as () => void);
      return socket;
    }
    return Reflect.apply(connect, net, args) as net.Socket;
  }) as Connect;
  Object.assign(net, { connect: patched, createConnection: patched });
  // The agent took its copy when the module was loaded.
  agent.createConnection = patched;
  syncBuiltinESMExports();
};

const uninstall = (network: MemoryNetwork): void => {
  installed.delete(network);
  if (installed.size > 0) return;
  invariant(original !== undefined, 'what was installed can be taken back');
  const { connect, createConnection, agent } = original;
  Object.assign(net, { connect, createConnection });
  (http.Agent.prototype as unknown as AgentLike).createConnection = agent;
  original = undefined;
  syncBuiltinESMExports();
};

/** `connect(options)` or `connect(port, host)`; undefined for a path. */
const addressOf = ([first, second]: readonly unknown[]): Address | undefined => {
  if (typeof first === 'object' && first !== null) {
    const { host, port } = first as { host?: unknown; port?: unknown };
    return typeof host === 'string' ? { host, port: Number(port) } : undefined;
  }
  return typeof second === 'string' ? { host: second, port: Number(first) } : undefined;
};
