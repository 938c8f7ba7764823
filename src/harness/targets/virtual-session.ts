/**
 * A session with an etcd on a virtual clock. Sessions follow each other on one server; each begins
 * at a turn, finds neither leases nor keys, and sees revisions as on a fresh server: so it cannot
 * tell that others came before, and its history can be compared with that of any other server.
 */
import { asBytes, NO_BYTES } from '../../api/bytes.ts';
import type { Command, KeepAlive, LeaseId, Token } from '../../api/command.ts';
import type { ServerConfig } from '../../api/config.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import {
  after,
  type Instant,
  instant,
  type Revision,
  secondsToMilliseconds,
} from '../../api/units.ts';
import { type Completion, type Session, type Sink, TargetError } from '../target.ts';
import type { UnaryCommand } from './grpc-calls.ts';
import { KeepAliveStream } from './grpc-keep-alive.ts';
import { leanKeepAlive } from './lean-calls.ts';
import { OwnRevisions } from './own-revisions.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';
import { troubleOf, VirtualLine } from './virtual-line.ts';
import { VirtualTurns } from './virtual-turns.ts';

/** What follows each other on one server. */
export interface VirtualSessions {
  open(sink: Sink): Promise<Session>;
}

export class VirtualSession implements Session {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  readonly #line: VirtualLine;
  readonly #sink: Sink;
  /** The server's instant at which the session began. */
  readonly #start: Instant;
  readonly #own: OwnRevisions;
  readonly #streams = new Map<number, KeepAliveStream>();
  readonly #deadlines = new Map<LeaseId, Instant>();
  readonly #held = new Map<Token, KeepAlive>();
  /** The revisions at which the leases of this turn went. */
  #gone = new Map<LeaseId, Revision>();
  #seen: Instant = instant(0);
  #over = false;

  private constructor(line: VirtualLine, sink: Sink) {
    this.#line = line;
    this.#sink = sink;
    this.#start = line.turns.now;
    this.#own = new OwnRevisions(line.seen - 1);
  }

  /** Begins the watch that all sessions share. */
  static async factory(server: VirtualEtcd, { etcd }: ServerConfig): Promise<VirtualSessions> {
    const line = new VirtualLine(server, new VirtualTurns(server, etcd));
    await line.watch();
    return {
      open: async (sink) => {
        if (line.broken !== null) throw new TargetError(line.broken);
        await line.turns.toNextTurn().catch((error: unknown) => {
          throw new TargetError(troubleOf(error));
        });
        const session = new VirtualSession(line, sink);
        line.current = session;
        return session;
      },
    };
  }

  /** A server that has ended has no clock: its time stands where it was last seen. */
  get now(): Instant {
    const { server, turns } = this.#line;
    const now = server.hasEnded ? this.#seen : instant(turns.now - this.#start);
    // A leap that a dying server did not take part in is taken back.
    if (now > this.#seen) this.#seen = now;
    return this.#seen;
  }

  call(_client: number, command: Command): Promise<void> {
    const sends = () =>
      command.kind === 'keepAlive' ? this.#keepAlive(command) : this.#unary(command);
    return this.#unlessLost(sends);
  }

  advanceTo(to: Instant): Promise<void> {
    const { turns } = this.#line;
    const moves = () =>
      turns.advanceTo(
        instant(this.#start + to),
        () => this.#soonest(),
        () => this.#turned(),
      );
    return this.#unlessLost(moves);
  }

  jumpTo(to: Instant): Promise<void> {
    return this.#unlessLost(async () => {
      const isTurn = await this.#line.turns.leapTo(instant(this.#start + to));
      if (isTurn) await this.#turned();
    });
  }

  /** Takes back what it left on the server, at the instant at which it ends. */
  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    for (const stream of this.#streams.values()) stream.close('the session was closed');
    try {
      await this.#takeBack();
    } catch (error) {
      // What it was asked and answered stands; nobody can follow it there.
      this.#line.broken = troubleOf(error);
    }
  }

  async #takeBack(): Promise<void> {
    const list = await this.#line.send({ kind: 'leases', token: 0 });
    for (const id of list.kind === 'leaseList' ? list.ids : []) {
      await this.#line.send({ kind: 'revoke', token: 0, id });
    }
    const all = { key: asBytes('\0'), rangeEnd: asBytes('\0'), prevKv: false };
    await this.#line.send({ kind: 'deleteRange', token: 0, ...all });
    this.#line.current = undefined;
  }

  /** A server that goes away, or does not come to rest, ends the session: says so once. */
  async #unlessLost(act: () => Promise<void>): Promise<void> {
    if (this.#over) return;
    try {
      await act();
    } catch (error) {
      this.#lose(troubleOf(error));
    }
  }

  #lose(why: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#line.broken = why;
    this.#sink.lost(why);
  }

  /** Of the watch, with the server's own revisions. */
  watched(at: Revision, events: readonly WatchEvent[]): void {
    if (this.#over) return;
    for (const { kind, prevKv } of events) {
      if (kind === 'delete' && prevKv !== null && prevKv.lease !== 0n) {
        this.#gone.set(prevKv.lease, at);
      }
    }
    const own = events.map((event) => ({
      ...event,
      kv: this.#own.keyValue(event.kv),
      prevKv: event.prevKv === null ? null : this.#own.keyValue(event.prevKv),
    }));
    this.#sink.watched(this.#own.at(at), own);
  }

  async #unary(command: UnaryCommand): Promise<void> {
    const completion = await this.#line.complete(command);
    if (completion.kind === 'answered') this.#learn(command, completion.response);
    this.#answered(command.token, completion);
    if (command.kind === 'revoke' && this.#held.size > 0) {
      await this.#line.server.settle();
      await this.#line.drain();
    }
  }

  /** Resolves when it is answered, or when the server rests and has not answered it. */
  async #keepAlive(command: KeepAlive): Promise<void> {
    const { lean } = this.#line.server;
    const { token, stream } = command;
    const open = this.#streams.get(stream);
    const used =
      open === undefined || open.ended
        ? new KeepAliveStream(leanKeepAlive(lean), (answered, completion) =>
            this.#keptAlive(answered, completion),
          )
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
    if (completion.kind === 'answered') {
      this.#learn(command, completion.response);
      this.#answered(token, completion);
      return;
    }
    void this.#unlessLost(async () => {
      // Throws when the server has ended: that says more than a broken stream.
      await this.#line.server.settle();
      if (!this.#over) this.#answered(token, completion);
    });
  }

  /** After a turn: what is not listed any more has gone in it. */
  async #turned(): Promise<void> {
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
    if (completion.kind === 'unknown') {
      this.#sink.answered(token, completion);
      this.#lose(`etcd-virtual does not answer: ${completion.why}`);
    } else {
      const response = this.#own.response(completion.response);
      this.#sink.answered(token, { ...completion, response });
    }
  }
}
