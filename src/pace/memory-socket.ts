/**
 * The two ends of a connection in memory. What one end writes reaches the other a turn of the event
 * loop later, in order; no kernel and no thread has a part in it, so the same program makes the
 * same steps each time.
 *
 * A connection can be stalled, reset, or cut at one end only: what clients have to cope with.
 */
import { Duplex } from 'node:stream';

/** Counts what is under way, and carries out what is due, a turn of the event loop later. */
export interface Carrier {
  /** Runs `deliver` in the next turn. */
  soon(deliver: () => void): void;
}

/** One connection; both of its ends, and what can happen to it. */
export class MemoryConnection {
  readonly client: MemorySocket;
  readonly server: MemorySocket;
  readonly #carrier: Carrier;
  /** What is held up on its way to an end; of an end that is not in it, nothing is. */
  readonly #parked = new Map<MemorySocket, (() => void)[]>();

  constructor(carrier: Carrier, address: Address) {
    this.#carrier = carrier;
    this.client = new MemorySocket(this, address);
    this.server = new MemorySocket(this, { host: address.host, port: CLIENT_PORT });
  }

  other(end: MemorySocket): MemorySocket {
    return end === this.client ? this.server : this.client;
  }

  /**
   * From now on nothing arrives at either end, or at the given one, and nobody is told; nothing is
   * lost either.
   */
  stall(to?: MemorySocket): void {
    for (const end of this.#ends(to)) if (!this.#parked.has(end)) this.#parked.set(end, []);
  }

  /** What was held up since `stall` arrives, in order. */
  resume(to?: MemorySocket): void {
    for (const end of this.#ends(to)) {
      const parked = this.#parked.get(end) ?? [];
      this.#parked.delete(end);
      for (const deliver of parked) this.#carrier.soon(deliver);
    }
  }

  /** Both ends see the connection fail, as when a peer's kernel has forgotten it. */
  reset(): void {
    this.#parked.clear();
    for (const end of this.#ends()) {
      this.#carrier.soon(() => end.destroy(socketError('read', 'ECONNRESET')));
    }
  }

  /** What is sent to that end is held up. */
  isStalled(end: MemorySocket): boolean {
    return this.#parked.has(end);
  }

  /** Of the ends. */
  carry(to: MemorySocket, deliver: () => void): void {
    const parked = this.#parked.get(to);
    if (parked === undefined) this.#carrier.soon(deliver);
    else parked.push(deliver);
  }

  #ends(only?: MemorySocket): readonly MemorySocket[] {
    return only === undefined ? [this.client, this.server] : [only];
  }
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** The port that a client's end seems to have. */
const CLIENT_PORT = 49_152;

/** One end, with as much of the face of a `net.Socket` as libraries touch. */
export class MemorySocket extends Duplex {
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly remoteFamily = 'IPv4';
  connecting = false;
  readonly #connection: MemoryConnection;
  /** What tells the peer that there is room again. */
  #roomFor: (() => void) | undefined;

  constructor(connection: MemoryConnection, peer: Address) {
    super({ allowHalfOpen: false });
    this.#connection = connection;
    this.remoteAddress = peer.host;
    this.remotePort = peer.port;
  }

  override _read(): void {
    const tell = this.#roomFor;
    this.#roomFor = undefined;
    tell?.();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.#send(chunk, done);
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this.#send(Buffer.concat(chunks.map(({ chunk }) => chunk)), done);
  }

  override _final(done: Done): void {
    this.#endOther();
    done();
  }

  override _destroy(error: Error | null, done: Done): void {
    // The peer waits for room no more.
    const tell = this.#roomFor;
    this.#roomFor = undefined;
    tell?.();
    this.#endOther();
    done(error);
  }

  #send(chunk: Buffer, done: Done): void {
    const peer = this.#connection.other(this);
    if (this.#connection.isStalled(peer)) {
      // As in a kernel's buffer: who sends does not know. Else a peer that is deaf would be mute.
      this.#connection.carry(peer, () => void (peer.destroyed || peer.push(chunk)));
      done();
      return;
    }
    this.#connection.carry(peer, () => {
      if (peer.destroyed) done(socketError('write', 'ECONNRESET'));
      // A reader that lags behind is waited for, as the window of TCP does.
      else if (peer.push(chunk)) done();
      else peer.#roomFor = done;
    });
  }

  setNoDelay(): this {
    return this;
  }

  setKeepAlive(): this {
    return this;
  }

  setTimeout(): this {
    return this;
  }

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  #endOther(): void {
    const peer = this.#connection.other(this);
    this.#connection.carry(peer, () => peer.#ended());
  }

  #ended(): void {
    if (!this.destroyed && !this.readableEnded) this.push(null);
  }
}

type Done = (error?: Error | null) => void;

/** An error such as the kernel's sockets give. */
export const socketError = (syscall: string, code: string, { host, port }: Partial<Address> = {}) =>
  Object.assign(new Error(`${syscall} ${code}${host === undefined ? '' : ` ${host}:${port}`}`), {
    code,
    syscall,
    ...(host === undefined ? {} : { address: host, port }),
  });
