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
import { SPREAD_FROM } from '../../model/index.ts';
import type { Completion, RestartOptions, Session, Sink } from '../target.ts';
import { isWatchCommand, type UnaryCommand } from './grpc-calls.ts';
import { troubleOf, type VirtualLine, type Watcher } from './virtual-line.ts';
import { VirtualCheckpoints } from './virtual-checkpoints.ts';
import { VirtualKeepAlives } from './virtual-keep-alives.ts';
import { VirtualRevisions } from './virtual-revisions.ts';
import { VirtualWatches } from './virtual-watches.ts';

/** What may make events for the watches of clients. */
const WRITES: ReadonlySet<Command['kind']> = new Set(['put', 'deleteRange', 'txn', 'revoke']);

export class VirtualSession implements Session, Watcher {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  readonly #line: VirtualLine;
  readonly #sink: Sink;
  /** The server's instant at which the session began. */
  readonly #start: Instant;
  readonly #revisions: VirtualRevisions;
  readonly #keepAlives: VirtualKeepAlives;
  readonly #watches: VirtualWatches;
  readonly #deadlines = new Map<LeaseId, Instant>();
  readonly #checkpoints = new VirtualCheckpoints();
  /** The revisions at which the leases of this turn went. */
  #gone = new Map<LeaseId, Revision>();
  #seen: Instant = instant(0);
  #over = false;
  #config: ServerConfig;
  /** It has not been restarted: deadlines follow from what is answered. */
  #isYoung = true;
  /** What it may have to make good at its end. */
  #raised = false;
  #compacted = false;

  constructor(line: VirtualLine, sink: Sink) {
    this.#line = line;
    this.#sink = sink;
    this.#config = line.server.config;
    this.#start = line.turns.now;
    this.#revisions = new VirtualRevisions(line.seen - 1, line.hidden);
    this.#keepAlives = new VirtualKeepAlives(line, (command, completion) =>
      this.#keptAlive(command, completion),
    );
    this.#watches = new VirtualWatches(line, this.#revisions, {
      answered: (token, completion) => {
        if (!this.#over) this.#answered(token, completion);
      },
      delivered: (delivery) => {
        if (!this.#over) sink.delivered(delivery);
      },
    });
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
    return this.#unlessLost(async () => {
      if (command.kind === 'keepAlive') await this.#keepAlive(command);
      else if (isWatchCommand(command)) await this.#watches.send(command);
      else await this.#unary(command);
    });
  }

  advanceTo(to: Instant): Promise<void> {
    const { turns } = this.#line;
    return this.#unlessLost(async () => {
      await turns.advanceTo(
        instant(this.#start + to),
        () => this.#soonest(),
        () => this.#turned(),
      );
      await this.#watches.readLeap();
    });
  }

  jumpTo(to: Instant): Promise<void> {
    return this.#unlessLost(async () => {
      const isTurn = await this.#line.turns.leapTo(instant(this.#start + to));
      if (isTurn) await this.#turned();
      await this.#watches.readLeap();
    });
  }

  restart(options: RestartOptions): Promise<void> {
    return this.#unlessLost(() => this.#restart(options));
  }

  async #restart(options: RestartOptions): Promise<void> {
    // KA-08: an orderly end waits for what is held, and so for the next turn. Whoever does not wait
    // kills it.
    const kill = options.kill || this.#keepAlives.areHeld;
    // What it has done is on disk then, so that nothing is done again under new flags (RESTART-03).
    if (!options.kill || this.#config.etcd === '3.4') await this.#line.save();
    this.#keepAlives.close('the server was restarted');
    this.#watches.close('the server was restarted');
    // It may be taken for another version than it is, and has the flags of its own.
    const config = { ...options.config, etcd: this.#config.etcd };
    await this.#line.restart({ ...options, kill, config });
    this.#config = config;
    this.#isYoung = false;
    this.#checkpoints.promoted(this.#line.turns.now);
    await Promise.all([...this.#deadlines.keys()].map((id) => this.#askDeadline(id)));
    const isFree = this.#deadlines.size >= SPREAD_FROM;
    const list = isFree ? await this.#line.send({ kind: 'leases', token: 0 }) : null;
    this.#sink.promoted?.(list?.kind === 'leaseList' ? list.ids : []);
  }

  /** Takes back what it left on the server, at the instant at which it ends. */
  async close(): Promise<void> {
    const wasLost = this.#over;
    this.#over = true;
    this.#keepAlives.close('the session was closed');
    this.#watches.close('the session was closed');
    try {
      if (this.#line.count === 'one') await this.#line.server.close();
      else if (!wasLost) await this.#takeBack();
    } catch (error) {
      // What it was asked and answered stands; nobody can follow it there.
      this.#line.broken = troubleOf(error);
    }
  }

  async #takeBack(): Promise<void> {
    if (this.#raised) await this.#line.send({ kind: 'alarm', token: 0, action: 'clear' });
    const all = { key: asBytes('\0'), rangeEnd: asBytes('\0'), prevKv: false };
    await this.#line.send({ kind: 'deleteRange', token: 0, ...all });
    const list = await this.#line.send({ kind: 'leases', token: 0 });
    const ids = list.kind === 'leaseList' ? list.ids : [];
    // They have no keys any more, so that none makes a revision.
    await Promise.all(ids.map((id) => this.#line.send({ kind: 'revoke', token: 0, id })));
    if (this.#compacted) await this.#line.passCompaction();
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
    if (this.#over || this.#line.hidden.includes(at)) return;
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
    if (command.kind === 'revoke' && this.#keepAlives.areHeld) {
      await this.#line.server.settle();
      await this.#line.drain();
    }
    if (WRITES.has(command.kind)) await this.#watches.read();
  }

  async #keepAlive(command: KeepAlive): Promise<void> {
    const deadline = this.#deadlines.get(command.id);
    const isOverdue = deadline !== undefined && deadline <= this.#line.turns.now;
    await this.#keepAlives.send(command, isOverdue);
    // KA-10: the answer may promise more than there is.
    if (!this.#isYoung && this.#deadlines.has(command.id)) await this.#askDeadline(command.id);
  }

  #keptAlive(command: KeepAlive, completion: Completion): void {
    if (this.#over) return;
    if (completion.kind === 'answered') {
      this.#learn(command, completion.response);
      this.#answered(command.token, completion);
      return;
    }
    void this.#unlessLost(async () => {
      // Throws when the server has ended: that says more than a broken stream.
      await this.#line.server.settle();
      if (!this.#over) this.#answered(command.token, completion);
    });
  }

  /** The deadline of a lease, or what is up to a second before it. */
  async #askDeadline(id: LeaseId): Promise<void> {
    const asked = await this.#line.send({ kind: 'timeToLive', token: 0, id, keys: false });
    if (asked.kind !== 'remainingTtl' || asked.grantedTtl === 0) return;
    this.#deadlines.set(id, after(this.#line.turns.now, secondsToMilliseconds(asked.ttl)));
  }

  /** After a turn: what is not listed any more has gone in it. */
  async #turned(): Promise<void> {
    this.#checkpoints.turned(this.#line.turns.now);
    await this.#watches.readLeap();
    const list = await this.#line.send({ kind: 'leases', token: 0 });
    const listed = new Set(list.kind === 'leaseList' ? list.ids : []);
    const revoked = [...this.#deadlines.keys()].filter((id) => !listed.has(id));
    for (const id of revoked) this.#deadlines.delete(id);
    const order = (id: LeaseId): number => this.#gone.get(id) ?? 0;
    this.#sink.turned(revoked.sort((left, right) => order(left) - order(right)));
    this.#gone = new Map();
  }

  #soonest(): Instant | undefined {
    const isOn = this.#config.leaseCheckpoint === true;
    let soonest = isOn ? this.#checkpoints.soonest : undefined;
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
      this.#checkpoints.begun(response.ttl, now);
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
      const response = this.#revisions.response(completion.response);
      this.#sink.answered(token, { ...completion, response });
    }
  }
}
