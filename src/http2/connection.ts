/**
 * The client's end of an HTTP/2 connection (RFC 9113) to a server of our own on loopback, without
 * what gRPC there does not need: no table of headers, no priorities, no limit for what is received.
 *
 * It is there for what a call costs: on a virtual clock, where the server answers in a tenth of a
 * millisecond, Node's own client takes as long again.
 */
import { connect, type Socket } from 'node:net';
import * as frames from './frames.ts';
import { headersIn } from './header-block.ts';
import {
  ENABLE_PUSH,
  FIRST_WINDOW,
  HEADER_TABLE_SIZE,
  INITIAL_WINDOW_SIZE,
  Sender,
} from './sender.ts';

/** Who is told of a stream. */
export interface StreamHandlers {
  readonly data: (chunk: Buffer) => void;
  /**
   * Once, and nothing after it; null: the server ended the stream in order, with these headers in
   * the end, if with any.
   */
  readonly closed: (why: string | null, trailers: ReadonlyMap<string, string>) => void;
}

/** Our end of a stream. */
export interface OpenStream {
  /** What has been written has been handed to the system as far as the server has room for it. */
  write(data: Buffer, end: boolean): void;
  /** Gives it up. Nothing of it is told after that. */
  cancel(): void;
}

/** The widest window there is: the server never waits until we have read. */
const WIDEST = 2 ** 31 - 1;
/** After so many bytes the server is told that there is room for as many again. */
const REFILL = 2 ** 24;

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');
const SETTINGS = [
  [HEADER_TABLE_SIZE, 0],
  [ENABLE_PUSH, 0],
  [INITIAL_WINDOW_SIZE, WIDEST],
] as const;
/** Of RST_STREAM. */
const CANCEL = 8;

const NO_HEADERS: ReadonlyMap<string, string> = new Map();

const CLOSED = 'the connection was closed';
const GOES_AWAY = 'the server goes away';

interface Stream {
  readonly handlers: StreamHandlers;
  /** Bytes since the server was told last that there is room. */
  received: number;
}

export class Connection {
  readonly #socket: Socket;
  readonly #sender: Sender;
  readonly #reader = new frames.FrameReader();
  readonly #streams = new Map<number, Stream>();
  #nextId = 1;
  /** Why there are no new streams; null while there are. */
  #over: string | null = null;
  #received = 0;
  /** Headers of which more frames are to come. */
  #headers: frames.Frame | undefined;

  /** Begins to connect. That it could not is told to each stream. */
  constructor(host: string, port: number) {
    const socket = connect({ host, port, noDelay: true });
    this.#socket = socket;
    this.#sender = new Sender((bytes) => void socket.write(bytes));
    socket.on('data', (chunk: Buffer) => this.#read(chunk));
    socket.on('error', (error) => this.#end(error.message));
    socket.on('close', () => this.#end(CLOSED));
    socket.write(PREFACE);
    this.#sender.frame(frames.SETTINGS, 0, 0, Buffer.concat(SETTINGS.map(settingBytes)));
    this.#sender.frame(frames.WINDOW_UPDATE, 0, 0, uint32(WIDEST - FIRST_WINDOW));
  }

  /** Opens a stream with a block of headers. */
  open(headers: Buffer, handlers: StreamHandlers): OpenStream {
    const id = this.#nextId;
    this.#nextId += 2;
    if (this.#over !== null) {
      const why = this.#over;
      queueMicrotask(() => handlers.closed(why, NO_HEADERS));
      return { write: () => {}, cancel: () => {} };
    }
    this.#streams.set(id, { handlers, received: 0 });
    this.#sender.open(id);
    this.#sender.frame(frames.HEADERS, frames.END_HEADERS, id, headers);
    return {
      write: (data, end) => {
        this.#sender.data(id, data, end);
        this.#sender.flush();
      },
      cancel: () => {
        if (!this.#streams.delete(id)) return;
        this.#sender.close(id);
        this.#reset(id);
        this.#sender.flush();
      },
    };
  }

  /** Ends it, and with it what is open on it. Safe to call twice. */
  close(): void {
    this.#socket.destroy();
    this.#end(CLOSED);
  }

  #end(why: string): void {
    this.#over ??= why;
    for (const id of this.#streams.keys()) this.#close(id, why);
  }

  /** Tells a stream that it is over; whether all that was to be sent on it has been. */
  #close(id: number, why: string | null, trailers = NO_HEADERS): boolean {
    const stream = this.#streams.get(id);
    this.#streams.delete(id);
    const isDone = this.#sender.close(id);
    stream?.handlers.closed(why, trailers);
    return isDone;
  }

  #read(chunk: Buffer): void {
    try {
      for (const frame of this.#reader.read(chunk)) this.#take(frame);
      this.#sender.flush();
    } catch (error) {
      this.#socket.destroy();
      this.#end(`what the server sent cannot be read: ${String(error)}`);
    }
  }

  #take(frame: frames.Frame): void {
    const { type, flags, stream, payload } = frame;
    const isAcknowledged = (flags & frames.ACK) !== 0;
    switch (type) {
      case frames.DATA:
        this.#takeData(frame);
        return;
      case frames.HEADERS:
      case frames.CONTINUATION:
        this.#takeHeaders(frame);
        return;
      case frames.RST_STREAM:
        this.#close(stream, `the server reset the stream: ${payload.readUInt32BE(0)}`);
        return;
      case frames.SETTINGS:
        if (isAcknowledged) return;
        this.#sender.agree(payload);
        this.#sender.frame(frames.SETTINGS, frames.ACK, 0, Buffer.alloc(0));
        return;
      case frames.PING:
        if (!isAcknowledged) this.#sender.frame(frames.PING, frames.ACK, 0, payload);
        return;
      case frames.GOAWAY:
        this.#goAway(payload.readUInt32BE(0));
        return;
      case frames.WINDOW_UPDATE:
        this.#sender.widen(stream, payload.readUInt32BE(0));
        return;
      case frames.PUSH_PROMISE:
        throw new Error('it pushes what nobody asked for');
      default:
        // What one does not know one leaves alone.
        return;
    }
  }

  #takeData(frame: frames.Frame): void {
    const { length } = frame.payload;
    this.#received = this.#refill(0, this.#received + length);
    const stream = this.#streams.get(frame.stream);
    if (stream === undefined) return;
    stream.received = this.#refill(frame.stream, stream.received + length);
    stream.handlers.data(frames.contentOf(frame));
    if ((frame.flags & frames.END_STREAM) !== 0) this.#finish(frame.stream);
  }

  #refill(stream: number, received: number): number {
    if (received < REFILL) return received;
    this.#sender.frame(frames.WINDOW_UPDATE, 0, stream, uint32(received));
    return 0;
  }

  #takeHeaders(frame: frames.Frame): void {
    const begun = this.#headers;
    if ((frame.type === frames.HEADERS) !== (begun === undefined)) {
      throw new Error('headers within headers');
    }
    const content = frames.contentOf(frame);
    const { flags, stream: id } = begun ?? frame;
    const payload = begun === undefined ? content : Buffer.concat([begun.payload, content]);
    const isWhole = (frame.flags & frames.END_HEADERS) !== 0;
    this.#headers = isWhole ? undefined : { type: frame.type, flags, stream: id, payload };
    // gRPC says at the end how a call went; what comes before that says nothing of interest.
    if (!isWhole || !this.#streams.has(id) || (flags & frames.END_STREAM) === 0) return;
    this.#finish(id, headersIn(payload));
  }

  #finish(id: number, trailers = NO_HEADERS): void {
    // What we have not said yet it does not want to hear.
    if (!this.#close(id, null, trailers)) this.#reset(id);
  }

  #reset(id: number): void {
    this.#sender.frame(frames.RST_STREAM, 0, id, uint32(CANCEL));
  }

  #goAway(last: number): void {
    this.#over ??= GOES_AWAY;
    for (const id of this.#streams.keys()) if (id > last) this.#close(id, GOES_AWAY);
  }
}

const settingBytes = ([setting, value]: readonly [number, number]): Buffer =>
  Buffer.concat([Buffer.from([0, setting]), uint32(value)]);

const uint32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
};
