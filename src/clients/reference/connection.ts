/**
 * One connection to a server at a time, made when somebody needs it and made again when it is gone.
 * However many ask, attempts to connect keep a distance from each other: a server that comes back
 * is not stormed.
 *
 * A connection can be dead without anybody being told. Whoever waits in vain says so (`doubt`), and
 * the next who asks gets a new one; what is under way on the old one may still end well.
 */
import { type ClientHttp2Session, connect as speakHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { Closed, pause, within } from './within.ts';

/** A connection that stands. */
export interface Line {
  readonly session: ClientHttp2Session;
  /** When anything came last. */
  heardAt: number;
}

/** Milliseconds between two attempts to connect. */
const DISTANCE = 500;
/** Milliseconds that an attempt may take. */
const CONNECT_LIMIT = 700;
/** Milliseconds of silence, with a question open, that make a connection doubtful. */
const SILENCE = 500;

export class Connection {
  readonly #url: string;
  readonly #closing = new AbortController();
  readonly #sockets = new Set<Socket>();
  #line: Line | undefined;
  #coming: Promise<Line> | undefined;
  #triedAt = -Infinity;

  constructor(url: string) {
    this.#url = url;
  }

  /** The connection, which stands as far as is known; rejects when none can be had now. */
  async line(): Promise<Line> {
    const line = this.#line;
    if (line !== undefined && isUsable(line.session)) return line;
    this.#coming ??= this.#connect().finally(() => {
      this.#coming = undefined;
    });
    return this.#coming;
  }

  /** Nothing has come though something was asked at `since`. */
  doubt(line: Line, since: number): void {
    if (performance.now() - Math.max(since, line.heardAt) < SILENCE) return;
    if (this.#line === line) this.#line = undefined;
    // It ends when the last call on it has.
    if (isUsable(line.session)) line.session.close();
  }

  /** Ends all at once: nothing of it is left. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#coming?.catch(() => {});
    for (const socket of this.#sockets) socket.destroy();
  }

  async #connect(): Promise<Line> {
    const { signal } = this.#closing;
    const wait = this.#triedAt + DISTANCE - performance.now();
    if (wait > 0) await pause(wait, signal);
    if (signal.aborted) throw new Closed();
    this.#triedAt = performance.now();
    const { hostname: host, port } = new URL(this.#url);
    const socket = connect({ host, port: Number(port) });
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    try {
      await within(connected(socket), { limit: CONNECT_LIMIT, signal });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    const session = speakHttp2(this.#url, { createConnection: () => socket });
    session.on('error', () => session.destroy());
    this.#line = { session, heardAt: performance.now() };
    return this.#line;
  }
}

const connected = (socket: Socket): Promise<void> =>
  new Promise((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });

const isUsable = (session: ClientHttp2Session): boolean => !session.closed && !session.destroyed;
