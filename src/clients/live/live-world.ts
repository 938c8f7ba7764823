/**
 * Runs a story on the real clock: the clients are programs of somebody's, their network is in
 * memory behind a door for each, and the simulated etcd and the faults keep real time. Many such
 * worlds run side by side in one process.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { instant } from '../../api/units.ts';
import { VirtualClock } from '../../clock/virtual-clock.ts';
import { MemoryNetwork, Pacer } from '../../pace/index.ts';
import { createEtcd, type Etcd } from '../../wire/index.ts';
import type { Ability, Adapter, Client, ClientEvent, Surroundings } from '../adapter.ts';
import { Cast } from '../cast.ts';
import { FaultGate } from '../fault-gate.ts';
import { ClientNetwork } from '../network.ts';
import { LineClient, type LineClientOptions } from '../outside/line-client.ts';
import { Recorder } from '../recorder.ts';
import { type ClientStory, isFault } from '../story.ts';
import { Troubles } from '../troubles.ts';
import { clientsOf, type WorldRun } from '../world.ts';
import type { LagMeter } from './lag.ts';
import { LiveProgram } from './live-program.ts';

export interface LiveOptions {
  readonly command: readonly string[];
  readonly adapter: Omit<Adapter, 'start'>;
  readonly meter: LagMeter;
  /** Of the etcd it stands for; otherwise 3.5.30. */
  readonly version?: string;
  /** Asked now and then: the story is cut off when it says so. */
  readonly stopped?: () => boolean;
  /** Has clients start when it is their turn: to start programs is what costs a machine most. */
  readonly inTurn?: (start: () => Promise<void>) => Promise<void>;
  /** Milliseconds in which clients have to be ready; otherwise 10,000. */
  readonly patience?: number;
  /** A client has become ready, for those. */
  readonly onReady?: (abilities: readonly Ability[]) => void;
  readonly onException?: LineClientOptions['onException'];
}

export interface LiveRun extends WorldRun {
  /** Milliseconds by which what clients did may be told later than it was. */
  readonly slack: number;
  /** It is no fault of the clients that they cannot be judged. */
  readonly isBusy: boolean;
}

/** Real milliseconds: to become ready; for what is under way at the end; to be quiet. */
const [START, AFTERWARDS, QUIET] = [10_000, 10_000, 300];
/** Between two looks at how it goes. */
const LOOK = 50;
/** More cannot be told from what the machine does. */
const MOST_SLACK = 2_000;

export const runLiveStory = async (story: ClientStory, options: LiveOptions): Promise<LiveRun> => {
  const world = new LiveWorld(story, options);
  try {
    return await world.run();
  } finally {
    await world.close();
  }
};

class LiveWorld {
  readonly #story: ClientStory;
  readonly #options: LiveOptions;
  readonly #clock = new VirtualClock();
  readonly #recorder = new Recorder(this.#clock);
  readonly #memory = new MemoryNetwork();
  readonly #etcd: Etcd;
  readonly #gate: FaultGate;
  readonly #network: ClientNetwork;
  readonly #cast: Cast;
  readonly #troubles: Troubles;
  readonly #leases = new Map<string, bigint>();
  readonly #programs: LiveProgram[] = [];
  readonly #lag: ReturnType<LagMeter['begin']>;
  #pacer: Pacer | undefined;
  #complaint: string | null = null;

  constructor(story: ClientStory, options: LiveOptions) {
    this.#story = story;
    this.#options = options;
    this.#lag = options.meter.begin();
    const clock = this.#clock;
    const recorder = this.#recorder;
    this.#gate = new FaultGate(
      clock,
      recorder,
      (socket) => this.#network.clientOf(socket),
      (name) => this.#leases.get(name),
    );
    this.#etcd = createEtcd({
      clock,
      startedAt: Date.now(),
      gate: this.#gate,
      probeInterval: 0,
      beforeCommand: () => this.#pacer?.catchUp(),
      onServed: (command, response) => recorder.served(command, response),
      onTurn: (leases) => recorder.expired(leases),
      onChange: (_revision, events) => recorder.changed(events),
      ...(options.version === undefined ? {} : { version: options.version }),
    });
    this.#network = new ClientNetwork(this.#memory, this.#etcd, recorder, clientsOf(story));
    this.#cast = new Cast(
      { ...options.adapter, start: (surroundings) => this.#start(surroundings) },
      {
        urls: this.#network.endpoints.map(({ url }) => url),
        recorder,
        programs: undefined,
        onEvent: (event) => this.#note(event),
        stir: () => {},
      },
    );
    this.#troubles = new Troubles({
      clock,
      etcd: this.#etcd,
      gate: this.#gate,
      clients: [{ freeze: () => this.#signal('SIGSTOP'), thaw: () => this.#signal('SIGCONT') }],
      network: this.#network,
      recorder,
      settler: { stir: () => {} },
      // Nobody sets the clock of this machine.
      wall: { jump: () => {}, drift: () => {} },
      leaseOf: (name) => this.#leases.get(name),
      onAwake: () => this.#cast.wake(),
    });
  }

  async run(): Promise<LiveRun> {
    const { inTurn, patience = START } = this.#options;
    const start = (): Promise<void> => {
      this.#cast.start();
      return this.#until(() => !this.#cast.isStarting, patience);
    };
    await (inTurn === undefined ? start() : inTurn(start));
    if (this.#cast.isStarting) {
      return this.#ended(
        this.#complaint ?? `it does not say within ${patience} ms that it is ready`,
      );
    }
    const isAll = this.#story.steps.length === 0;
    if (isAll || this.#cast.complaint !== null) return this.#ended(null);
    for (const { at, act } of this.#story.steps) {
      this.#clock.schedule(instant(Math.min(at, this.#story.lasts)), () => {
        if (isFault(act)) this.#troubles.strike(act);
        else this.#cast.tell(act, this.#troubles.clientsSleep);
      });
    }
    this.#lag.reset();
    this.#pacer = new Pacer(this.#clock, 1);
    await this.#until(() => this.#clock.now >= this.#story.lasts, this.#story.lasts + LOOK);
    this.#pacer.catchUp();
    this.#troubles.endAll();
    this.#recorder.add({ kind: 'closing' });
    this.#cast.close();
    await this.#until(() => this.#isQuiet, AFTERWARDS);
    this.#pacer.catchUp();
    const [connections, streams] = [this.#network.open, this.#gate.open];
    this.#recorder.add({ kind: 'end', timers: 0, connections, streams });
    return this.#ended(null);
  }

  async close(): Promise<void> {
    this.#lag.end();
    this.#pacer?.stop();
    await Promise.all(this.#programs.map((program) => program.close()));
    for (const endpoint of this.#network.endpoints) endpoint.receive('refused');
    await this.#etcd.close();
    this.#memory.close();
  }

  #ended(broken: string | null): LiveRun {
    this.#pacer?.stop();
    const { slack } = this.#lag;
    const busy = slack > MOST_SLACK ? `the machine was too busy: ${slack} ms are uncertain` : null;
    const why = broken ?? this.#complaint ?? this.#cast.complaint;
    const isBusy = why === null && busy !== null;
    return { trace: this.#recorder.trace, broken: why ?? busy, slack, isBusy };
  }

  /** Waits until something holds, no longer than so many milliseconds, or until it is broken. */
  async #until(holds: () => boolean, most: number): Promise<void> {
    const since = performance.now();
    while (!holds() && performance.now() - since < most) {
      await sleep(LOOK);
      this.#pacer?.catchUp();
      if (this.#recorder.isFull) this.#complaint ??= 'the clients do too much: it does not end';
      if (this.#options.stopped?.() === true) this.#complaint ??= 'it was stopped';
      if (this.#complaint !== null) return;
    }
  }

  /** All calls are settled, nothing is open, and nothing has happened for a while. */
  get #isQuiet(): boolean {
    const { trace } = this.#recorder;
    const count = (kind: string): number => trace.filter((one) => one.kind === kind).length;
    const open = this.#network.open + this.#gate.open;
    if (open > 0 || count('told') > count('settled')) return false;
    return this.#clock.now - (trace.at(-1)?.at ?? 0) >= QUIET;
  }

  async #start({ complain, report, url }: Surroundings): Promise<Client> {
    const fail = (why: string): void => client.fail(why);
    const { onException } = this.#options;
    const started: { program?: LiveProgram } = {};
    const client: LineClient = new LineClient({
      ...(onException === undefined ? {} : { onException }),
      report,
      complain: (why) => {
        this.#complaint ??= why;
        complain?.(why);
      },
      tell: (line) => started.program?.tell(line),
      end: () => void started.program?.close(),
    });
    const program = await LiveProgram.start({
      command: this.#options.command,
      url,
      beforeMail: () => this.#pacer?.catchUp(),
      onLine: (line) => client.hear(line),
      onEnd: (how) => client.ended(how),
      onFlood: fail,
    });
    started.program = program;
    this.#programs.push(program);
    this.#lag.watch(program.pid);
    this.#options.onReady?.(await client.ready);
    return client;
  }

  #signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    for (const program of this.#programs) program.signal(name);
  }

  #note(event: ClientEvent): void {
    if (event.kind === 'granted') this.#leases.set(event.lease, event.id);
    else if (event.kind === 'acquired') this.#leases.set(event.name, event.lease);
  }
}
