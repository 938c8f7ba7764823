/** A session with a real etcd: a share of its keys and lease ids, on the clock of its target. */
import type { Etcd3 } from 'etcd3';
import { errorMessage } from '../../error-message.ts';
import { asBytes, type Bytes, prefixEnd } from '../../api/bytes.ts';
import type { Command, LeaseId, StreamId, Token } from '../../api/command.ts';
import type { Instant } from '../../api/units.ts';
import { invariant } from '../../invariant.ts';
import { type Completion, type Session, type Sink, TargetError } from '../target.ts';
import { callUnary, isWatchCommand } from './grpc-calls.ts';
import type { Connections } from './grpc-connections.ts';
import { KeepAliveStream, keepAliveOver } from './grpc-keep-alive.ts';
import { type Watch, watchPrefix } from './grpc-watch.ts';
import { watchOver } from './grpc-watch-transport.ts';
import { WatchStream } from './grpc-watch-stream.ts';

/** What the sessions of a target have in common. */
export interface SharedServer {
  readonly connections: Connections;
  /**
   * Tells this target's keys and lease ids from those of others on the same server: 1 to 2^21 - 1.
   */
  readonly share: number;
  /** How long a request may take before it completes as unknown, in milliseconds. */
  readonly deadlineMs: number;
  /** The target's clock. */
  readonly now: () => Instant;
  /** Whether a session removes what it left on the server. */
  readonly cleansUp: boolean;
  /** Those that are open. */
  readonly sessions: Set<GrpcSession>;
}

export class GrpcSession implements Session {
  readonly keyPrefix: Bytes;
  readonly idMask: bigint;
  readonly #server: SharedServer;
  readonly #index: number;
  readonly #sink: Sink;
  readonly #unanswered = new Set<Token>();
  readonly #sent = new Set<Promise<void>>();
  readonly #streams = new Map<string, KeepAliveStream>();
  readonly #watchStreams = new Map<string, WatchStream>();
  readonly #granted = new Set<LeaseId>();
  readonly #wakers = new Set<() => void>();
  #watch: Watch | undefined;
  #over = false;
  #closing: Promise<void> | undefined;

  private constructor(server: SharedServer, index: number, sink: Sink) {
    this.#server = server;
    this.#index = index;
    this.#sink = sink;
    this.keyPrefix = asBytes(`lh/${server.share.toString(16)}/${index}/`);
    this.idMask = idMask(server.share, index);
  }

  /**
   * Resolves when the watch over its keys stands. Throws `TargetError` when the server does not
   * take it.
   */
  static async open(server: SharedServer, index: number, sink: Sink): Promise<GrpcSession> {
    const session = new GrpcSession(server, index, sink);
    try {
      session.#watch = await watchPrefix(watchOver(session.#connection(0)), session.keyPrefix, {
        watched: (revision, events) => {
          if (!session.#over) sink.watched(revision, events);
        },
        ended: (why) => {
          if (session.#watch !== undefined) session.lose(why);
        },
      });
    } catch (error) {
      const why = errorMessage(error);
      throw new TargetError(`the server does not take a watch over ${session.keyPrefix}: ${why}`);
    }
    server.sessions.add(session);
    return session;
  }

  get now(): Instant {
    return this.#server.now();
  }

  call(client: number, command: Command): void {
    invariant(!this.#unanswered.has(command.token), 'a token names one request', { command });
    this.#unanswered.add(command.token);
    if (this.#over) {
      this.#complete(command.token, { kind: 'unknown', why: 'the session is over' });
    } else if (command.kind === 'keepAlive') {
      this.#stream(client, command.stream).send(command);
    } else if (isWatchCommand(command)) {
      // What a watch stream leaves unanswered stays so.
      if (command.kind !== 'watch') this.#unanswered.delete(command.token);
      this.#watchStream(client, command.stream).send(command);
    } else {
      const sent = callUnary(this.#connection(client), command, this.#server.deadlineMs).then(
        (completion) => {
          this.#sent.delete(sent);
          this.#note(completion);
          this.#complete(command.token, completion);
        },
      );
      this.#sent.add(sent);
    }
  }

  /** Waits until `to`; ends early when the session does. */
  async advanceTo(to: Instant): Promise<void> {
    // A timer may fire up to a millisecond early, and takes no more than 2^31 - 1 of them.
    while (!this.#over && this.now < to) await this.#sleep(Math.min(to - this.now, 2 ** 31 - 1));
  }

  jumpTo(_to: Instant): void {
    throw new TargetError('a real clock does not leap: run schedules with `jump` on a virtual one');
  }

  /** The server went away, or broke off: says so once, after what was unanswered. */
  lose(why: string): void {
    if (this.#over) return;
    this.#end(why);
    this.#sink.lost(why);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#end('the session was closed');
    this.#watch?.close();
    if (this.#server.cleansUp) await this.#cleanUp();
    this.#server.sessions.delete(this);
  }

  #end(why: string): void {
    this.#over = true;
    for (const stream of this.#streams.values()) stream.close(why);
    for (const stream of this.#watchStreams.values()) stream.close(why);
    this.#streams.clear();
    this.#watchStreams.clear();
    for (const token of this.#unanswered) this.#complete(token, { kind: 'unknown', why });
    for (const wake of this.#wakers) wake();
  }

  #complete(token: Token, completion: Completion): void {
    if (this.#unanswered.delete(token)) this.#sink.answered(token, completion);
  }

  #connection(client: number): Etcd3 {
    return this.#server.connections.of(client, this.#index);
  }

  #stream(client: number, stream: number): KeepAliveStream {
    const name = `${client}/${stream}`;
    const open = this.#streams.get(name);
    if (open !== undefined && !open.ended) return open;
    const opened = new KeepAliveStream(
      keepAliveOver(this.#connection(client)),
      (token, completion) => this.#complete(token, completion),
    );
    this.#streams.set(name, opened);
    return opened;
  }

  #watchStream(client: number, stream: StreamId): WatchStream {
    const name = `${client}/${stream}`;
    const open = this.#watchStreams.get(name);
    if (open !== undefined && !open.ended) return open;
    const opened = new WatchStream(watchOver(this.#connection(client)), stream, {
      answered: (token, completion) => {
        this.#unanswered.delete(token);
        this.#sink.answered(token, completion);
      },
      delivered: (delivery) => {
        if (!this.#over) this.#sink.delivered(delivery);
      },
    });
    this.#watchStreams.set(name, opened);
    return opened;
  }

  #sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        this.#wakers.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, Math.max(ms, 1));
      this.#wakers.add(wake);
    });
  }

  #note(completion: Completion): void {
    const granted = completion.kind === 'answered' && completion.response.kind === 'granted';
    if (granted) this.#granted.add(completion.response.id);
  }

  /**
   * Takes its leases and keys off a server that is not ours. As well as it can: they may be gone,
   * or the server.
   */
  async #cleanUp(): Promise<void> {
    // A grant under way may yet be answered, and then there is a lease to revoke.
    await Promise.race([Promise.all(this.#sent), afterMs(CLEAN_UP_MS)]);
    const ids = [...this.#granted];
    const etcd = this.#connection(0);
    for (let start = 0; start < ids.length; start += CLEAN_UP_AT_ONCE) {
      const batch = ids.slice(start, start + CLEAN_UP_AT_ONCE);
      const revoked = await Promise.all(
        batch.map((id) => callUnary(etcd, { kind: 'revoke', token: 0, id }, CLEAN_UP_MS)),
      );
      if (revoked.every((completion) => completion.kind === 'unknown')) return;
    }
    const range = { key: this.keyPrefix, rangeEnd: prefixEnd(this.keyPrefix), prevKv: false };
    await callUnary(etcd, { kind: 'deleteRange', token: 0, ...range }, CLEAN_UP_MS);
  }
}

const CLEAN_UP_MS = 2_000;
const CLEAN_UP_AT_ONCE = 64;

/** One that does not keep the process alive. */
const afterMs = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms).unref();
  });

/**
 * Ids that a schedule writes out lie within 2^20 of 0, -1, 2^63 - 1 or -2^63. Two such ids of the
 * same sign differ, from bit 20 up to bit 62, either everywhere or nowhere. Masks must not: they
 * differ somewhere (in the index, bits 20 to 40, or in the share, bits 41 to 61), and agree in bit
 * 62. So no id of one session is an id of another.
 */
const idMask = (share: number, index: number): bigint => {
  invariant(share >= 1 && share < 2 ** 21, 'a share has 21 bits', { share });
  invariant(index >= 0 && index < 2 ** 21, 'a session index has 21 bits', { index });
  return (BigInt(share) << 41n) | (BigInt(index) << 20n);
};
