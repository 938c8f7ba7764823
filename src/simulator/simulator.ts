/**
 * An etcd in memory, on a virtual clock: its lessor with the expiry loop, a store with revisions,
 * watch events, and keep-alive streams. Written from the rules of etcd's lease semantics; a rule's
 * id stands where it is followed.
 *
 * It is one member that leads from the start, and after each restart. Raft, authorization, quotas,
 * transactions and compaction are not simulated.
 */
import type { Command, LeaseId, Token } from '../api/command.ts';
import { isLegalConfig, type ServerConfig } from '../api/config.ts';
import type { Response, WatchEvent } from '../api/response.ts';
import { after, type Instant, type Revision } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation, invariant } from '../invariant.ts';
import { Checkpoints } from './checkpoints.ts';
import { ExpiryLoop } from './expiry-loop.ts';
import { NO_SLOT, type Slot } from './slots.ts';
import { Fingerprint } from './fingerprint.ts';
import { minTtl, TURN_LIMIT, TURN_PERIOD } from './flags.ts';
import { DEFAULT_MEMBER_ID, DEFAULT_STARTED_AT, RequestIds } from './ids.ts';
import { KeepAlives } from './keep-alives.ts';
import { deleteRange, put, range } from './kv-requests.ts';
import { grant, leases, revoke, timeToLive } from './lease-requests.ts';
import { Lessor } from './lessor.ts';
import { promote } from './promotion.ts';
import { removeLease, type Server } from './server.ts';
import { Store } from './store.ts';

/**
 * What a simulator reports comes in the order in which it happens: the watch events of a write, the
 * answer to the request that made it, the answers to the keep-alives it frees; the turn in which
 * that happens comes last.
 */
export interface SimulatorOptions {
  /**
   * Whose passing lets leases expire. Only its owner moves it, and never from within one of the
   * callbacks.
   */
  readonly clock: VirtualClock;
  readonly config: ServerConfig;
  /**
   * Receives each answer: while `submit` runs or, of a keep-alive that is held (KA-04, KA-05),
   * later.
   */
  readonly onAnswer: (token: Token, response: Response) => void;
  /**
   * Receives the leases that a turn revoked, in that order, after each turn, also when there were
   * none.
   */
  readonly onTurn?: (revoked: readonly LeaseId[]) => void;
  /**
   * Receives the events of one revision: one put, or all deletes of one request or one lease
   * (REVOKE-02).
   */
  readonly onWatch?: (revision: Revision, events: readonly WatchEvent[]) => void;
  /** The first turn of the expiry loop (CONST-04); otherwise 500 ms from now. */
  readonly firstTurn?: Instant;
  /**
   * All invariants are checked every so many commands and turns. Otherwise every 1,000, and with
   * more leases and keys than that every so many, so that the cost of a step stays the same.
   */
  readonly scanEvery?: number;
  /** The member id, of which automatic lease ids carry 16 bits (CONST-14). */
  readonly memberId?: bigint;
  /**
   * The wall-clock instant of the server's start for automatic lease ids, in milliseconds since
   * 1970 (CONST-14).
   */
  readonly startedAt?: number;
}

const SCAN_EVERY = 1000;
const NONE_REVOKED: readonly LeaseId[] = [];

export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #fingerprint = new Fingerprint();
  readonly #server: Server;
  readonly #keepAlives: KeepAlives;
  #loop: ExpiryLoop;
  /** Commands that came while another one or a turn was under way. */
  readonly #inbox: Command[] = [];
  #isBusy = false;
  #isClosed = false;
  #stepsToScan = SCAN_EVERY;

  constructor(options: SimulatorOptions) {
    const { clock, config, onAnswer, onWatch } = options;
    invariant(isLegalConfig(config), 'the settings are such as etcd accepts', { ...config });
    this.#options = options;
    const store = new Store(this.#fingerprint);
    const lessor = new Lessor(this.#fingerprint);
    this.#server = {
      clock,
      lessor,
      store,
      ids: new RequestIds(
        options.memberId ?? DEFAULT_MEMBER_ID,
        options.startedAt ?? DEFAULT_STARTED_AT,
      ),
      checkpoints: new Checkpoints(lessor, config),
      minTtl: minTtl(config),
      watch: onWatch,
    };
    const fingerprint = this.#fingerprint;
    const beforeRenewal = (slot: Slot): void =>
      this.#server.checkpoints.clear(slot, this.#server.clock.now);
    const keepAlives = { clock, lessor, store, fingerprint, answer: onAnswer, beforeRenewal };
    this.#keepAlives = new KeepAlives(keepAlives);
    const firstTurn = options.firstTurn ?? after(clock.now, TURN_PERIOD);
    this.#loop = new ExpiryLoop(clock, config.etcd, firstTurn, () => this.#turn());
    if (options.scanEvery !== undefined) this.#stepsToScan = options.scanEvery;
  }

  /**
   * Carries out a command at the clock's now, and answers it unless it has to wait. From within a
   * callback: once the command or turn that is under way is done.
   */
  submit(command: Command): void {
    invariant(!this.#isClosed, 'nothing is asked of a closed simulator');
    if (this.#isBusy) {
      this.#inbox.push(command);
      return;
    }
    this.#isBusy = true;
    try {
      this.#execute(command);
      this.#emptyInbox();
    } finally {
      this.#isBusy = false;
    }
  }

  /** The revision of the store. */
  get revision(): Revision {
    return this.#server.store.revision;
  }

  /** A hash over all changes of state so far, in their order: 16 hex digits. */
  get stateHash(): string {
    return this.#fingerprint.toString();
  }

  /** Checks all invariants; throws `InvariantViolation` when one does not hold. */
  scan(): void {
    const { lessor, store } = this.#server;
    const leased = store.scan((id, key) => {
      const slot = lessor.find(id);
      return slot !== NO_SLOT && lessor.isAttached(slot, key);
    });
    const attached = lessor.scan((key, id) => store.get(key)?.lease === id);
    invariant(attached === leased, 'key in lease as often as lease in key', { attached, leased });
    this.#keepAlives.scan();
  }

  /**
   * Its process ends: until it is started again no turn runs, and what it held is never answered.
   */
  stop(): void {
    invariant(!this.#isBusy, 'a server is not stopped by what it reports');
    this.#loop.stop();
    this.#keepAlives.drop();
  }

  /**
   * Starts it again after a stop, at the clock's now, on the data it had, and lets it lead. Returns
   * its leases, the soonest first.
   */
  start(config: ServerConfig): readonly LeaseId[] {
    invariant(isLegalConfig(config), 'the settings are such as etcd accepts', { ...config });
    const server = this.#server;
    const { clock, lessor } = server;
    const { memberId = DEFAULT_MEMBER_ID, startedAt = DEFAULT_STARTED_AT } = this.#options;
    server.ids = new RequestIds(memberId, startedAt + clock.now);
    server.minTtl = minTtl(config);
    server.checkpoints = new Checkpoints(lessor, config);
    lessor.load(server.minTtl);
    promote(lessor, config, clock.now);
    for (const slot of lessor.slots()) server.checkpoints.plan(slot, clock.now);
    const firstTurn = after(clock.now, TURN_PERIOD);
    this.#loop = new ExpiryLoop(clock, config.etcd, firstTurn, () => this.#turn());
    this.scan();
    return lessor.list();
  }

  /** Ends it: no turn runs any more, and what is held stays unanswered. Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#loop.stop();
    // From within a callback the step that is under way is not complete.
    if (!this.#isBusy) this.scan();
  }

  #execute(command: Command): void {
    const server = this.#server;
    const { onAnswer } = this.#options;
    switch (command.kind) {
      case 'grant':
        onAnswer(command.token, grant(server, command));
        break;
      case 'revoke':
        onAnswer(command.token, revoke(server, command));
        this.#keepAlives.release(command.id);
        break;
      case 'keepAlive':
        this.#keepAlives.submit(command);
        break;
      case 'timeToLive':
        onAnswer(command.token, timeToLive(server, command));
        break;
      case 'leases':
        onAnswer(command.token, leases(server));
        break;
      case 'put':
        onAnswer(command.token, put(server, command));
        break;
      case 'range':
        onAnswer(command.token, range(server, command));
        break;
      case 'deleteRange':
        onAnswer(command.token, deleteRange(server, command));
        break;
    }
    this.#afterStep();
  }

  /**
   * One turn of the expiry loop: revokes what is overdue, soonest deadline first (EXP-04, EXP-06).
   */
  #turn(): void {
    if (this.#isBusy) throw new InvariantViolation('callbacks do not move the clock', {});
    this.#isBusy = true;
    try {
      const revoked = this.#revokeOverdue();
      this.#server.checkpoints.run(this.#server.clock.now);
      this.#options.onTurn?.(revoked);
      this.#afterStep();
      this.#emptyInbox();
    } finally {
      this.#isBusy = false;
    }
  }

  #revokeOverdue(): readonly LeaseId[] {
    const server = this.#server;
    const { clock, lessor } = server;
    let slot = lessor.firstOverdue(clock.now);
    if (slot === NO_SLOT) return NONE_REVOKED;
    const revoked: LeaseId[] = [];
    // CONST-05, EXP-05: what is beyond the limit waits for the next turn.
    while (slot !== NO_SLOT && revoked.length < TURN_LIMIT) {
      const id = lessor.idOf(slot);
      removeLease(server, slot);
      revoked.push(id);
      // What this serves renews leases that are not overdue, and so takes none of those that are.
      this.#keepAlives.release(id);
      slot = lessor.firstOverdue(clock.now);
    }
    return revoked;
  }

  #emptyInbox(): void {
    for (let next = 0; next < this.#inbox.length && !this.#isClosed; next += 1) {
      this.#execute(this.#inbox[next] as Command);
    }
    if (this.#inbox.length > 0) this.#inbox.length = 0;
  }

  #afterStep(): void {
    this.#stepsToScan -= 1;
    if (this.#stepsToScan > 0) return;
    this.scan();
    const { lessor, store } = this.#server;
    this.#stepsToScan = this.#options.scanEvery ?? Math.max(SCAN_EVERY, lessor.size + store.size);
  }
}
