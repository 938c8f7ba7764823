/** The gate before calls over HTTP/1: as calls of gRPC, but that a reset ends the connection. */
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import type { Duplex } from 'node:stream';
import type { CallGate, GatedCall } from './call-gate.ts';
import type { Method, Replies, StreamHandler } from './methods.ts';
import type { Status } from './status.ts';

/** The method, with the gate before each of its calls on that connection. */
export const gated = (method: Method, gate: CallGate, connection: Duplex): Method => ({
  ...method,
  open: (replies) => new GatewayGate(method, gate, connection, replies),
});

type Anything = MessageShape<DescMessage>;

class GatewayGate implements GatedCall, Replies<DescMessage>, StreamHandler<DescMessage> {
  readonly path: string;
  readonly isStreaming: boolean;
  readonly connection: Duplex;
  readonly #gate: CallGate;
  readonly #replies: Replies<DescMessage>;
  readonly #handler: StreamHandler<DescMessage> | undefined;
  #isOver = false;

  constructor(method: Method, gate: CallGate, connection: Duplex, replies: Replies<DescMessage>) {
    this.path = method.path;
    this.isStreaming = method.isStreaming;
    this.connection = connection;
    this.#gate = gate;
    this.#replies = replies;
    const refusal = gate.opened(this);
    if (refusal === undefined) this.#handler = method.open(this);
    else this.finish(refusal);
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  finish(status: Status): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#replies.end(status);
  }

  reset(): void {
    this.connection.destroy();
  }

  send(message: Anything): boolean {
    const pass = (): void => {
      if (this.#isOver) return;
      this.#isOver = !this.isStreaming;
      this.#replies.send(message);
    };
    if (!this.#isOver) this.#gate.reply(this, message, pass);
    return true;
  }

  end(status: Status): void {
    if (!this.#isOver) this.#gate.reply(this, status, () => this.finish(status));
  }

  get backlog(): number {
    return this.#replies.backlog;
  }

  whenDrained(drained: () => void): void {
    this.#replies.whenDrained(drained);
  }

  message(request: Anything, bytes: number): void {
    this.#gate.request(this, request, () => this.#handler?.message(request, bytes));
  }

  halfClosed(): void {
    this.#gate.request(this, null, () => this.#handler?.halfClosed());
  }

  gone(): void {
    this.#gate.closed(this);
    this.#handler?.gone();
  }
}
