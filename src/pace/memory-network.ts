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

/**
 * What becomes of those who connect from now on. `unanswered`: they are not told until there is
 * another reception, as with a kernel that asks again and again.
 */
export type Reception = 'accepted' | 'refused' | 'unanswered';

/** Where a server can be reached in memory. */
export interface MemoryEndpoint extends Address {
  /** `http://host:port` */
  readonly url: string;
  /** What becomes of those who connect from now on; connections stay. */
  receive(reception: Reception): void;
  /** Forgets it: whoever connects is refused. */
  close(): void;
  /** Those that are open, in the order in which they came. */
  readonly connections: ReadonlySet<MemoryConnection>;
}

type Accept = (socket: MemorySocket, connection: MemoryConnection) => void;

interface ServerSide {
  readonly accept: Accept;
  readonly onRefused: () => void;
}

const realSetImmediate = setImmediate;

export class MemoryNetwork implements Carrier {
  /** Grows with whatever happens on the network. */
  activity = 0;
  /** What was sent and has not arrived. What is stalled does not count: nobody waits for it. */
  underWay = 0;
  readonly #endpoints = new Map<string, Endpoint>();
  #installed = false;

  /**
   * The next server's endpoint; `onRefused` is told of who is turned away. Each has an address of
   * its own, which no other server can have.
   */
  listen(accept: Accept, onRefused: () => void = () => {}): MemoryEndpoint {
    const endpoint = new Endpoint(this, { accept, onRefused }, nextAddress());
    this.#endpoints.set(nameOf(endpoint), endpoint);
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
    return this.#endpoints.get(nameOf(address))?.connect();
  }

  forget(endpoint: MemoryEndpoint): void {
    this.#endpoints.delete(nameOf(endpoint));
  }

  /** A connection to where nobody listens. */
  refuse(address: Address): MemorySocket {
    const nobody = new Endpoint(this, { accept: () => {}, onRefused: () => {} }, address);
    nobody.receive('refused');
    return nobody.connect();
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
  readonly connections = new Set<MemoryConnection>();
  readonly #network: MemoryNetwork;
  readonly #server: ServerSide;
  /** Who waits for an answer. */
  #waiting: (() => void)[] = [];
  #reception: Reception = 'accepted';

  constructor(network: MemoryNetwork, server: ServerSide, { host, port }: Address) {
    this.#network = network;
    this.#server = server;
    this.host = host;
    this.port = port;
    this.url = `http://${host}:${port}`;
  }

  connect(): MemorySocket {
    const connection = new MemoryConnection(this.#network, this);
    const { client, server } = connection;
    client.connecting = true;
    const answer = (): void => {
      if (client.destroyed) return;
      if (this.#reception === 'unanswered') {
        this.#waiting.push(answer);
        return;
      }
      client.connecting = false;
      if (this.#reception === 'refused') {
        this.#server.onRefused();
        client.destroy(socketError('connect', 'ECONNREFUSED', this));
        return;
      }
      this.connections.add(connection);
      client.once('close', () => this.connections.delete(connection));
      this.#server.accept(server, connection);
      client.emit('connect');
      client.emit('ready');
    };
    this.#network.soon(answer);
    return client;
  }

  receive(reception: Reception): void {
    this.#reception = reception;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const answer of waiting) this.#network.soon(answer);
  }

  close(): void {
    this.#reception = 'refused';
    this.#network.forget(this);
  }
}

/**
 * Addresses of loopback that nobody uses: in a block of their own, so that no server that really
 * listens is hidden; a new one each time, because gRPC keeps what it knows of an address.
 */
const nextAddress = (): Address => {
  const number = addresses;
  addresses = (addresses + 1) % (1 << 16);
  return { host: `${BLOCK}${number >> 8}.${number & 0xff}`, port: 2379 };
};
const BLOCK = '127.108.';
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
    const socket = address === undefined ? undefined : connectInMemory(address);
    if (socket === undefined) return Reflect.apply(connect, net, args) as net.Socket;
    const connected = args.find((arg) => typeof arg === 'function');
    if (connected !== undefined) socket.once('connect', connected as () => void);
    return socket;
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

const connectInMemory = (address: Address): MemorySocket | undefined => {
  for (const network of installed) {
    const socket = network.connect(address);
    if (socket !== undefined) return socket;
  }
  if (!address.host.startsWith(BLOCK)) return undefined;
  const [network] = installed;
  return network?.refuse(address);
};

const nameOf = ({ host, port }: Address): string => `${host}:${port}`;

/** `connect(options)` or `connect(port, host)`; undefined for a path. */
const addressOf = ([first, second]: readonly unknown[]): Address | undefined => {
  if (typeof first === 'object' && first !== null) {
    const { host, port } = first as { host?: unknown; port?: unknown };
    return typeof host === 'string' ? { host, port: Number(port) } : undefined;
  }
  return typeof second === 'string' ? { host: second, port: Number(first) } : undefined;
};
