/**
 * Whether the simulated member leads, and what is parked while it does not: each request with its
 * own patience. A keep-alive or time-to-live looks for a leader now and then; a write goes on the
 * moment there is one; linearizable reads go in rounds, and the round under way fails with a new
 * leader.
 */
import type { Command, KeepAlive, LeaseId, StreamId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Reason } from '../api/refusal.ts';
import type { Response } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import { electionTime, requestTimeout } from './flags.ts';
import type { KeepAlives } from './keep-alives.ts';
import { refused } from './lease-requests.ts';
import { LastTimer } from './last-timer.ts';
import { needOf, type Need } from './leader-need.ts';
import { Checkpoints } from './checkpoints.ts';
import { takeLead } from './promotion.ts';
import type { Server } from './server.ts';

export interface LeadershipOptions {
  readonly server: Server;
  readonly config: ServerConfig;
  readonly keepAlives: KeepAlives;
  readonly answer: (token: Token, response: Response) => void;
  /** Carries out a request for which there is a leader. `begun`: the revision when it began. */
  readonly serve: (command: Command, begun?: Revision) => void;
  /** Runs what is no request, so that nothing comes between. */
  readonly alone: (act: () => void) => void;
}

/** A client has gone. */
export interface StreamEnd {
  readonly kind: 'keepAliveStreamEnd' | 'watchStreamEnd';
  readonly stream: StreamId;
}

/** A request that is parked. */
interface Parked {
  readonly command: Command;
  readonly need: Need;
  readonly begun: Revision;
  /** Infinite: it is not its turn yet. */
  lookAt: number;
  endsAt: number;
}

const LATER = Infinity;

export class Leadership {
  readonly #options: LeadershipOptions;
  /** CONST-11, CONST-09 */
  readonly #election: number;
  readonly #patience: number;
  #leads = true;
  /** In the order in which they came. */
  #parked: Parked[] = [];
  readonly #timer: LastTimer;

  constructor(options: LeadershipOptions) {
    this.#options = options;
    this.#election = electionTime(options.config);
    this.#patience = requestTimeout(options.config);
    this.#timer = new LastTimer(options.server.clock, (now) => this.#wake(now));
  }

  get leads(): boolean {
    return this.#leads;
  }

  /** Takes a request that cannot be served now; false: it can. */
  parks(command: Command | StreamEnd): boolean {
    if (this.#leads && this.#parked.length === 0) return false;
    if (isEnd(command)) return false;
    const need = needOf(command);
    const isServed = this.#leads && !(command.kind === 'keepAlive' && this.#hasStream(command));
    if (need === 'none' || isServed) return false;
    const { ids, store } = this.#options.server;
    // CONST-14: the id of a lease is chosen before anybody is asked.
    const isOpen = command.kind === 'grant' && command.id === 0n;
    const asked = isOpen ? { ...command, id: ids.takeLeaseId() } : command;
    this.#park(asked, need, store.revision);
    this.#setTimer();
    return true;
  }

  /** RESTART-05: no lease is due any more, and keep-alives that waited for one are let go. */
  lose(): void {
    if (!this.#leads) return;
    this.#leads = false;
    const { config, keepAlives, server } = this.#options;
    server.lessor.demote();
    server.checkpoints = new Checkpoints(server.lessor, config);
    for (const { request, begun } of keepAlives.evict()) this.#park(request, 'stream', begun);
    this.#setTimer();
  }

  /** RESTART-02, and what may go on then. */
  regain(told: (leases: readonly LeaseId[]) => void): void {
    if (this.#leads) return;
    this.#leads = true;
    told(takeLead(this.#options.server, this.#options.config));
    const parked = this.#parked;
    this.#parked = parked.filter(({ need }) => need === 'stream' || need === 'look');
    for (const each of parked) {
      if (each.need === 'proposal') this.#options.serve(each.command);
      if (each.need !== 'read') continue;
      if (each.endsAt === LATER) this.#options.serve(each.command);
      else this.#refuse(each, 'leader-changed');
    }
    this.#setTimer();
  }

  /** RESTART-02; keep-alives that waited for their leases come as if now. */
  leadAnew(): void {
    const { config, keepAlives, server } = this.#options;
    const held = keepAlives.evict();
    takeLead(server, config);
    for (const { request, begun } of held) keepAlives.submit(request, begun);
  }

  /** The client of a keep-alive stream is gone. */
  closeStream(stream: StreamId): void {
    this.#takeStream(stream);
    this.#setTimer();
  }

  /** The process ends: what is parked is never answered. */
  stop(): void {
    this.#parked = [];
    this.#setTimer();
  }

  #park(command: Command, need: Need, begun: Revision): void {
    const parked: Parked = { command, need, begun, lookAt: LATER, endsAt: LATER };
    const isBehind =
      command.kind === 'keepAlive'
        ? this.#hasStream(command)
        : need === 'read' && this.#parked.some((other) => other.need === 'read');
    if (!isBehind) this.#begin(parked);
    this.#parked = [...this.#parked, parked];
  }

  /** Its time runs from now on. */
  #begin(parked: Parked): void {
    const { now } = this.#options.server.clock;
    parked.endsAt = now + this.#patience;
    // TTL-08, KA-12
    if (parked.need === 'look' || parked.need === 'stream') parked.lookAt = now + this.#election;
  }

  #setTimer(): void {
    let first = LATER;
    for (const { lookAt, endsAt } of this.#parked) first = Math.min(first, lookAt, endsAt);
    this.#timer.set(first);
  }

  #wake(now: Instant): void {
    this.#options.alone(() => {
      const parked = this.#parked;
      for (const each of parked) this.#look(each, now);
      this.#setTimer();
    });
  }

  #look(parked: Parked, now: Instant): void {
    if (!this.#parked.includes(parked)) return;
    if (parked.endsAt <= now) {
      this.#end(parked);
    } else if (parked.lookAt <= now) {
      if (this.#leads) this.#goOn(parked);
      else parked.lookAt = now + this.#election;
    }
  }

  /** A leader was found. */
  #goOn(parked: Parked): void {
    const { serve } = this.#options;
    if (parked.command.kind !== 'keepAlive') {
      this.#parked = this.#parked.filter((other) => other !== parked);
      serve(parked.command);
      return;
    }
    for (const each of this.#takeStream(parked.command.stream)) {
      // KA-06: the server begins with what stood behind another only now.
      if (each.endsAt === LATER) serve(each.command);
      else serve(each.command, each.begun);
    }
  }

  /** Nobody came in time: RESTART-07, TTL-08, KA-12. */
  #end(parked: Parked): void {
    switch (parked.need) {
      case 'stream': {
        const { command } = parked;
        const stream = command.kind === 'keepAlive' ? this.#takeStream(command.stream) : [];
        for (const each of stream) this.#refuse(each, 'no-leader');
        break;
      }
      case 'look':
        this.#parked = this.#parked.filter((other) => other !== parked);
        this.#refuse(parked, 'no-leader');
        break;
      case 'proposal':
        this.#parked = this.#parked.filter((other) => other !== parked);
        this.#refuse(parked, 'proposal-timed-out');
        break;
      case 'read':
        this.#endRound();
        break;
      case 'none':
        break;
    }
  }

  /** The reads of a round fail together, and the next round begins. */
  #endRound(): void {
    const reads = this.#parked.filter(({ need }) => need === 'read');
    const round = reads.filter(({ endsAt }) => endsAt !== LATER);
    this.#parked = this.#parked.filter((each) => !round.includes(each));
    for (const each of reads) if (each.endsAt === LATER) this.#begin(each);
    for (const each of round) this.#refuse(each, 'request-timed-out');
  }

  #hasStream({ stream }: KeepAlive): boolean {
    return this.#parked.some(({ command }) => isOf(stream, command));
  }

  #takeStream(stream: StreamId): readonly Parked[] {
    const taken = this.#parked.filter(({ command }) => isOf(stream, command));
    if (taken.length > 0) this.#parked = this.#parked.filter((each) => !taken.includes(each));
    return taken;
  }

  #refuse({ command }: Parked, reason: Reason): void {
    this.#options.answer(command.token, refused(reason));
  }
}

export const isEnd = (command: Command | StreamEnd): command is StreamEnd =>
  command.kind === 'keepAliveStreamEnd' || command.kind === 'watchStreamEnd';

const isOf = (stream: StreamId, command: Command): boolean =>
  command.kind === 'keepAlive' && command.stream === stream;
