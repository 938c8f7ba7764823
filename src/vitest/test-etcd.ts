/**
 * An etcd for one test. In lockstep, which is the default, it and the code under test share a clock
 * that stands still until the test moves it; the connections between them are in memory.
 */
import { VirtualClock } from '../clock/virtual-clock.ts';
import { type FakeGlobals, fakeGlobals } from '../pace/fake-globals.ts';
import { Lockstep } from '../pace/lockstep.ts';
import { type MemoryEndpoint, MemoryNetwork } from '../pace/memory-network.ts';
import { type SettleOptions, Settler } from '../pace/settle.ts';
import type { ApplySwitch } from '../wire/apply-switch.ts';
import { createEtcd, type Etcd, type LeaderSwitch, type ProcessSwitch } from '../wire/etcd.ts';
import type { ServerFlags } from '../wire/server-flags.ts';
import { TestClock } from './test-clock.ts';

export interface TestEtcdOptions {
  /** The etcd it stands for, such as 3.4.23; otherwise 3.5.30. */
  readonly version?: string;
  readonly config?: ServerFlags;
  /**
   * `lockstep`: the timers, dates and random numbers of this process are in the test's hand, too.
   * `real`: they are left alone, and only etcd's clock is.
   */
  readonly clientTime?: 'lockstep' | 'real';
  /** Where the random numbers of the code under test come from; otherwise 0. */
  readonly seed?: bigint;
  /** What dates show at first; otherwise the beginning of 2026. */
  readonly date?: Date;
  /** When the code under test is taken to have come to rest. */
  readonly settle?: SettleOptions;
}

/** What an Etcd3 client of npm's `etcd3` is made with. */
export interface ClientOptions {
  readonly hosts: string;
  readonly grpcOptions: Readonly<Record<string, number>>;
}

export interface TestEtcd extends AsyncDisposable {
  /** `http://host:port`, for clients of this process. */
  readonly url: string;
  /** As in `new Etcd3(etcd.clientOptions)`. */
  readonly clientOptions: ClientOptions;
  readonly clock: TestClock;
  readonly network: TestNetwork;
  /** Its leader, which is itself: taken away, and given back. */
  readonly leader: LeaderSwitch;
  /** Its process: ended, and started again on the same data. */
  readonly process: ProcessSwitch;
  /** Whether it applies what it commits at once. */
  readonly apply: ApplySwitch;
  /** A digest of all that etcd went through so far, to see whether two runs are the same. */
  readonly stateHash: string;
  /** Ends it and gives back what it took of the process. Safe to call twice. */
  close(): Promise<void>;
}

/** What can go wrong between the code under test and its etcd. */
export interface TestNetwork {
  /** From now on who connects is refused; connections stay. */
  refuse(): void;
  /** From now on who connects is not answered; connections stay. */
  ignore(): void;
  /** From now on who connects is let in, as in the beginning. */
  accept(): void;
  /** All connections fail. */
  reset(): void;
  /** Nothing arrives any more on the connections that are open, and nobody is told. */
  stall(): void;
  /** What was held up since then arrives. */
  resume(): void;
}

/** Starts an etcd. The clients that it is to keep time with are made after that. */
export async function startEtcd(options: TestEtcdOptions = {}): Promise<TestEtcd> {
  const globals =
    options.clientTime === 'real'
      ? undefined
      : fakeGlobals({ date: options.date ?? BEGINNING, seed: options.seed ?? 0n });
  try {
    return new LockstepEtcd(options, globals);
  } catch (error) {
    globals?.restore();
    throw error;
  }
}

const BEGINNING = new Date(Date.UTC(2026, 0, 1));

class LockstepEtcd implements TestEtcd {
  readonly url: string;
  readonly clientOptions: ClientOptions;
  readonly clock: TestClock;
  readonly network: TestNetwork;
  readonly leader: LeaderSwitch;
  readonly process: ProcessSwitch;
  readonly apply: ApplySwitch;
  readonly #globals: FakeGlobals | undefined;
  readonly #memory = new MemoryNetwork();
  readonly #endpoint: MemoryEndpoint;
  readonly #etcd: Etcd;
  readonly #settler: Settler;
  #closing: Promise<void> | undefined;

  constructor(options: TestEtcdOptions, globals: FakeGlobals | undefined) {
    const { version, config, date = BEGINNING } = options;
    this.#globals = globals;
    const clock = new VirtualClock();
    this.#etcd = createEtcd({
      clock,
      startedAt: date.getTime(),
      // Connections in memory do not die unnoticed, and real time has no say in it.
      probeInterval: 0,
      ...(version === undefined ? {} : { version }),
      ...(config === undefined ? {} : { config }),
    });
    this.#endpoint = this.#memory.listen((socket) => this.#etcd.inject(socket));
    this.url = this.#endpoint.url;
    this.clientOptions = {
      hosts: this.url,
      // Neither a proxy of the environment nor what other tests know of an address.
      grpcOptions: { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 },
    };
    this.network = faultsOf(this.#endpoint);
    const settler = new Settler([this.#memory, this.#etcd], options.settle);
    this.#settler = settler;
    this.leader = this.#etcd.leader;
    this.process = this.#etcd.process;
    this.apply = this.#etcd.apply;
    const timers = globals === undefined ? {} : { timers: globals.timers };
    const lockstep = new Lockstep({ clock, settler, ...timers });
    this.clock = new TestClock(clock, lockstep, () => settler.stir());
  }

  get stateHash(): string {
    return this.#etcd.simulator.stateHash;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    try {
      this.network.refuse();
      await this.#etcd.close();
      // Clients that were left open notice it, and are refused while they still are in memory.
      await this.#settler.settle().catch(() => {});
    } finally {
      this.#globals?.restore();
      this.#memory.close();
    }
  }
}

const faultsOf = (endpoint: MemoryEndpoint): TestNetwork => {
  const { connections } = endpoint;
  return {
    refuse: () => endpoint.receive('refused'),
    ignore: () => endpoint.receive('unanswered'),
    accept: () => endpoint.receive('accepted'),
    reset: () => connections.forEach((connection) => connection.reset()),
    stall: () => connections.forEach((connection) => connection.stall()),
    resume: () => connections.forEach((connection) => connection.resume()),
  };
};
