/** Calls by hand: any header, any bytes, cut anywhere; and what came back, as it stood. */
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from 'node:http2';
import { gunzipSync } from 'node:zlib';

export interface RawCall {
  readonly path: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Sent one after the other. */
  readonly chunks?: readonly Uint8Array[];
  /** The client says its last word. */
  readonly end?: boolean;
}

/** How a call ended. */
export interface Outcome {
  readonly http: number | undefined;
  readonly contentType: string | undefined;
  readonly encoding: string | undefined;
  readonly status: string | undefined;
  readonly message: string | undefined;
  /** The status came in the first and only frame of headers. */
  readonly isTrailersOnly: boolean;
  /** As they stand in their frames, or of those that are compressed what they were. */
  readonly messages: readonly Buffer[];
  /** The code of RST_STREAM; 0: none, or that. */
  readonly reset: number;
}

export const connectRaw = (address: string): ClientHttp2Session => {
  const session = connect(`http://${address}`);
  session.on('error', () => {});
  return session;
};

/** The frame that carries a message; `flag` 1: it is compressed. */
export const framed = (message: Uint8Array, flag = 0): Buffer => {
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
};

export const begin = (session: ClientHttp2Session, call: RawCall): ClientHttp2Stream => {
  const stream = session.request(
    {
      ':method': 'POST',
      ':path': call.path,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...call.headers,
    },
    { endStream: false },
  );
  stream.on('error', () => {});
  for (const chunk of call.chunks ?? []) stream.write(chunk);
  if (call.end ?? true) stream.end();
  return stream;
};

/** Begins a call, and waits for its end. */
export const callRaw = (session: ClientHttp2Session, call: RawCall): Promise<Outcome> =>
  outcomeOf(begin(session, call));

export const outcomeOf = (stream: ClientHttp2Stream): Promise<Outcome> =>
  new Promise((resolve) => {
    let headers: IncomingHttpHeaders = {};
    let trailers: IncomingHttpHeaders | undefined;
    const data: Buffer[] = [];
    stream.on('response', (received) => {
      headers = received;
    });
    stream.on('trailers', (received) => {
      trailers = received;
    });
    stream.on('data', (chunk: Buffer) => data.push(chunk));
    stream.on('close', () => {
      const ending = trailers ?? headers;
      resolve({
        http: headers[':status'] as unknown as number | undefined,
        contentType: headers['content-type'],
        encoding: headers['grpc-encoding'] as string | undefined,
        status: ending['grpc-status'] as string | undefined,
        message: ending['grpc-message'] as string | undefined,
        isTrailersOnly: trailers === undefined,
        messages: messagesIn(Buffer.concat(data)),
        reset: stream.rstCode ?? constants.NGHTTP2_NO_ERROR,
      });
    });
  });

/** The messages of a stream as they come, until it ends. */
export const messagesOf = async function* (
  stream: ClientHttp2Stream,
): AsyncGenerator<Buffer, void, undefined> {
  let rest = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5 && rest.length >= 5 + rest.readUInt32BE(1)) {
      const end = 5 + rest.readUInt32BE(1);
      yield rest.subarray(5, end);
      rest = rest.subarray(end);
    }
  }
};

const messagesIn = (data: Buffer): Buffer[] => {
  const messages: Buffer[] = [];
  for (let at = 0; at + 5 <= data.length; ) {
    const size = data.readUInt32BE(at + 1);
    const message = data.subarray(at + 5, at + 5 + size);
    messages.push(data[at] === 1 ? gunzipSync(message) : message);
    at += 5 + size;
  }
  return messages;
};
