/**
 * One gRPC call on one HTTP/2 stream: messages out, messages in, and one end. Whether the server
 * ends it with a status, resets it or loses the connection, it ends once.
 */
import { type ClientHttp2Stream, constants, type IncomingHttpHeaders } from 'node:http2';
import {
  type DescMessage,
  type DescMethodBiDiStreaming,
  type DescMethodUnary,
  fromBinary,
  type MessageInitShape,
  type MessageShape,
  create,
  toBinary,
} from '@bufbuild/protobuf';
import { FrameReader, frameOf } from '../../wire/frames.ts';
import { CODE } from '../../wire/status.ts';
import type { Connection, Line } from './connection.ts';
import { type Bounds, Closed, TooLate, within } from './within.ts';

/**
 * A call did not end well. `code`: gRPC's; whether it took effect nobody knows, but by the
 * code.
 */
export class CallFailed extends Error {
  override readonly name = 'CallFailed';
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export interface Listener<O extends DescMessage> {
  readonly onMessage: (message: MessageShape<O>) => void;
  /** The server says no more; null: it ended well. */
  readonly onEnd: (error: CallFailed | null) => void;
}

type Method<I extends DescMessage, O extends DescMessage> =
  | DescMethodUnary<I, O>
  | DescMethodBiDiStreaming<I, O>;

const MAX_BYTES = 16 * 1024 * 1024;

export class Call<I extends DescMessage, O extends DescMessage> {
  readonly line: Line;
  readonly #method: Method<I, O>;
  readonly #stream: ClientHttp2Stream;
  readonly #listener: Listener<O>;
  #trailers: IncomingHttpHeaders = {};
  #isOver = false;

  constructor(line: Line, method: Method<I, O>, listener: Listener<O>) {
    this.line = line;
    this.#method = method;
    this.#listener = listener;
    const reader = new FrameReader(MAX_BYTES);
    this.#stream = line.session.request(headersOf(method), { endStream: false });
    this.#stream.on('response', (headers) => this.#hear(headers));
    this.#stream.on('trailers', (trailers) => this.#hear(trailers));
    this.#stream.on('data', (chunk: Buffer) => this.#take(reader, chunk));
    // What is wrong with a stream or its connection shows by its close.
    this.#stream.on('error', () => {});
    this.#stream.on('close', () => this.#end());
  }

  send(message: MessageInitShape<I>): void {
    if (this.#isOver || this.#stream.destroyed) return;
    this.#stream.write(frameOf(toBinary(this.#method.input, create(this.#method.input, message))));
  }

  /** No more will be sent. */
  finish(): void {
    this.#stream.end();
  }

  /** Breaks it off: nothing is heard of it any more. */
  cancel(): void {
    this.#isOver = true;
    if (!this.#stream.destroyed) this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #hear(headers: IncomingHttpHeaders): void {
    this.line.heardAt = performance.now();
    if (headers['grpc-status'] !== undefined) this.#trailers = headers;
  }

  #take(reader: FrameReader, chunk: Buffer): void {
    this.line.heardAt = performance.now();
    reader.push(chunk);
    for (let frame = reader.next(); frame !== undefined; frame = reader.next()) {
      if (this.#isOver) return;
      if ('kind' in frame || frame.isCompressed) {
        this.cancel();
        this.#listener.onEnd(new CallFailed(CODE.internal, 'the server broke the format'));
        return;
      }
      this.#listener.onMessage(fromBinary(this.#method.output, frame.message));
    }
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    const status = this.#trailers['grpc-status'];
    if (status === '0') this.#listener.onEnd(null);
    else {
      const code = status === undefined ? CODE.unavailable : Number(status);
      const text = String(this.#trailers['grpc-message'] ?? 'the call was broken off');
      this.#listener.onEnd(new CallFailed(code, text));
    }
  }
}

const headersOf = ({ parent, name }: Method<DescMessage, DescMessage>) => ({
  ':method': 'POST',
  ':path': `/${parent.typeName}/${name}`,
  'content-type': 'application/grpc',
  te: 'trailers',
});

/** What an answer says, and when the question was sent: not before that was it carried out. */
export interface Answer<O extends DescMessage> {
  readonly message: MessageShape<O>;
  readonly sentAt: number;
}

/** Asks once, and waits for the answer within the bounds. Rejects with `CallFailed`. */
export async function ask<I extends DescMessage, O extends DescMessage>(
  connection: Connection,
  method: DescMethodUnary<I, O>,
  request: MessageInitShape<I>,
  { limit, signal }: Bounds,
): Promise<Answer<O>> {
  const endsAt = performance.now() + limit;
  let call: Call<I, O> | undefined;
  let sentAt = endsAt;
  try {
    const line = await within(connection.line(), { limit, signal });
    sentAt = performance.now();
    const answer = new Promise<MessageShape<O>>((resolve, reject) => {
      let last: MessageShape<O> | undefined;
      call = new Call(line, method, {
        onMessage: (message) => {
          last = message;
        },
        onEnd: (error) => {
          if (error === null && last !== undefined) resolve(last);
          else reject(error ?? new CallFailed(CODE.unknown, 'the call ended without an answer'));
        },
      });
      call.send(request);
      call.finish();
    });
    return { message: await within(answer, { limit: endsAt - sentAt, signal }), sentAt };
  } catch (error) {
    if (error instanceof TooLate && call !== undefined) connection.doubt(call.line, sentAt);
    throw asFailure(error);
  } finally {
    call?.cancel();
  }
}

const asFailure = (error: unknown): CallFailed => {
  if (error instanceof CallFailed) return error;
  const { message } = error as Error;
  if (error instanceof TooLate) return new CallFailed(CODE.deadlineExceeded, message);
  return new CallFailed(error instanceof Closed ? CODE.cancelled : CODE.unavailable, message);
};
