/**
 * The simulator behind its own wire as a target: schedules reach it by the npm client `etcd3` and
 * gRPC, over connections in memory, on a virtual clock that waits for both ends.
 *
 * Each session has a server, a clock and clients of its own.
 */
import { NO_BYTES } from '../../api/bytes.ts';
import type { Command, LeaseId, StreamId, Token } from '../../api/command.ts';
import { reasonOfLoss } from '../../api/refusal.ts';
import type { WatchEvent } from '../../api/response.ts';
import { after, type Instant, type Revision } from '../../api/units.ts';
import { VirtualClock } from '../../clock/index.ts';
import { invariant } from '../../invariant.ts';
import { SPREAD_FROM } from '../../model/index.ts';
import { Lockstep, type MemoryEndpoint, MemoryNetwork, Settler } from '../../pace/index.ts';
import { createEtcd, type Etcd } from '../../wire/index.ts';
import {
  type Completion,
  type RestartOptions,
  type Session,
  type SessionOptions,
  type Sink,
  type Target,
  TargetError,
} from '../target.ts';
import { callUnary, isWatchCommand } from './grpc-calls.ts';
import { Connections } from './grpc-connections.ts';
import { KeepAliveStream, keepAliveOver } from './grpc-keep-alive.ts';
import { watchPrefix } from './grpc-watch.ts';
import { watchOver } from './grpc-watch-transport.ts';
import { WatchStream } from './grpc-watch-stream.ts';
import { wireGateway } from './wire-gateway.ts';

export const wireTarget = (): Target => {
  const network = new MemoryNetwork();
  const gateway = wireGateway(network);
  return {
    name: 'wire',
    version: 'in process',
    clock: 'virtual',
    config: null,
    minimumTtl: null,
    exclusive: true,
    abilities: ['restart', 'leader', 'apply'],
    open: (session, sink) => WireSession.open(network, session, sink),
    http: gateway.http,
    close: async () => {
      await gateway.close();
      network.close();
    },
  };
};

/** What was done to the server is known here, and so is what became of requests. */
const known = (completion: Completion): Completion => {
  const reason = completion.kind === 'unknown' ? reasonOfLoss(completion.why) : undefined;
  if (reason === undefined) return completion;
  return { kind: 'answered', response: { kind: 'refused', reason } };
};

/**
 * Longer than a read waits for a log (CONST-10): the server minds it on its own clock. What is
 * never answered shows when all has come to rest.
 */
const DEADLINE_MS = 2_000_000_000;

class WireSession implements Session {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  readonly #sink: Sink;
  readonly #clock = new VirtualClock();
  readonly #etcd: Etcd;
  readonly #endpoint: MemoryEndpoint;
  #connections: Connections;
  readonly #lockstep: Lockstep;
  readonly #streams = new Map<string, KeepAliveStream>();
  readonly #watchStreams = new Map<string, WatchStream>();
  /** What was seen since it was last told, in the order in which it came. */
  #watched: { readonly revision: Revision; readonly events: readonly WatchEvent[] }[] = [];
  /** What came on the streams of watches. */
  #streamed: (() => void)[] = [];
  #answers: { readonly token: Token; readonly completion: Completion }[] = [];
  #turned: readonly LeaseId[] | undefined;
  #lost: string | undefined;
  /** How often the server was started: what belongs to an earlier life is heard no more. */
  #lives = 1;
  #over = false;

  private constructor(network: MemoryNetwork, { config }: SessionOptions, sink: Sink) {
    this.#sink = sink;
    this.#etcd = createEtcd({
      clock: this.#clock,
      config,
      version: config.etcd,
      probeInterval: 0,
      onTurn: (revoked) => {
        invariant(this.#turned === undefined, 'turns are told one by one');
        this.#turned = revoked;
      },
    });
    this.#endpoint = network.listen((socket) => this.#etcd.inject(socket));
    this.#connections = new Connections([this.#endpoint.url]);
    const settler = new Settler([network, this.#etcd]);
    this.#lockstep = new Lockstep({ clock: this.#clock, settler });
  }

  static async open(network: MemoryNetwork, options: SessionOptions, sink: Sink) {
    const session = new WireSession(network, options, sink);
    await session.#watchAll();
    return session;
  }

  async #watchAll(): Promise<void> {
    const life = this.#lives;
    await watchPrefix(watchOver(this.#connections.of(0, 0)), NO_BYTES, {
      watched: (revision, events) => this.#watched.push({ revision, events }),
      ended: (why) => {
        if (life === this.#lives) this.#lost ??= why;
      },
    });
    await this.#lockstep.settle();
  }

  get now(): Instant {
    return this.#clock.now;
  }

  async call(client: number, command: Command): Promise<void> {
    if (command.kind === 'keepAlive') {
      this.#stream(client, command.stream).send(command);
    } else if (isWatchCommand(command)) {
      this.#watchStream(client, command.stream).send(command);
    } else {
      // Not awaited: that it is answered shows when all has come to rest.
      const life = this.#lives;
      void callUnary(this.#connections.of(client, 0), command, DEADLINE_MS).then((completion) => {
        this.#answered(command.token, completion, life);
      });
    }
    await this.#lockstep.settle();
    // The server rests: what it has not said of progress it never will.
    for (const stream of this.#watchStreams.values()) stream.forgetUnanswered();
    this.#tell(command.token);
  }

  async advanceTo(to: Instant): Promise<void> {
    await this.#lockstep.advanceTo(to, () => this.#tell(null));
  }

  async jumpTo(to: Instant): Promise<void> {
    this.#clock.jumpTo(to);
    await this.#lockstep.settle();
    this.#tell(null);
  }

  /** Clients find the new process over new connections: how soon they would is not asked here. */
  async restart({ down, config }: RestartOptions): Promise<void> {
    this.#lives += 1;
    this.#etcd.process.stop();
    this.#disconnect('the server was restarted');
    await this.#lockstep.advanceTo(after(this.now, down));
    const leases = this.#etcd.process.start(config);
    this.#sink.promoted?.(leases.length < SPREAD_FROM ? [] : leases);
    this.#connections = new Connections([this.#endpoint.url]);
    await this.#watchAll();
    this.#tell(null);
  }

  #disconnect(why: string): void {
    for (const stream of this.#streams.values()) stream.close(why);
    for (const stream of this.#watchStreams.values()) stream.close(why);
    this.#streams.clear();
    this.#watchStreams.clear();
    this.#connections.close();
  }

  async loseLeader(): Promise<void> {
    this.#etcd.leader.lose();
    await this.#lockstep.settle();
    this.#tell(null);
  }

  async regainLeader(): Promise<void> {
    const leases = this.#etcd.leader.regain();
    this.#sink.promoted?.(leases.length < SPREAD_FROM ? [] : leases);
    await this.#lockstep.settle();
    this.#tell(null);
  }

  async stall(): Promise<void> {
    this.#etcd.apply.stall();
    await this.#lockstep.settle();
    this.#tell(null);
  }

  async catchUp(): Promise<void> {
    this.#sink.caughtUp?.(this.#etcd.apply.catchUp());
    await this.#lockstep.settle();
    this.#tell(null);
  }

  async close(): Promise<void> {
    if (this.#over) return;
    this.#over = true;
    this.#disconnect('the session was closed');
    await this.#etcd.close();
    // What the clients still do must not be taken for something that the next session does.
    await this.#lockstep.settle();
    this.#endpoint.close();
  }

  /**
   * Tells what has come to pass in the order in which the server does it: watch events, the answer
   * to the command, what else is answered, the turn. They come on several connections; what comes
   * on the stream of a watch keeps its order.
   */
  #tell(token: Token | null): void {
    if (this.#lost !== undefined) throw new TargetError(`wire: ${this.#lost}`);
    const [watched, answers, turned] = [this.#watched, this.#answers, this.#turned];
    const streamed = this.#streamed;
    this.#watched = [];
    this.#streamed = [];
    this.#answers = [];
    this.#turned = undefined;
    for (const { revision, events } of watched) this.#sink.watched(revision, events);
    for (const tell of streamed) tell();
    const isOther = (answer: { readonly token: Token }): number => Number(answer.token !== token);
    for (const answer of answers.sort((left, right) => isOther(left) - isOther(right))) {
      this.#sink.answered(answer.token, answer.completion);
    }
    if (turned !== undefined) this.#sink.turned(turned);
  }

  #answered(token: Token, completion: Completion, life: number): void {
    if (life === this.#lives) this.#answers.push({ token, completion: known(completion) });
  }

  #watchStream(client: number, id: StreamId): WatchStream {
    const name = `${client}/${id}`;
    const open = this.#watchStreams.get(name);
    if (open !== undefined && !open.ended) return open;
    const life = this.#lives;
    const opened = new WatchStream(watchOver(this.#connections.of(client, 0)), id, {
      answered: (token, completion) => {
        if (life !== this.#lives) return;
        this.#streamed.push(() => this.#sink.answered(token, completion));
      },
      delivered: (delivery) => {
        this.#streamed.push(() => this.#sink.delivered(delivery));
      },
    });
    this.#watchStreams.set(name, opened);
    return opened;
  }

  #stream(client: number, stream: StreamId): KeepAliveStream {
    const name = `${client}/${stream}`;
    const open = this.#streams.get(name);
    if (open !== undefined && !open.ended) return open;
    const transport = keepAliveOver(this.#connections.of(client, 0));
    const life = this.#lives;
    const opened = new KeepAliveStream(transport, (token, completion) => {
      if (!this.#over) this.#answered(token, completion, life);
    });
    this.#streams.set(name, opened);
    return opened;
  }
}
