/**
 * A lease that is kept alive.
 *
 * It is believed alive until its granted TTL after the sending of the last request that was
 * answered, by a clock that nobody sets: the server counts from when it carries a request out,
 * which is not earlier. It is renewed when a third of that has passed. A request that is not
 * answered soon is sent again on another stream, while the first may still be answered; whatever
 * ends a stream says nothing about the lease. Only an answer of TTL 0 does, or the end of its time.
 */
import type { Connection } from './connection.ts';
import { RenewalStream } from './renewal-stream.ts';

export interface KeptLeaseOptions {
  readonly connection: Connection;
  readonly id: bigint;
  /** As granted, in seconds: not what was asked for. */
  readonly ttl: number;
  /** When the request for it was sent. */
  readonly sentAt: number;
  readonly onRenewed: (ttl: number) => void;
  /** Told once; not after `stop`. */
  readonly onLost: (why: string) => void;
}

/** Milliseconds between two attempts, at least. */
const DISTANCE = 250;
/** Milliseconds after which a request is sent again, at most. */
const PATIENCE = 1_000;
/** Node's timers cannot wait for longer. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Streams that may still be answered. */
const STREAMS = 3;

export class KeptLease {
  readonly id: bigint;
  readonly #options: KeptLeaseOptions;
  #ttl: number;
  #deadline = 0;
  #triedAt = -Infinity;
  /** The newest is the last. */
  #streams: RenewalStream[] = [];
  #renewal: ReturnType<typeof setTimeout> | undefined;
  #loss: ReturnType<typeof setTimeout> | undefined;
  #isOver = false;

  constructor(options: KeptLeaseOptions) {
    this.#options = options;
    this.id = options.id;
    this.#ttl = options.ttl;
    this.#prolong(options.sentAt);
  }

  /** Whether it is alive as far as can be known. */
  get isAlive(): boolean {
    return !this.#isOver && performance.now() < this.#deadline;
  }

  /** Until when it is certain to be alive, unless somebody revokes it. */
  get deadline(): number {
    return this.#deadline;
  }

  /** Renews it no more. */
  stop(): void {
    this.#isOver = true;
    clearTimeout(this.#renewal);
    clearTimeout(this.#loss);
    for (const stream of this.#streams) stream.cancel();
    this.#streams = [];
  }

  /** It was renewed by a request that was sent at `sentAt`. */
  #prolong(sentAt: number): void {
    const life = this.#ttl * 1_000;
    this.#deadline = sentAt + life;
    this.#watchDeadline();
    this.#renewAt(sentAt + Math.floor(life / 3));
  }

  #watchDeadline(): void {
    const left = this.#deadline - performance.now();
    clearTimeout(this.#loss);
    this.#loss = setTimeout(
      () => (this.isAlive ? this.#watchDeadline() : this.#lose('not renewed in time')),
      Math.min(left, LONGEST_TIMER),
    );
  }

  #renewAt(at: number): void {
    clearTimeout(this.#renewal);
    const wait = Math.min(Math.max(0, at - performance.now()), LONGEST_TIMER);
    this.#renewal = setTimeout(() => this.#renew(), wait);
  }

  #renew(): void {
    if (!this.isAlive) return;
    this.#triedAt = performance.now();
    this.#ask();
    const patience = Math.min(PATIENCE, Math.max(DISTANCE, Math.floor((this.#ttl * 1_000) / 6)));
    this.#renewAt(this.#triedAt + patience);
  }

  #ask(): void {
    const last = this.#streams.at(-1);
    // It asks as soon as there is a connection, or ends.
    if (last?.isWaiting === true) return;
    if (last?.isAsked === false) last.send();
    else {
      last?.doubt();
      this.#open().send();
    }
  }

  #open(): RenewalStream {
    if (this.#streams.length >= STREAMS) this.#streams.shift()?.cancel();
    const stream: RenewalStream = new RenewalStream(this.#options.connection, {
      id: this.id,
      onAnswer: (ttl, sentAt) => this.#onAnswer(stream, ttl, sentAt),
      onEnd: () => this.#onEnd(stream),
    });
    this.#streams.push(stream);
    return stream;
  }

  #onAnswer(stream: RenewalStream, ttl: number, sentAt: number): void {
    // Its time is up, and an answer that comes after that does not bring it back.
    if (!this.isAlive) return this.#lose('not renewed in time');
    if (ttl <= 0) return this.#lose('the server does not know it');
    // Older streams wait for what is of no use any more.
    const older = this.#streams.slice(0, this.#streams.indexOf(stream));
    for (const other of older) other.cancel();
    this.#streams = this.#streams.slice(older.length);
    this.#ttl = ttl;
    this.#prolong(sentAt);
    this.#options.onRenewed(ttl);
  }

  /** A stream is gone. Was it asked, it is asked again, on another. */
  #onEnd(stream: RenewalStream): void {
    this.#streams = this.#streams.filter((other) => other !== stream);
    if (stream.isAsked && this.#streams.every((other) => !other.isAsked))
      this.#renewAt(this.#triedAt + DISTANCE);
  }

  #lose(why: string): void {
    if (this.#isOver) return;
    this.stop();
    this.#options.onLost(why);
  }
}
