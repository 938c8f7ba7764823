/**
 * An etcd in memory, on a virtual clock: its lessor with the expiry loop, a store with revisions,
 * watch events, and keep-alive streams. Written from the rules of etcd's lease semantics; a rule's
 * id stands where it is followed.
 *
 * It is one member that leads from the start, and after each restart, unless it is told that it
 * does not. Raft, authorization and quotas are not simulated.
 */
import type { Command, LeaseId, StreamId } from '../api/command.ts';
import { isLegalConfig, type ServerConfig } from '../api/config.ts';
import type { Refused } from '../api/response.ts';
import { after, type Instant, type Revision } from '../api/units.ts';
import { InvariantViolation, invariant } from '../invariant.ts';
import { ExpiryLoop } from './expiry-loop.ts';
import { Fingerprint } from './fingerprint.ts';
import { TURN_PERIOD } from './flags.ts';
import type { KeepAlives } from './keep-alives.ts';
import { Leadership, type StreamEnd } from './leadership.ts';
import { newKeepAlives, newServer, restart } from './new-server.ts';
import type { SimulatorOptions } from './options.ts';
import { deadlinesOf, type LeaseDeadline, takeLead } from './promotion.ts';
import { answerTo } from './requests.ts';
import { findsWork, revokeOverdue } from './revocation.ts';
import { scanAttachments, type Server } from './server.ts';
import { SlowApply } from './slow-apply.ts';
import { hashOf, type HashResult, type Status, statusOf } from './status.ts';
import type { Watches } from './watches.ts';

const SCAN_EVERY = 1000;

export class Simulator {
  readonly #options: SimulatorOptions;
  readonly #fingerprint = new Fingerprint();
  readonly #server: Server;
  readonly #keepAlives: KeepAlives;
  readonly #watches: Watches;
  #loop: ExpiryLoop;
  #leadership: Leadership;
  #slowApply: SlowApply;
  /** What came while something else or a turn was under way. */
  readonly #inbox: (Command | StreamEnd)[] = [];
  #isBusy = false;
  #isClosed = false;
  #isSuspended = false;
  #stepsToScan = SCAN_EVERY;

  constructor(options: SimulatorOptions) {
    const { config, onAnswer } = options;
    invariant(isLegalConfig(config), 'the settings are such as etcd accepts', { ...config });
    this.#options = options;
    const fingerprint = this.#fingerprint;
    this.#server = newServer(options, fingerprint, (act) => this.#alone(act));
    this.#watches = this.#server.watches;
    this.#keepAlives = newKeepAlives(this.#server, fingerprint, onAnswer);
    this.#loop = this.#newLoop(config, options.firstTurn);
    [this.#leadership, this.#slowApply] = this.#newWaits(config);
    if (options.scanEvery !== undefined) this.#stepsToScan = options.scanEvery;
  }

  /**
   * Carries out a command at the clock's now, and answers it unless it has to wait. From within a
   * callback: once the command or turn that is under way is done.
   */
  submit(command: Command): void {
    this.#take(command);
  }

  /** The client of a LeaseKeepAlive stream is gone: nothing held there is answered any more. */
  closeKeepAliveStream(stream: StreamId): void {
    this.#take({ kind: 'keepAliveStreamEnd', stream });
  }

  /** The client of a Watch stream is gone, and its watches with it. */
  closeWatchStream(stream: StreamId): void {
    this.#take({ kind: 'watchStreamEnd', stream });
  }

  /**
   * It loses its leader, which is itself. Nothing expires from here on, and what needs a leader
   * waits for one.
   */
  loseLeader(): void {
    this.catchUp();
    this.#alone(() => this.#leadership.lose());
  }

  /** It leads again, at the clock's now: `told` hears of its leases, the soonest first. */
  regainLeader(told: (leases: readonly LeaseId[]) => void): void {
    this.#alone(() => this.#leadership.regain(told));
  }

  /** An entry of its log takes long to apply: what comes behind it waits (CONST-10). */
  stall(): void {
    if (this.#leadership.leads) this.#slowApply.begin();
  }

  /** It applies all of its log. `told` hears of the ids of grants whose clients have given up. */
  catchUp(told: (chosen: readonly LeaseId[]) => void = () => {}): void {
    if (this.#slowApply.isOn) this.#alone(() => this.#slowApply.catchUp(told));
  }

  #newWaits(config: ServerConfig): [Leadership, SlowApply] {
    const options = {
      server: this.#server,
      config,
      keepAlives: this.#keepAlives,
      answer: this.#options.onAnswer,
      late: this.#options.onLate,
      serve: (command: Command, begun?: Revision) => this.#execute(command, begun),
      alone: (act: () => void) => this.#alone(act),
    };
    return [new Leadership(options), new SlowApply(options)];
  }

  #newLoop({ etcd }: ServerConfig, first?: Instant): ExpiryLoop {
    const { passOverIdleTurns } = this.#options;
    const server = this.#server;
    const { clock } = server;
    return new ExpiryLoop({
      clock,
      etcd,
      first: first ?? after(clock.now, TURN_PERIOD),
      turn: this.#turn,
      finds: passOverIdleTurns === true ? (at) => findsWork(server, this.#slowApply, at) : null,
    });
  }

  #take(command: Command | StreamEnd): void {
    invariant(!this.#isClosed, 'nothing is asked of a closed simulator');
    if (this.#isBusy) this.#inbox.push(command);
    else this.#alone(() => this.#execute(command));
  }

  /** Whatever is asked meanwhile comes after. */
  #alone(act: () => void): void {
    if (this.#isBusy) throw new InvariantViolation('callbacks do not move the clock', {});
    this.#isBusy = true;
    try {
      act();
      this.#emptyInbox();
    } finally {
      this.#isBusy = false;
    }
  }

  /** From now on no turn revokes anything: nobody leads, or the process stands still. */
  suspend(): void {
    this.#isSuspended = true;
  }

  resume(): void {
    this.#isSuspended = false;
  }

  /** It is elected again without having missed a leader: its leases count anew (RESTART-02). */
  promote(): void {
    this.#alone(() => this.#leadership.leadAnew());
  }

  /** When each lease expires. */
  get deadlines(): readonly LeaseDeadline[] {
    return deadlinesOf(this.#server.lessor);
  }

  /** The revision of the store. */
  get revision(): Revision {
    return this.#server.store.revision;
  }

  /** A hash over all changes of state so far, in their order: 16 hex digits. */
  get stateHash(): string {
    return this.#fingerprint.toString();
  }

  get status(): Status {
    return statusOf(this.#server);
  }

  /** The hash of all keys up to a revision, as HashKV has it; 0: the current one. */
  hashKv(revision: bigint): HashResult | Refused {
    return hashOf(this.#server, revision);
  }

  /** Checks all invariants. */
  scan(): void {
    scanAttachments(this.#server);
    this.#keepAlives.scan();
    this.#watches.scan();
  }

  /**
   * Its process ends: until it is started again no turn runs, and what it held is never answered.
   */
  stop(): void {
    invariant(!this.#isBusy, 'a server is not stopped by what it reports');
    this.#loop.stop();
    this.#keepAlives.drop();
    this.#leadership.stop();
    this.#watches.drop();
    this.#slowApply.end();
  }

  /** Starts it again on its data, and lets it lead. Returns its leases, the soonest first. */
  start(config: ServerConfig): readonly LeaseId[] {
    invariant(isLegalConfig(config), 'the settings are such as etcd accepts', { ...config });
    restart(this.#server, config, this.#options);
    const leases = takeLead(this.#server, config);
    [this.#leadership, this.#slowApply] = this.#newWaits(config);
    this.#loop = this.#newLoop(config);
    this.scan();
    return leases;
  }

  /** No turn runs any more, and what is held stays unanswered. Safe to call twice. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#loop.stop();
    this.#leadership.stop();
    this.#watches.stop();
    this.#slowApply.stop();
    // From within a callback the step that is under way is not complete.
    if (!this.#isBusy) this.scan();
  }

  #execute(command: Command | StreamEnd, begun?: Revision): void {
    if (this.#leadership.parks(command)) return this.#afterStep();
    if (this.#slowApply.parks(command, begun)) return this.#afterStep();
    switch (command.kind) {
      case 'grant':
      case 'timeToLive':
      case 'leases':
      case 'put':
      case 'range':
      case 'deleteRange':
      case 'txn':
      case 'compact':
      case 'alarm':
        this.#options.onAnswer(command.token, answerTo(this.#server, command));
        break;
      case 'revoke':
        this.#options.onAnswer(command.token, answerTo(this.#server, command));
        this.#keepAlives.release(command.id);
        break;
      case 'keepAlive':
        this.#keepAlives.submit(command, begun);
        break;
      case 'watch':
        this.#watches.begin(command);
        break;
      case 'cancelWatch':
        this.#watches.cancel(command);
        break;
      case 'watchProgress':
        this.#watches.progress(command);
        break;
      case 'keepAliveStreamEnd':
        for (const holder of [this.#keepAlives, this.#leadership, this.#slowApply]) {
          holder.closeStream(command.stream);
        }
        break;
      case 'watchStreamEnd':
        this.#watches.closeStream(command.stream);
        break;
    }
    this.#afterStep();
  }

  /** Made once, as there are more turns than requests. */
  readonly #turn = (): void => this.#alone(this.#expire);

  /**
   * One turn of the expiry loop: revokes what is overdue, soonest deadline first (EXP-04, EXP-06).
   */
  readonly #expire = (): void => {
    const revoked = this.#isSuspended
      ? []
      : (this.#slowApply.turn() ?? revokeOverdue(this.#server, this.#keepAlives));
    this.#server.checkpoints.run(this.#server.clock.now);
    this.#options.onTurn?.(revoked);
    this.#afterStep();
  };

  #emptyInbox(): void {
    for (let next = 0; next < this.#inbox.length && !this.#isClosed; next += 1) {
      this.#execute(this.#inbox[next] as Command | StreamEnd);
    }
    if (this.#inbox.length > 0) this.#inbox.length = 0;
  }

  #afterStep(): void {
    this.#stepsToScan -= 1;
    if (this.#stepsToScan > 0) return;
    this.scan();
    const { lessor, store } = this.#server;
    const size = lessor.size + store.size + store.history.length;
    this.#stepsToScan = this.#options.scanEvery ?? Math.max(SCAN_EVERY, size);
  }
}
