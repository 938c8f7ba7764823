/** The simulated etcd as the services see it: each command with what is to become of its answer. */
import type { Command, LeaseId, StreamId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import type { Revision } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { electionTime } from '../simulator/flags.ts';
import type { Late } from '../simulator/options.ts';
import { Simulator } from '../simulator/simulator.ts';
import type { ResponseHeader } from './gen/rpc_pb.ts';
import type { ApplySwitch } from './apply-switch.ts';
import { LeaderMonitor } from './leader-monitor.ts';

export interface BackendOptions {
  readonly clock: VirtualClock;
  readonly config: ServerConfig;
  readonly version: string;
  /** CONST-16: of a request to raft. */
  readonly maxRequestBytes: number;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly startedAt?: number;
  /** Called before each command is carried out: whoever moves the clock brings it up to date. */
  readonly beforeCommand?: () => void;
  /**
   * The leases that a turn of the expiry loop revoked, or set out to revoke, also when there were
   * none.
   */
  readonly onTurn?: (revoked: readonly LeaseId[]) => void;
  /** The leases that have expired, when they are gone. */
  readonly onExpired?: (leases: readonly LeaseId[]) => void;
  /** Told of each command with its answer, before the answer goes out. */
  readonly onServed?: (command: Command, response: Response) => void;
  /** Told of each change of the store. */
  readonly onChange?: (revision: Revision, events: readonly WatchEvent[]) => void;
}

/** That of the first election. */
const FIRST_TERM = 2n;

/** What a new member writes to its log before the first request comes. */
const FIRST_ENTRIES = 4n;
/** An empty one, of each new leader. */
const ENTRIES_OF_ELECTION = 1n;
/** Its name and addresses, of each new process. */
const ENTRIES_OF_START = 1n;

/** What raft adds to a request of some size: the id of the request, and a tag with the length. */
const RAFT_BYTES = 17;

/** Since the server began. */
export interface Counts {
  granted: number;
  renewed: number;
  revoked: number;
  expired: number;
}

export class Backend {
  readonly options: BackendOptions;
  readonly counts: Counts = { granted: 0, renewed: 0, revoked: 0, expired: 0 };
  readonly simulator: Simulator;
  readonly leader: LeaderMonitor;
  #term = FIRST_TERM;
  #raftEntries = FIRST_ENTRIES;
  #isSlow = false;
  readonly #waiting = new Map<Token, (response: Response) => void>();
  readonly #watchStreams = new Map<StreamId, (delivery: Delivery) => void>();
  /** Those that are not answered yet; only where somebody is told of answers. */
  readonly #commands = new Map<Token, Command>();
  #lastToken = 0;
  #lastStream = 0;
  #isUp = true;
  #isClosed = false;

  constructor(options: BackendOptions) {
    this.options = options;
    const { clock, config, memberId, startedAt } = options;
    this.leader = new LeaderMonitor(clock, electionTime(config));
    this.simulator = new Simulator({
      clock,
      config,
      memberId,
      ...(startedAt === undefined ? {} : { startedAt }),
      onTurn: (revoked) => {
        if (!this.#isSlow) this.#expired(revoked);
        options.onTurn?.(revoked);
      },
      onLate: (late) => this.#late(late),
      ...(options.onChange === undefined ? {} : { onWatch: options.onChange }),
      onAnswer: (token, response) => this.#answer(token, response),
      onDelivery: (delivery) => this.#watchStreams.get(delivery.stream)?.(delivery),
    });
  }

  /** A token for a command, whose answer goes to `answer`, now or later. */
  expect(answer: (response: Response) => void): Token {
    this.#lastToken += 1;
    this.#waiting.set(this.#lastToken, answer);
    return this.#lastToken;
  }

  /** Nobody is there any more for the answer. */
  forget(token: Token): void {
    this.#waiting.delete(token);
  }

  /** Whether a request of so many bytes is more than etcd hands to raft (CONST-16). */
  isTooLarge(bytes: number): boolean {
    return bytes + RAFT_BYTES > this.options.maxRequestBytes;
  }

  /** The semantics of 3.6 and later. */
  get isNew(): boolean {
    const { etcd } = this.options.config;
    return etcd === '3.6' || etcd === '3.7';
  }

  submit(command: Command): void {
    this.options.beforeCommand?.();
    // Nobody is there to answer it.
    if (!this.#isUp) return;
    if (this.options.onServed !== undefined) this.#commands.set(command.token, command);
    this.simulator.submit(command);
  }

  /** The leader is lost, as when the other members are gone; nothing where that is so already. */
  loseLeader(): void {
    this.options.beforeCommand?.();
    if (!this.leader.isThere || !this.#isUp) return;
    this.#isSlow = false;
    this.leader.lost();
    this.simulator.loseLeader();
  }

  /** The member leads anew. Gives its leases, the soonest first; none if it led all along. */
  regainLeader(): readonly LeaseId[] {
    this.options.beforeCommand?.();
    if (this.leader.isThere || !this.#isUp) return [];
    let regained: readonly LeaseId[] = [];
    this.#term += 1n;
    this.#raftEntries += ENTRIES_OF_ELECTION;
    this.leader.regained();
    this.simulator.regainLeader((leases) => {
      regained = leases;
    });
    return regained;
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  /** The process ends: what waited is never answered. Its connections are for others to end. */
  stop(): void {
    this.options.beforeCommand?.();
    if (!this.#isUp) return;
    this.#isUp = false;
    this.#isSlow = false;
    this.#waiting.clear();
    this.#commands.clear();
    this.#watchStreams.clear();
    this.leader.stop();
    this.simulator.stop();
  }

  /** Another process begins on the data, and leads (RESTART-01). Gives its leases. */
  start(config: ServerConfig): readonly LeaseId[] {
    this.options.beforeCommand?.();
    if (this.#isUp) return [];
    this.#isUp = true;
    this.#term += 1n;
    this.#raftEntries += ENTRIES_OF_ELECTION + ENTRIES_OF_START;
    Object.assign(this.counts, { granted: 0, renewed: 0, revoked: 0, expired: 0 });
    this.leader.restarted(electionTime(config));
    return this.simulator.start(config);
  }

  /** What a test does to how fast it applies. */
  get apply(): ApplySwitch {
    const isSlow = (): boolean => this.#isSlow;
    return {
      get isSlow() {
        return isSlow();
      },
      stall: () => this.#stall(),
      catchUp: () => this.#catchUp(),
    };
  }

  /** It is busy with an entry of its log; nothing where it is already, or has no leader. */
  #stall(): void {
    this.options.beforeCommand?.();
    if (!this.leader.isThere || !this.#isUp) return;
    this.#isSlow = true;
    this.simulator.stall();
  }

  /** It applies all of its log. Gives the ids of grants whose clients have given up. */
  #catchUp(): readonly LeaseId[] {
    this.options.beforeCommand?.();
    let given: readonly LeaseId[] = [];
    this.#isSlow = false;
    this.simulator.catchUp((chosen) => {
      given = chosen;
    });
    return given;
  }

  get term(): bigint {
    return this.#term;
  }

  /** How many entries of the log are no request. */
  get raftEntries(): bigint {
    return this.#raftEntries;
  }

  openKeepAliveStream(): StreamId {
    this.#lastStream += 1;
    return this.#lastStream;
  }

  /** KA-08: nothing that is held on it is answered any more. */
  closeKeepAliveStream(stream: StreamId): void {
    if (!this.#isClosed && this.#isUp) this.simulator.closeKeepAliveStream(stream);
  }

  openWatchStream(onDelivery: (delivery: Delivery) => void): StreamId {
    this.#lastStream += 1;
    this.#watchStreams.set(this.#lastStream, onDelivery);
    return this.#lastStream;
  }

  closeWatchStream(stream: StreamId): void {
    this.#watchStreams.delete(stream);
    if (!this.#isClosed && this.#isUp) this.simulator.closeWatchStream(stream);
  }

  /** GRANT-06: as etcd fills it, at a revision; without one, at the store's. */
  header(revision: number = this.simulator.revision): ResponseHeader {
    const { clusterId, memberId } = this.options;
    return {
      $typeName: 'etcdserverpb.ResponseHeader',
      clusterId,
      memberId,
      revision: BigInt(revision),
      raftTerm: this.#term,
    };
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting.clear();
    this.#watchStreams.clear();
    this.leader.stop();
    this.simulator.close();
  }

  #expired(leases: readonly LeaseId[]): void {
    this.counts.revoked += leases.length;
    this.counts.expired += leases.length;
    this.options.onExpired?.(leases);
  }

  #late(late: Late): void {
    if (late.kind === 'expired') return this.#expired([late.lease]);
    const { command, response } = late;
    this.#count(response);
    this.options.onServed?.(command, response);
  }

  #answer(token: Token, response: Response): void {
    const command = this.#commands.get(token);
    if (command !== undefined) {
      this.#commands.delete(token);
      this.options.onServed?.(command, response);
    }
    this.#count(response);
    const answer = this.#waiting.get(token);
    if (answer === undefined) return;
    this.#waiting.delete(token);
    answer(response);
  }

  #count(response: Response): void {
    if (response.kind === 'granted') this.counts.granted += 1;
    else if (response.kind === 'revoked') this.counts.revoked += 1;
    else if (response.kind === 'keptAlive' && response.ttl > 0) this.counts.renewed += 1;
  }
}
