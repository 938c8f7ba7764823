/**
 * A session with an etcd on a virtual clock. Sessions follow each other on one server; each begins
 * at a turn, finds neither leases nor keys, and sees revisions as on a fresh server: so it cannot
 * tell that others came before, and its history can be compared with that of any other server.
 */
import { asBytes, NO_BYTES } from '../../api/bytes.ts';
import type { Command, KeepAlive, LeaseId, StreamId, Token } from '../../api/command.ts';
import type { ServerConfig } from '../../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../../api/response.ts';
import {
  after,
  type Instant,
  instant,
  type Revision,
  secondsToMilliseconds,
} from '../../api/units.ts';
import type { Completion, Session, Sink } from '../target.ts';
import { isWatchCommand, type UnaryCommand, type WatchCommand } from './grpc-calls.ts';
import { KeepAliveStream } from './grpc-keep-alive.ts';
import { WatchStream } from './grpc-watch-stream.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';
import { VirtualLine } from './virtual-line.ts';
import { VirtualRevisions } from './virtual-revisions.ts';
import { VirtualTurns } from './virtual-turns.ts';

/** What follows each other on one server. */
export interface VirtualSessions {
  open(sink: Sink): Promise<Session>;
}

/** What may make events for the watches of clients. */
const WRITES: ReadonlySet<Command['kind']> = new Set(['put', 'deleteRange', 'txn', 'revoke']);

export class VirtualSession implements Session {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  readonly #line: VirtualLine;
  readonly #sink: Sink;
  /** The server's instant at which the session began. */
  readonly #start: Instant;
  readonly #revisions: VirtualRevisions;
  readonly #streams = new Map<number, KeepAliveStream>();
  readonly #watchStreams = new Map<StreamId, WatchStream>();
  readonly #deadlines = new Map<LeaseId, Instant>();
  readonly #held = new Map<Token, KeepAlive>();
  /** The revisions at which the leases of this turn went. */
  #gone = new Map<LeaseId, Revision>();
  #over = false;
  /** What it may have to make good at its end. */
  #raised = false;
  #compacted = false;

  private constructor(line: VirtualLine, sink: Sink) {
    this.#line = line;
    this.#sink = sink;
    this.#start = line.turns.now;
    this.#revisions = new VirtualRevisions(line.seen - 1);
  }

  /** Begins the watch that all sessions share. */
  static async factory(server: VirtualEtcd, { etcd }: ServerConfig): Promise<VirtualSessions> {
    const line = new VirtualLine(server, new VirtualTurns(server, etcd));
    await line.watch();
    return {
      open: async (sink) => {
        await line.turns.toNextTurn();
        const session = new VirtualSession(line, sink);
        line.current = session;
        return session;
      },
    };
  }

  get now(): Instant {
    return instant(this.#line.turns.now - this.#start);
  }

  async call(_client: number, command: Command): Promise<void> {
    if (command.kind === 'keepAlive') await this.#keepAlive(command);
    else if (isWatchCommand(command)) await this.#watchCommand(command);
    else await this.#unary(command);
  }

  async advanceTo(to: Instant): Promise<void> {
    const { turns } = this.#line;
    await turns.advanceTo(
      instant(this.#start + to),
      () => this.#soonest(),
      () => this.#turned(),
    );
    await this.#readWatches();
  }

  async jumpTo(to: Instant): Promise<void> {
    const isTurn = await this.#line.turns.leapTo(instant(this.#start + to));
    if (isTurn) await this.#turned();
    await this.#readWatches();
  }

  /** Takes back what it left on the server, at the instant at which it ends. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    for (const stream of this.#streams.values()) stream.close('the session was closed');
    for (const stream of this.#watchStreams.values()) stream.close('the session was closed');
    if (this.#raised) await this.#line.send({ kind: 'alarm', token: 0, action: 'clear' });
    const list = await this.#line.send({ kind: 'leases', token: 0 });
    for (const id of list.kind === 'leaseList' ? list.ids : []) {
      await this.#line.send({ kind: 'revoke', token: 0, id });
    }
    const all = { key: asBytes('\0'), rangeEnd: asBytes('\0'), prevKv: false };
    await this.#line.send({ kind: 'deleteRange', token: 0, ...all });
    if (this.#compacted) await this.#line.passCompaction();
    this.#line.current = undefined;
  }

  /** Of the watch, with the server's own revisions. */
  watched(at: Revision, events: readonly WatchEvent[]): void {
    if (this.#over) return;
    for (const { kind, prevKv } of events) {
      if (kind === 'delete' && prevKv !== null && prevKv.lease !== 0n) {
        this.#gone.set(prevKv.lease, at);
      }
    }
    const own = events.map((event) => this.#revisions.event(event));
    this.#sink.watched(this.#revisions.own(at), own);
  }

  async #unary(command: UnaryCommand): Promise<void> {
    if (command.kind === 'alarm' && command.action === 'raise') this.#raised = true;
    if (command.kind === 'compact') this.#compacted = true;
    const completion = await this.#line.complete(this.#revisions.command(command));
    if (completion.kind === 'answered') this.#learn(command, completion.response);
    this.#answered(command.token, completion);
    if (command.kind === 'revoke' && this.#held.size > 0) {
      await this.#line.server.settle();
      await this.#line.drain();
    }
    if (WRITES.has(command.kind)) await this.#readWatches();
  }

  /** Resolves when it is answered, or when the server rests and has not answered it. */
  async #watchCommand(command: WatchCommand): Promise<void> {
    const { stream } = command;
    const open = this.#watchStreams.get(stream);
    const used =
      open === undefined || open.ended
        ? new WatchStream(this.#line.server.etcd, stream, {
            answered: (token, completion) => {
              if (!this.#over) this.#answered(token, completion);
            },
            delivered: (delivery) => this.#delivered(delivery),
          })
        : open;
    this.#watchStreams.set(stream, used);
    used.send(this.#revisions.command(command));
    await this.#readWatches();
    used.forgetUnanswered();
  }

  #delivered(delivery: Delivery): void {
    const own = this.#over ? null : this.#revisions.delivery(delivery);
    if (own !== null) this.#sink.delivered(own);
  }

  /** What the server has to say on watch streams has been read after this. */
  async #readWatches(): Promise<void> {
    if (this.#watchStreams.size === 0) return;
    await this.#line.drainWatches();
    await this.#line.server.settle();
    await this.#line.drainWatches();
  }

  /** Resolves when it is answered, or when the server rests and has not answered it. */
  async #keepAlive(command: KeepAlive): Promise<void> {
    const { etcd } = this.#line.server;
    const { token, stream } = command;
    const open = this.#streams.get(stream);
    const used =
      open === undefined || open.ended
        ? new KeepAliveStream(etcd, (answered, completion) => this.#keptAlive(answered, completion))
        : open;
    this.#streams.set(stream, used);
    this.#held.set(token, command);
    used.send(command);
    await this.#line.drain();
    if (!this.#held.has(token)) return;
    await this.#line.server.settle();
    await this.#line.drain();
  }

  #keptAlive(token: Token, completion: Completion): void {
    const command = this.#held.get(token);
    if (command === undefined || this.#over) return;
    this.#held.delete(token);
    if (completion.kind === 'answered') this.#learn(command, completion.response);
    this.#answered(token, completion);
  }

  /** After a turn: what is not listed any more has gone in it. */
  async #turned(): Promise<void> {
    await this.#readWatches();
    const list = await this.#line.send({ kind: 'leases', token: 0 });
    const listed = new Set(list.kind === 'leaseList' ? list.ids : []);
    const revoked = [...this.#deadlines.keys()].filter((id) => !listed.has(id));
    for (const id of revoked) this.#deadlines.delete(id);
    const order = (id: LeaseId): number => this.#gone.get(id) ?? 0;
    this.#sink.turned(revoked.sort((left, right) => order(left) - order(right)));
    this.#gone = new Map();
  }

  #soonest(): Instant | undefined {
    let soonest: Instant | undefined;
    for (const deadline of this.#deadlines.values()) {
      if (soonest === undefined || deadline < soonest) soonest = deadline;
    }
    return soonest;
  }

  /** Keeps the deadlines that follow from what the server says, to know which turns matter. */
  #learn(command: Command, response: Response): void {
    const { now } = this.#line.turns;
    if (response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0)) {
      this.#deadlines.set(response.id, after(now, secondsToMilliseconds(response.ttl)));
    } else if (response.kind === 'revoked' && command.kind === 'revoke') {
      this.#deadlines.delete(command.id);
      this.#gone = new Map();
    }
  }

  #answered(token: Token, completion: Completion): void {
    if (completion.kind === 'unknown') this.#sink.answered(token, completion);
    else {
      const response = this.#revisions.response(completion.response);
      this.#sink.answered(token, { ...completion, response });
    }
  }
}
