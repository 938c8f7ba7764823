/**
 * One gRPC call on one HTTP/2 stream: the pump between its frames and its handler. Everything that
 * comes in or goes out passes through the methods of this class, one place each: `#receive` a
 * message, `send` one, `end` with a status, `reset`.
 */
import type { IncomingHttpHeaders, OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { constants } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { CallGate, GatedCall } from './call-gate.ts';
import { compressed, decompressed } from './compression.ts';
import { FRAME_PREFIX, FrameReader, frameOf } from './frames.ts';
import type { Method, Replies, StreamHandler } from './methods.ts';
import { CODE, escapeMessage, OK, type Status } from './status.ts';

/** What the calls of a server share. */
export interface CallContext {
  /** CONST-16: of one message. */
  readonly maxReceiveBytes: number;
  /** Told of each message and each end, in either direction. */
  readonly onActivity: () => void;
  /** Runs `expired` when so many milliseconds have passed on the server's clock. */
  readonly schedule: (milliseconds: number, expired: () => void) => () => void;
  /** Whatever goes in or out goes through it. */
  readonly gate?: CallGate;
}

/** What a call is made of. */
export interface CallParts {
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly method: Method;
  readonly connection: Duplex | undefined;
}

/** No date: etcd sends none, and what is sent does not depend on when. */
const WITH_TRAILERS = { waitForTrailers: true, sendDate: false } as const;
export const NOTHING_ELSE = { endStream: true, sendDate: false } as const;

/** Before a call is opened, or of one that is refused. */
const NOBODY: StreamHandler<DescMessage> = {
  message: () => {},
  halfClosed: () => {},
  gone: () => {},
};

export class Call implements Replies<DescMessage>, GatedCall {
  readonly connection: Duplex | undefined;
  readonly #stream: ServerHttp2Stream;
  readonly #method: Method;
  readonly #context: CallContext;
  readonly #reader: FrameReader;
  readonly #headers: OutgoingHttpHeaders;
  readonly #isEncoded: boolean;
  #handler: StreamHandler<DescMessage> = NOBODY;
  #status: Status | undefined;
  #isHalfClosed = false;
  #hasMessage = false;
  #isCorked = false;
  #cancelDeadline: (() => void) | undefined;

  constructor({ stream, headers, method, connection }: CallParts, context: CallContext) {
    this.connection = connection;
    this.#stream = stream;
    this.#method = method;
    this.#context = context;
    this.#reader = new FrameReader(context.maxReceiveBytes);
    // With what stands behind `application/grpc`, as in the request.
    this.#headers = { ':status': 200, 'content-type': headers['content-type'] };
    const encoding = headers['grpc-encoding'];
    this.#isEncoded = encoding !== undefined && encoding !== 'identity';
  }

  /** Takes what comes, unless the gate refuses it. */
  begin(): void {
    const stream = this.#stream;
    stream.on('data', (chunk: Buffer) => this.#take(chunk));
    stream.on('end', () => this.#onHalfClose());
    stream.on('close', () => this.#onClose());
    const refusal = this.#context.gate?.opened(this);
    if (refusal === undefined) this.#handler = this.#method.open(this);
    else this.finish(refusal);
  }

  get path(): string {
    return this.#method.path;
  }

  get isStreaming(): boolean {
    return this.#method.isStreaming;
  }

  /** The call ends with DEADLINE_EXCEEDED unless it ends within so many milliseconds. */
  limit(milliseconds: number): void {
    const expire = (): void =>
      this.end({ code: CODE.deadlineExceeded, message: 'context deadline exceeded' });
    if (milliseconds <= 0) expire();
    else this.#cancelDeadline = this.#context.schedule(milliseconds, expire);
  }

  get isOver(): boolean {
    return this.#status !== undefined;
  }

  send(message: MessageShape<DescMessage>): boolean {
    const { gate } = this.#context;
    if (gate === undefined) return this.#send(message);
    if (!this.isOver) gate.reply(this, message, () => void this.#send(message));
    return true;
  }

  #send(message: MessageShape<DescMessage>): boolean {
    if (this.#status !== undefined || isGone(this.#stream)) return true;
    const bytes = this.#method.encode(message);
    const frame = this.#isEncoded ? frameOf(compressed(bytes), true) : frameOf(bytes);
    this.#context.onActivity();
    const stream = this.#stream;
    if (!stream.headersSent) this.#respond();
    if (this.#method.isStreaming) return this.#write(frame);
    this.#status = OK;
    this.#finish(frame);
    return true;
  }

  get backlog(): number {
    return this.#stream.writableLength;
  }

  end(status: Status): void {
    const { gate } = this.#context;
    if (gate === undefined) this.finish(status);
    else if (!this.isOver) gate.reply(this, status, () => this.finish(status));
  }

  finish(status: Status): void {
    if (this.#status !== undefined || isGone(this.#stream)) return;
    this.#status = status;
    this.#context.onActivity();
    if (this.#stream.headersSent) this.#finish(undefined);
    else this.#refuse(status);
  }

  /** Breaks the call off, without a status. */
  reset(code: number): void {
    this.#status ??= OK;
    this.#stream.close(code);
  }

  whenDrained(drained: () => void): void {
    if (this.#stream.writableNeedDrain) this.#stream.once('drain', drained);
    else drained();
  }

  /** Reads no further requests while the client does not read their answers. */
  #write(frame: Buffer): boolean {
    const stream = this.#stream;
    // What is said in one go leaves in one piece.
    if (!this.#isCorked) {
      this.#isCorked = true;
      stream.cork();
      process.nextTick(() => {
        this.#isCorked = false;
        stream.uncork();
      });
    }
    const hasRoom = stream.write(frame);
    if (!hasRoom && !stream.isPaused()) {
      stream.pause();
      stream.once('drain', () => stream.resume());
    }
    return hasRoom;
  }

  #take(chunk: Buffer): void {
    this.#reader.push(chunk);
    while (this.#status === undefined) {
      const frame = this.#reader.next();
      if (frame === undefined) return;
      if ('kind' in frame) {
        this.end(this.#complaintAbout(frame.kind, frame.value));
        return;
      }
      this.#receive(frame.isCompressed, frame.message);
    }
  }

  #complaintAbout(kind: 'flag' | 'size', value: number): Status {
    if (kind === 'size') {
      const max = this.#context.maxReceiveBytes;
      return tooLarge(`grpc: received message larger than max (${value} vs. ${max})`);
    }
    return {
      code: CODE.internal,
      message: `grpc: received unexpected payload format ${value}`,
    };
  }

  #receive(isCompressed: boolean, bytes: Buffer): void {
    this.#context.onActivity();
    if (this.#hasMessage && !this.#method.isStreaming) return;
    this.#hasMessage = true;
    const message = this.#messageOf(isCompressed, bytes);
    if (message === undefined) return;
    const { gate } = this.#context;
    if (gate === undefined) this.#handler.message(message, bytes.length);
    else gate.request(this, message, () => this.#handler.message(message, bytes.length));
  }

  /** Undefined: it cannot be read, and the call has ended. */
  #messageOf(isCompressed: boolean, bytes: Buffer): MessageShape<DescMessage> | undefined {
    try {
      const max = this.#context.maxReceiveBytes;
      const plain = isCompressed ? decompressed(bytes, this.#isEncoded, max) : bytes;
      if (!('code' in plain)) return this.#method.decode(plain);
      this.end(plain);
    } catch (error) {
      const what = this.#method.isStreaming
        ? 'grpc: failed to unmarshal the received message'
        : 'grpc: error unmarshalling request';
      const why = (error as Error).message.replace(/^premature EOF$/, 'unexpected EOF');
      this.end({ code: CODE.internal, message: `${what}: ${why}` });
    }
    return undefined;
  }

  #onHalfClose(): void {
    if (this.#isHalfClosed) return;
    this.#isHalfClosed = true;
    if (this.#status !== undefined) return;
    const { isStreaming } = this.#method;
    // A frame that is broken off within its first bytes counts as none.
    if (this.#reader.pending >= FRAME_PREFIX) {
      const code = isStreaming ? CODE.internal : CODE.unknown;
      this.end({ code, message: 'unexpected EOF' });
    } else if (!this.#hasMessage && !isStreaming) {
      this.end({ code: CODE.unknown, message: 'EOF' });
    } else if (this.#context.gate === undefined) this.#handler.halfClosed();
    else this.#context.gate.request(this, null, () => this.#handler.halfClosed());
  }

  #onClose(): void {
    this.#context.onActivity();
    this.#cancelDeadline?.();
    this.#status ??= OK;
    this.#context.gate?.closed(this);
    this.#handler.gone();
  }

  /** Whoever compresses is answered likewise, without regard to what else it may take. */
  #respond(): void {
    const headers = this.#headers;
    if (this.#isEncoded) headers['grpc-encoding'] = 'gzip';
    this.#stream.respond(headers, WITH_TRAILERS);
  }

  #refuse({ code, message }: Status): void {
    this.#stream.respond(
      { ...this.#headers, 'grpc-status': String(code), 'grpc-message': escapeMessage(message) },
      NOTHING_ELSE,
    );
    this.#letGo();
  }

  #finish(frame: Buffer | undefined): void {
    const stream = this.#stream;
    stream.once('wantTrailers', () => {
      if (isGone(stream)) return;
      const { code, message } = this.#status ?? OK;
      stream.sendTrailers({ 'grpc-status': String(code), 'grpc-message': escapeMessage(message) });
      this.#letGo();
    });
    if (frame === undefined) stream.end();
    else stream.end(frame);
  }

  /** The call is answered: a client that has not said its last word need not any more. */
  #letGo(): void {
    if (this.#isHalfClosed || this.#stream.readableEnded) return;
    setImmediate(() => {
      if (!isGone(this.#stream) && !this.#stream.readableEnded) {
        this.#stream.close(constants.NGHTTP2_NO_ERROR);
      }
    });
  }
}

/** Nothing can be sent on it: the client broke it off, maybe before it was looked at. */
export const isGone = (stream: ServerHttp2Stream): boolean => stream.destroyed || stream.closed;

const tooLarge = (message: string): Status => ({ code: CODE.resourceExhausted, message });
