/**
 * gRPC calls over one connection to a server of our own on loopback, with nothing between
 * them and HTTP/2: no pool, no balancing, no retries. On a virtual clock, where the server answers
 * in a tenth of a millisecond, those are most of what a call costs.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';

const HEADERS = { ':method': 'POST', 'content-type': 'application/grpc', te: 'trailers' };

/** Before each message: whether it is compressed, and its length. */
const PREFIX_BYTES = 5;

/**
 * The widest window of HTTP/2: the server never waits until we have read. Its watches would fall
 * behind, and look again only when time passes.
 */
const WIDEST = 2 ** 31 - 1;

/** How a call ended. */
export interface LeanAnswer {
  /** The gRPC status; 0: it went well. */
  readonly status: number;
  /** etcd's text when it did not. */
  readonly message: string;
  readonly body: Buffer;
}

/** The sending side of a stream. */
export interface Stream {
  write(message: Buffer): void;
  cancel(): void;
}

export class LeanConnection {
  readonly #url: string;
  #session: ClientHttp2Session | undefined;
  #streamed = 0;

  /** Connects at the first call. */
  constructor(url: string) {
    this.#url = url;
  }

  /** The bytes that have come on streams so far, of whole messages or not. */
  get streamed(): number {
    return this.#streamed;
  }

  /** Rejects when there is no answer: the connection broke, or the deadline passed. */
  call(path: string, request: Buffer, deadlineMs: number): Promise<LeanAnswer> {
    return new Promise((resolve, reject) => {
      const stream = this.#connected().request({ ...HEADERS, ':path': path });
      stream.setTimeout(deadlineMs, () => {
        reject(new Error(`no answer within ${deadlineMs} ms`));
        stream.close(constants.NGHTTP2_CANCEL);
      });
      collect(stream, resolve, reject);
      stream.end(framed(request));
    });
  }

  /** Opens a stream of messages in both directions. `ended` is told once. */
  stream(path: string, received: (message: Buffer) => void, ended: (why: string) => void): Stream {
    const stream = this.#connected().request({ ...HEADERS, ':path': path });
    let rest: Buffer = Buffer.alloc(0);
    let why = 'the server ended the stream';
    stream.on('data', (chunk: Buffer) => {
      this.#streamed += chunk.length;
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      while (rest.length >= PREFIX_BYTES) {
        const end = PREFIX_BYTES + rest.readUInt32BE(1);
        if (rest.length < end) return;
        const message = rest.subarray(PREFIX_BYTES, end);
        rest = rest.subarray(end);
        received(message);
      }
    });
    stream.on('trailers', (end: IncomingHttpHeaders) => {
      why = textOf(end['grpc-message']) ?? why;
    });
    stream.on('error', (error: Error) => {
      why = error.message;
    });
    stream.on('close', () => ended(why));
    return {
      write: (message) => void stream.write(framed(message)),
      cancel: () => stream.close(constants.NGHTTP2_CANCEL),
    };
  }

  close(): void {
    this.#session?.destroy();
  }

  #connected(): ClientHttp2Session {
    if (this.#session !== undefined) return this.#session;
    const session = connect(this.#url, { settings: { initialWindowSize: WIDEST } });
    session.once('connect', () => session.setLocalWindowSize(WIDEST));
    this.#session = session;
    // Each call tells of it as well.
    this.#session.on('error', () => {});
    return this.#session;
  }
}

const framed = (message: Buffer): Buffer => {
  const bytes = Buffer.alloc(PREFIX_BYTES + message.length);
  bytes.writeUInt32BE(message.length, 1);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
};

const collect = (
  stream: ClientHttp2Stream,
  resolve: (answer: LeanAnswer) => void,
  reject: (error: Error) => void,
): void => {
  const chunks: Buffer[] = [];
  let end: IncomingHttpHeaders = {};
  const take = (headers: IncomingHttpHeaders): void => {
    if (headers['grpc-status'] !== undefined) end = headers;
  };
  // A refusal may come with the headers alone.
  stream.on('response', take);
  stream.on('trailers', take);
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  stream.on('error', reject);
  stream.on('close', () => {
    const status = Number(end['grpc-status'] ?? Number.NaN);
    if (Number.isNaN(status)) reject(new Error('the connection was closed'));
    const message = decodeURIComponent(textOf(end['grpc-message']) ?? '');
    const body = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
    resolve({ status, message, body: body.subarray(PREFIX_BYTES) });
  });
};

const textOf = (header: string | readonly string[] | undefined): string | undefined =>
  typeof header === 'string' ? header : header?.[0];
