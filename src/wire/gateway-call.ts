/**
 * One call of a method over HTTP/1: the body in, JSON out. A method that takes a stream is told
 * each value of the body as it comes, and answers a line each (WIRE-07).
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type DescMessage, type MessageShape, toBinary, toJson } from '@bufbuild/protobuf';
import {
  beginStream,
  endEmptyStream,
  failStream,
  sendMessage,
  sendRefusal,
} from './gateway-answers.ts';
import { BodyCutter } from './gateway-bodies.ts';
import { readMessage } from './gateway-messages.ts';
import type { Generation } from './gateway-scalars.ts';
import type { Method, Replies, StreamHandler } from './methods.ts';
import { CODE, OK, type Status } from './status.ts';

export interface GatewayContext {
  readonly generation: Generation;
  /** CONST-16: of one message, as gRPC would carry it. */
  readonly maxReceiveBytes: number;
  /** Told of each message and each end, in either direction. */
  readonly onActivity: () => void;
}

/** Bytes of JSON for each byte of a message: base64 with escapes takes less. */
const JSON_PER_BYTE = 4;

/** Reads the request and answers it; nothing else is to be done about it. */
export const answerCall = (
  request: IncomingMessage,
  response: ServerResponse,
  method: Method,
  context: GatewayContext,
): void => {
  const call = new GatewayCall(request, response, method, context);
  call.listen();
};

class GatewayCall implements Replies<DescMessage> {
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #method: Method;
  readonly #context: GatewayContext;
  readonly #handler: StreamHandler<DescMessage>;
  readonly #cutter = new BodyCutter();
  #hasMessage = false;
  #hasEnded = false;
  /** Nothing more of the body is looked at. */
  #isRead = false;

  constructor(
    request: IncomingMessage,
    response: ServerResponse,
    method: Method,
    context: GatewayContext,
  ) {
    this.#request = request;
    this.#response = response;
    this.#method = method;
    this.#context = context;
    this.#handler = method.open(this);
  }

  listen(): void {
    const [request, response] = [this.#request, this.#response];
    request.on('data', (chunk: Buffer) => this.#take(chunk));
    request.on('end', () => this.#finishBody());
    response.on('close', () => {
      this.#hasEnded = true;
      this.#context.onActivity();
      this.#handler.gone();
    });
  }

  send(message: MessageShape<DescMessage>): boolean {
    if (this.#hasEnded) return true;
    this.#context.onActivity();
    const json = toJson(this.#method.output, message, { useProtoFieldName: true });
    if (!this.#method.isStreaming) {
      this.#hasEnded = true;
      sendMessage(this.#response, JSON.stringify(json));
      return true;
    }
    beginStream(this.#response);
    const hasRoom = this.#response.write(`${JSON.stringify({ result: json })}\n`);
    // No further requests are read while the client does not read their answers.
    if (!hasRoom && !this.#request.isPaused()) {
      this.#request.pause();
      this.#response.once('drain', () => this.#request.resume());
    }
    return hasRoom;
  }

  get backlog(): number {
    return this.#response.writableLength;
  }

  end(status: Status): void {
    if (this.#hasEnded) return;
    this.#refuse(status, true);
  }

  whenDrained(drained: () => void): void {
    if (this.#response.writableNeedDrain) this.#response.once('drain', drained);
    else drained();
  }

  #refuse(status: Status, fromGrpc: boolean): void {
    this.#hasEnded = true;
    this.#context.onActivity();
    const { generation } = this.#context;
    const response = this.#response;
    if (!this.#method.isStreaming) sendRefusal(response, status, generation, fromGrpc);
    else if (status.code !== CODE.ok) failStream(response, status, generation);
    else if (response.headersSent) response.end();
    else endEmptyStream(response, generation);
  }

  #take(chunk: Buffer): void {
    this.#context.onActivity();
    if (this.#isRead) return;
    const values = this.#cutter.push(chunk);
    for (const value of values) this.#receive(value);
    const max = this.#context.maxReceiveBytes * JSON_PER_BYTE;
    if (this.#cutter.pending > max && !this.#isRead) {
      this.#isRead = true;
      // What else comes is not waited for.
      const [request, response] = [this.#request, this.#response];
      if (response.headersSent) response.once('finish', () => request.destroy());
      else response.setHeader('Connection', 'close');
      this.#refuse(tooLarge(this.#cutter.pending, max), true);
    }
  }

  #finishBody(): void {
    this.#context.onActivity();
    if (!this.#isRead) this.#receive(this.#cutter.rest());
    if (!this.#isRead) this.#endOfValues();
  }

  #receive(value: string): void {
    if (this.#isRead) return;
    const { input, isStreaming } = this.#method;
    const read = readMessage(input, value, this.#context.generation);
    if (read.kind === 'bad') this.#onBad(read.message);
    else if (read.kind === 'message') {
      // Whatever follows the one message is not looked at.
      this.#isRead = !isStreaming;
      this.#deliver(read.message);
    }
  }

  #deliver(message: MessageShape<DescMessage>): void {
    this.#hasMessage = true;
    const bytes = toBinary(this.#method.input, message).length;
    const max = this.#context.maxReceiveBytes;
    if (bytes > max) {
      this.#isRead = true;
      this.end(tooLarge(bytes, max));
    } else this.#handler.message(message, bytes);
  }

  /** WIRE-06: malformed JSON. */
  #onBad(message: string): void {
    this.#isRead = true;
    const { generation } = this.#context;
    if (!this.#method.isStreaming) {
      this.#refuse({ code: CODE.invalidArgument, message }, false);
    } else if (generation === 'v1' && !this.#hasMessage) {
      this.#hasEnded = true;
      const response = this.#response;
      sendRefusal(response, { code: CODE.unknown, message }, generation, false);
    } else this.#handler.halfClosed();
  }

  /** The body has no more of them; an empty one stands for a message without fields. */
  #endOfValues(): void {
    this.#isRead = true;
    if (this.#method.isStreaming) this.#handler.halfClosed();
    else this.#receiveNothing();
  }

  #receiveNothing(): void {
    const read = readMessage(this.#method.input, '{}', this.#context.generation);
    if (read.kind === 'message') this.#deliver(read.message);
    else this.end(OK);
  }
}

const tooLarge = (bytes: number, max: number): Status => ({
  code: CODE.resourceExhausted,
  message: `grpc: received message larger than max (${bytes} vs. ${max})`,
});
