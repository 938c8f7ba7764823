/**
 * One port for gRPC and for HTTP/1: a connection that begins with the preface of HTTP/2 goes to the
 * one server, any other to the other.
 */
import { createServer as createHttp1, type Server as Http1Server } from 'node:http';
import type { RequestListener } from 'node:http';
import { type AddressInfo, createServer, type Server } from 'node:net';
import type { Duplex } from 'node:stream';
import type { GrpcServer } from './grpc-server.ts';

export interface PortOptions {
  readonly grpc: GrpcServer;
  readonly onHttp1: RequestListener;
  /** Connections beyond these are closed at once. */
  readonly maxConnections: number;
  /** Real milliseconds in which a connection has to say what it speaks. */
  readonly sniffTimeout: number;
  readonly onActivity: () => void;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export class Port {
  readonly #options: PortOptions;
  readonly #http1: Http1Server;
  readonly #connections = new Set<Duplex>();
  #listener: Server | undefined;
  #isCut = false;
  #isClosed = false;

  constructor(options: PortOptions) {
    this.#options = options;
    this.#http1 = createHttp1(options.onHttp1);
    // Upgrades are ignored, as etcd does: the request is served as HTTP/1.
    this.#http1.on('clientError', (_error, socket) => socket.destroy());
    // It never listens itself, but only with this does it look for requests that take too long.
    this.#http1.emit('listening');
  }

  get connections(): number {
    return this.#connections.size;
  }

  async listen({ host, port }: Address): Promise<Address> {
    const listener = createServer({ noDelay: true }, (socket) => this.inject(socket));
    await new Promise<void>((resolve, reject) => {
      listener.once('error', reject);
      listener.listen(port, host, () => {
        listener.off('error', reject);
        resolve();
      });
    });
    this.#listener = listener;
    return { host, port: (listener.address() as AddressInfo).port };
  }

  /** Takes one connection over. */
  inject(connection: Duplex): void {
    const { maxConnections, onActivity } = this.#options;
    connection.on('error', () => {});
    if (this.#isClosed || this.#connections.size >= maxConnections) {
      connection.destroy();
      return;
    }
    this.#connections.add(connection);
    onActivity();
    connection.once('close', () => {
      this.#connections.delete(connection);
      onActivity();
    });
    this.#sniff(connection);
  }

  /** From now on nobody gets an answer over HTTP/2: connections end, and so do new ones. */
  cut(): void {
    this.#isCut = true;
    this.#options.grpc.cut();
  }

  mend(): void {
    this.#isCut = false;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const stopped = new Promise<void>((resolve) => {
      if (this.#listener === undefined) resolve();
      else this.#listener.close(() => resolve());
    });
    await this.#options.grpc.close();
    for (const connection of this.#connections) connection.destroy();
    this.#http1.close();
    await stopped;
  }

  /** Looks at the first bytes, puts them back, and hands the connection on. */
  #sniff(connection: Duplex): void {
    let seen: Buffer = Buffer.alloc(0);
    const silence = setTimeout(() => connection.destroy(), this.#options.sniffTimeout);
    silence.unref();
    const hand = (take: (connection: Duplex) => void): void => {
      stop();
      connection.unshift(seen);
      take(connection);
    };
    const look = (): void => {
      const chunk = connection.read() as Buffer | null;
      if (chunk === null) return;
      seen = seen.length === 0 ? chunk : Buffer.concat([seen, chunk]);
      const length = Math.min(seen.length, PREFACE.length);
      if (!seen.subarray(0, length).equals(PREFACE.subarray(0, length))) {
        hand((taken) => this.#http1.emit('connection', taken));
      } else if (length >= ENOUGH) {
        hand((taken) => (this.#isCut ? taken.destroy() : this.#options.grpc.accept(taken)));
      }
    };
    const give = (): void => {
      stop();
      connection.destroy();
    };
    const stop = (): void => {
      clearTimeout(silence);
      connection.off('readable', look);
      connection.off('end', give);
      connection.off('close', give);
    };
    connection.on('readable', look);
    connection.once('end', give);
    connection.once('close', give);
  }
}

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** No method of HTTP/1 begins with `PRI`. */
const ENOUGH = 3;
