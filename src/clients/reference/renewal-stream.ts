/** A stream of keep-alives, of which one at a time is open. */
import { Lease } from '../../wire/gen/rpc_pb.ts';
import { Call } from './call.ts';
import type { Connection } from './connection.ts';

export interface RenewalListener {
  readonly id: bigint;
  /** `sentAt`: when the request was sent that is answered. */
  readonly onAnswer: (ttl: number, sentAt: number) => void;
  /** It is gone, and was not cancelled. */
  readonly onEnd: () => void;
}

type KeepAliveCall = Call<
  typeof Lease.method.leaseKeepAlive.input,
  typeof Lease.method.leaseKeepAlive.output
>;

export class RenewalStream {
  readonly #connection: Connection;
  readonly #listener: RenewalListener;
  #call: KeepAliveCall | undefined;
  #sentAt: number | undefined;
  #isAsked = false;
  #isOver = false;

  constructor(connection: Connection, listener: RenewalListener) {
    this.#connection = connection;
    this.#listener = listener;
  }

  /** A request is open. */
  get isAsked(): boolean {
    return this.#isAsked;
  }

  /** It has to send a request as soon as it can. */
  get isWaiting(): boolean {
    return this.#isAsked && this.#call === undefined;
  }

  send(): void {
    this.#isAsked = true;
    if (this.#call !== undefined) {
      this.#write(this.#call);
      return;
    }
    this.#connection.line().then(
      (line) => {
        if (this.#isOver) return;
        this.#call = new Call(line, Lease.method.leaseKeepAlive, {
          onMessage: ({ ID, TTL }) => this.#answered(ID, Number(TTL)),
          onEnd: () => this.#ended(),
        });
        this.#write(this.#call);
      },
      () => this.#ended(),
    );
  }

  /** The request has waited for long: perhaps the connection is dead. */
  doubt(): void {
    if (this.#call === undefined || this.#sentAt === undefined) return;
    this.#connection.doubt(this.#call.line, this.#sentAt);
  }

  cancel(): void {
    this.#isOver = true;
    this.#call?.cancel();
  }

  #write(call: KeepAliveCall): void {
    this.#sentAt = performance.now();
    call.send({ ID: this.#listener.id });
  }

  #answered(id: bigint, ttl: number): void {
    if (this.#isOver || this.#sentAt === undefined || !this.#isAsked) return;
    if (id !== this.#listener.id) return;
    this.#isAsked = false;
    this.#listener.onAnswer(ttl, this.#sentAt);
  }

  #ended(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#listener.onEnd();
  }
}
