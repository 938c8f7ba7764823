/**
 * gRPC calls over one connection to a server of our own on loopback, with nothing between
 * them and HTTP/2: no pool, no balancing, no retries. On a virtual clock, where the server answers
 * in a tenth of a millisecond, those are most of what a call costs.
 */
import { Connection } from '../../http2/connection.ts';
import { requestHeaders } from '../../http2/header-block.ts';
import { FRAME_PREFIX, FrameReader, frameOf } from '../../wire/frames.ts';
import { Deadlines } from './deadlines.ts';

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
  readonly #url: URL;
  readonly #deadlines: Deadlines;
  /** The headers of each method. */
  readonly #headers = new Map<string, Buffer>();
  #connection: Connection | undefined;
  #streamed = 0;

  /** Connects at the first call. A call may take `patienceMs` of real time. */
  constructor(url: string, patienceMs: number) {
    this.#url = new URL(url);
    this.#deadlines = new Deadlines(patienceMs);
  }

  /** The bytes that have come on streams so far, of whole messages or not. */
  get streamed(): number {
    return this.#streamed;
  }

  /** Rejects when there is no answer: the connection broke, or the deadline passed. */
  call(path: string, request: Buffer): Promise<LeanAnswer> {
    return new Promise((resolve, reject) => {
      const chunks: Buffer[] = [];
      const stream = this.#connected().open(this.#headersOf(path), {
        data: (chunk) => void chunks.push(chunk),
        closed: (why, trailers) => {
          settled();
          const status = trailers.get('grpc-status');
          if (status === undefined) reject(new Error(why ?? ENDED));
          else
            resolve({ status: Number(status), message: messageIn(trailers), body: bodyOf(chunks) });
        },
      });
      const settled = this.#deadlines.limit((patienceMs) => {
        stream.cancel();
        reject(new Error(`no answer within ${patienceMs} ms`));
      });
      stream.write(frameOf(request), true);
    });
  }

  /** Opens a stream of messages in both directions. `ended` is told once, but not if we give up. */
  stream(path: string, received: (message: Buffer) => void, ended: (why: string) => void): Stream {
    const frames = new FrameReader(Infinity);
    const stream = this.#connected().open(this.#headersOf(path), {
      data: (chunk) => {
        this.#streamed += chunk.length;
        frames.push(chunk);
        for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
          if ('kind' in frame) {
            stream.cancel();
            return ended(`the server sent no message of gRPC: its flag is ${frame.value}`);
          }
          received(frame.message);
        }
      },
      closed: (why, trailers) => ended(why ?? (messageIn(trailers) || ENDED)),
    });
    return {
      write: (message) => stream.write(frameOf(message), false),
      cancel: () => stream.cancel(),
    };
  }

  close(): void {
    this.#connection?.close();
  }

  #connected(): Connection {
    this.#connection ??= new Connection(this.#url.hostname, Number(this.#url.port));
    return this.#connection;
  }

  #headersOf(path: string): Buffer {
    const known = this.#headers.get(path);
    if (known !== undefined) return known;
    const headers = requestHeaders(this.#url.host, path);
    this.#headers.set(path, headers);
    return headers;
  }
}

const ENDED = 'the server ended the stream';

/** One that is not well encoded is taken as it is. */
const messageIn = (trailers: ReadonlyMap<string, string>): string => {
  const said = trailers.get('grpc-message') ?? '';
  try {
    return decodeURIComponent(said);
  } catch {
    return said;
  }
};

const bodyOf = (chunks: readonly Buffer[]): Buffer => {
  const [first] = chunks;
  return (chunks.length === 1 ? (first as Buffer) : Buffer.concat(chunks)).subarray(FRAME_PREFIX);
};
