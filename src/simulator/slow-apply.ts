/**
 * A simulated member that is slow to apply: its log, with the proposals of clients and the revokes
 * of its own expiry loop, and what waits until that is done. Each kind of wait has its own end.
 */
import type { Command, KeepAlive, LeaseId, StreamId } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Instant, Revision } from '../api/units.ts';
import { requestTimeout, TURN_LIMIT } from './flags.ts';
import { LastTimer } from './last-timer.ts';
import { needOf } from './leader-need.ts';
import { isEnd, type LeadershipOptions, type StreamEnd } from './leadership.ts';
import { refused } from './lease-requests.ts';
import type { Late } from './options.ts';
import { answerTo, type Request } from './requests.ts';
import { removeLease } from './server.ts';
import { NO_SLOT } from './slots.ts';

export interface SlowApplyOptions extends LeadershipOptions {
  readonly late: ((late: Late) => void) | undefined;
}

type LogEntry =
  | { readonly kind: 'revoke'; readonly id: LeaseId }
  | {
      readonly kind: 'request';
      readonly request: Request;
      readonly isOpen: boolean;
      endsAt: number;
    };

interface Reader {
  readonly command: Command;
  readonly begun: Revision;
  /** Infinite: it waits for as long as it takes, or stands behind another one. */
  readonly endsAt: number;
}

/** What is left of the revokes of a turn (CONST-06). */
interface Rest {
  readonly ids: readonly LeaseId[];
  readonly goesOnAt: number;
}

const NEVER = Infinity;

const NONE: readonly LeaseId[] = [];

/** CONST-10 */
const READERS_WAIT = 1000;
/** CONST-06 */
const SLOTS = 16;
/** CONST-16 */
const GAP = 5000;

export class SlowApply {
  readonly #options: SlowApplyOptions;
  /** CONST-09 */
  readonly #requestTimeout: number;
  /** Null: what is committed is applied at once. */
  #log: LogEntry[] | null = null;
  /** All requests in the log before this place have been refused: they end in their order. */
  #refusedTo = 0;
  #readers: Reader[] = [];
  #rests: Rest[] = [];
  /** CONST-08: when the loop comes back to a lease that it has handed over. */
  readonly #againAt = new Map<LeaseId, number>();
  /** No lease is due before: none is granted meanwhile. A renewal may have one due sooner. */
  #nextDue = 0;
  readonly #timer: LastTimer;

  constructor(options: SlowApplyOptions) {
    this.#options = options;
    this.#requestTimeout = requestTimeout(options.config);
    this.#timer = new LastTimer(options.server.clock, (now) => this.#wake(now));
  }

  get isOn(): boolean {
    return this.#log !== null;
  }

  begin(): void {
    this.#log ??= [];
    this.#nextDue = 0;
  }

  /** Takes a request that cannot be served now; false: it can. */
  parks(command: Command | StreamEnd, begun?: Revision): boolean {
    const log = this.#log;
    if (log === null) return false;
    if (isEnd(command)) return false;
    const need = needOf(command);
    if (need === 'none') return false;
    if (need === 'proposal') this.#propose(log, command as Request);
    else if (command.kind === 'keepAlive' && this.#isServed(command)) {
      this.#nextDue = 0;
      return false;
    } else this.#read(command, begun ?? this.#options.server.store.revision);
    this.#setTimer();
    return true;
  }

  /** Whether a turn then may find a lease that is due. */
  mayFind(at: Instant): boolean {
    return at >= this.#nextDue;
  }

  /** A turn of the expiry loop: whose revokes it sets out to propose; undefined: it is not slow. */
  turn(): readonly LeaseId[] | undefined {
    const log = this.#log;
    if (log === null) return undefined;
    const { clock, lessor } = this.#options.server;
    if (!this.mayFind(clock.now)) return NONE;
    this.#nextDue = NEVER;
    const due: { readonly id: LeaseId; readonly at: number }[] = [];
    for (const slot of lessor.slots()) {
      const id = lessor.idOf(slot);
      const at = this.#againAt.get(id) ?? lessor.deadlineOf(slot);
      if (at <= clock.now) due.push({ id, at });
      else this.#nextDue = Math.min(this.#nextDue, at);
    }
    if (due.length === 0) return NONE;
    due.sort((left, right) => left.at - right.at);
    const ids = due.slice(0, TURN_LIMIT).map(({ id }) => id);
    const again = clock.now + this.#requestTimeout;
    for (const id of ids) this.#againAt.set(id, again);
    this.#nextDue = Math.min(this.#nextDue, due.length > ids.length ? clock.now : again);
    this.#proposeRevokes(log, ids);
    this.#setTimer();
    return ids;
  }

  /**
   * Applies all that is committed, and then serves what waited for that. `told` hears first of the
   * ids that were chosen for grants whose clients have given up.
   */
  catchUp(told: (chosen: readonly LeaseId[]) => void): void {
    const [log, readers, rests] = [this.#log, this.#readers, this.#rests];
    if (log === null) return;
    this.stop();
    told(log.flatMap(unheardId));
    const { keepAlives, server } = this.#options;
    const behind = keepAlives.takeBehind();
    for (const entry of log) this.#apply(entry);
    const { revision } = server.store;
    for (const request of behind) this.#options.serve(request, revision);
    for (const { command, begun, endsAt } of readers) {
      // KA-06
      const isBehind = command.kind === 'keepAlive' && endsAt === NEVER;
      this.#options.serve(command, isBehind ? revision : begun);
    }
    for (const { ids } of rests) for (const id of ids) this.#revoke(id);
  }

  /** The process ends, its streams with it: what is committed is on disk, and nobody is told. */
  end(): void {
    const log = this.#log ?? [];
    this.stop();
    for (const entry of log) {
      if (entry.kind === 'request') entry.endsAt = NEVER;
      this.#apply(entry);
    }
  }

  /** The client of a keep-alive stream is gone. */
  closeStream(stream: StreamId): void {
    this.#readers = this.#readers.filter(({ command }) => !isOf(stream, command));
    this.#setTimer();
  }

  /** Nothing is slow any more, and nothing waits. */
  stop(): void {
    this.#log = null;
    this.#refusedTo = 0;
    this.#readers = [];
    this.#rests = [];
    this.#againAt.clear();
    this.#setTimer();
  }

  #propose(log: LogEntry[], request: Request): void {
    if (log.length >= GAP) return this.#refuse(request, 'too-many-requests');
    // CONST-14: the id of a lease is chosen before the proposal.
    const isOpen = request.kind === 'grant' && request.id === 0n;
    const id = isOpen ? this.#options.server.ids.takeLeaseId() : 0n;
    const asked = request.kind === 'grant' && isOpen ? { ...request, id } : request;
    const endsAt = this.#options.server.clock.now + this.#requestTimeout;
    log.push({ kind: 'request', request: asked, isOpen, endsAt });
  }

  /** KA-15: what is applied is enough for it. */
  #isServed({ id, stream }: KeepAlive): boolean {
    if (this.#readers.some(({ command }) => isOf(stream, command))) return false;
    const { keepAlives, server } = this.#options;
    if (keepAlives.holds(stream)) return true;
    return server.etcd === '3.7' && server.lessor.find(id) !== NO_SLOT;
  }

  #read(command: Command, begun: Revision): void {
    const { now } = this.#options.server.clock;
    const isRead = command.kind !== 'keepAlive' && command.kind !== 'timeToLive';
    const isBehind =
      command.kind === 'keepAlive' &&
      this.#readers.some((ahead) => isOf(command.stream, ahead.command));
    const endsAt = isRead || isBehind ? NEVER : now + READERS_WAIT;
    this.#readers = [...this.#readers, { command, begun, endsAt }];
  }

  #proposeRevokes(log: LogEntry[], ids: readonly LeaseId[]): void {
    const slots = Math.min(SLOTS, GAP - log.length);
    for (const id of ids.slice(0, slots)) log.push({ kind: 'revoke', id });
    // Those that find no room are done with at once, and so are all after them.
    if (slots < SLOTS || ids.length <= slots) return;
    const goesOnAt = this.#options.server.clock.now + this.#requestTimeout;
    this.#rests.push({ ids: ids.slice(slots), goesOnAt });
  }

  #apply(entry: LogEntry): void {
    if (entry.kind === 'revoke') return this.#revoke(entry.id);
    const { request, endsAt } = entry;
    const { answer, keepAlives, late, server } = this.#options;
    const response = answerTo(server, request);
    if (endsAt !== NEVER) answer(request.token, response);
    else late?.({ kind: 'done', command: request, response });
    if (request.kind === 'revoke') keepAlives.release(request.id);
  }

  #revoke(id: LeaseId): void {
    const { keepAlives, late, server } = this.#options;
    const slot = server.lessor.find(id);
    if (slot === NO_SLOT) return;
    removeLease(server, slot);
    late?.({ kind: 'expired', lease: id });
    keepAlives.release(id);
  }

  #setTimer(): void {
    let first = this.#firstEnd();
    for (const { endsAt } of this.#readers) first = Math.min(first, endsAt);
    for (const { goesOnAt } of this.#rests) first = Math.min(first, goesOnAt);
    this.#timer.set(first);
  }

  #firstEnd(): number {
    const log = this.#log ?? [];
    for (; this.#refusedTo < log.length; this.#refusedTo += 1) {
      const entry = log[this.#refusedTo] as LogEntry;
      if (entry.kind === 'request' && entry.endsAt < NEVER) return entry.endsAt;
    }
    return NEVER;
  }

  #wake(now: Instant): void {
    this.#options.alone(() => {
      this.#giveUp(now);
      this.#setTimer();
    });
  }

  /** What has waited for long enough is refused. What is in the log stays there. */
  #giveUp(now: number): void {
    const log = this.#log;
    if (log === null) return;
    for (let index = this.#refusedTo; index < log.length; index += 1) {
      const entry = log[index] as LogEntry;
      if (entry.kind !== 'request' || entry.endsAt > now) continue;
      entry.endsAt = NEVER;
      this.#refuse(entry.request, 'request-timed-out');
    }
    const ended = this.#readers.filter(({ endsAt }) => endsAt <= now);
    for (const { command } of ended) {
      const isOver = (each: Reader): boolean =>
        each.command === command ||
        (command.kind === 'keepAlive' && isOf(command.stream, each.command));
      // The stream of a keep-alive ends with it.
      const over = this.#readers.filter(isOver);
      this.#readers = this.#readers.filter((each) => !isOver(each));
      for (const each of over) this.#refuse(each.command, 'apply-timed-out');
    }
    const due = this.#rests.filter(({ goesOnAt }) => goesOnAt <= now);
    this.#rests = this.#rests.filter(({ goesOnAt }) => goesOnAt > now);
    for (const { ids } of due) this.#proposeRevokes(log, ids);
  }

  #refuse({ token }: Command, reason: Reason): void {
    this.#options.answer(token, refused(reason));
  }
}

const isOf = (stream: StreamId, command: Command): boolean =>
  command.kind === 'keepAlive' && command.stream === stream;

/** The id that was chosen for a grant whose client knows nothing of it. */
const unheardId = (entry: LogEntry): readonly LeaseId[] =>
  entry.kind === 'request' && entry.isOpen && entry.endsAt === NEVER && 'id' in entry.request
    ? [entry.request.id]
    : [];
