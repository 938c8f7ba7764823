/** The simulated etcd as the services see it: each command with what is to become of its answer. */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Response } from '../api/response.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Simulator } from '../simulator/simulator.ts';
import type { ResponseHeader } from './gen/rpc_pb.ts';

export interface BackendOptions {
  readonly clock: VirtualClock;
  readonly config: ServerConfig;
  readonly version: string;
  readonly clusterId: bigint;
  readonly memberId: bigint;
  readonly startedAt?: number;
  /** Called before each command is carried out: whoever moves the clock brings it up to date. */
  readonly beforeCommand?: () => void;
  /** The leases that a turn of the expiry loop revoked, also when there were none. */
  readonly onTurn?: (revoked: readonly LeaseId[]) => void;
}

/** A lone member leads from its first election on. */
export const RAFT_TERM = 2n;

export class Backend {
  readonly options: BackendOptions;
  readonly simulator: Simulator;
  readonly #waiting = new Map<Token, (response: Response) => void>();
  #lastToken = 0;
  #lastStream = 0;

  constructor(options: BackendOptions) {
    this.options = options;
    const { clock, config, memberId, startedAt } = options;
    this.simulator = new Simulator({
      clock,
      config,
      memberId,
      ...(startedAt === undefined ? {} : { startedAt }),
      ...(options.onTurn === undefined ? {} : { onTurn: options.onTurn }),
      onAnswer: (token, response) => this.#deliver(token, response),
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

  submit(command: Command): void {
    this.options.beforeCommand?.();
    this.simulator.submit(command);
  }

  /** A number for a stream, of keep-alives or of watches. */
  nextStream(): number {
    this.#lastStream += 1;
    return this.#lastStream;
  }

  /** GRANT-06: as etcd fills it, at a revision; without one, at the store's. */
  header(revision: number = this.simulator.revision): ResponseHeader {
    const { clusterId, memberId } = this.options;
    return {
      $typeName: 'etcdserverpb.ResponseHeader',
      clusterId,
      memberId,
      revision: BigInt(revision),
      raftTerm: RAFT_TERM,
    };
  }

  close(): void {
    this.#waiting.clear();
    this.simulator.close();
  }

  #deliver(token: Token, response: Response): void {
    const answer = this.#waiting.get(token);
    if (answer === undefined) return;
    this.#waiting.delete(token);
    answer(response);
  }
}
