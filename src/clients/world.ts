/**
 * Runs a story: real clients of this process, on a clock in hand, over a network in memory, against
 * the simulated etcd; gives what was seen.
 */
import type { Duplex } from 'node:stream';
import { instant } from '../api/units.ts';
import { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation } from '../invariant.ts';
import {
  type FakeGlobals,
  fakeGlobals,
  Lockstep,
  MemoryNetwork,
  Settler,
  Unsettled,
} from '../pace/index.ts';
import { createEtcd, type Etcd } from '../wire/index.ts';
import type { Adapter, ClientEvent } from './adapter.ts';
import { Cast } from './cast.ts';
import { FaultGate } from './fault-gate.ts';
import { ClientNetwork } from './network.ts';
import { Programs, SettlerWithPrograms } from './outside/programs.ts';
import { InOrder } from './outside/in-order.ts';
import { Recorder } from './recorder.ts';
import { type ClientStory, isFault } from './story.ts';
import type { Trace } from './trace.ts';
import { Troubles } from './troubles.ts';
import { fakeWallClock, type WallClock } from './wall-clock.ts';
import { catchUncaught, describe, keepFromExiting } from './uncaught.ts';

export interface WorldOptions {
  readonly adapter: Adapter;
  /** Where the random numbers of clients come from. */
  readonly seed: bigint;
  /** Of the etcd it stands for; otherwise 3.5.30. */
  readonly version?: string;
}

export interface WorldRun {
  readonly trace: Trace;
  /** Why the clients could not be judged: they flood, or do not come to rest. */
  readonly broken: string | null;
}

const BEGINNING = new Date(Date.UTC(2026, 0, 1));

/** The longest that a timer can wait, in milliseconds. */
const LONG = 2 ** 31 - 1;

/** How long clients may take to end, in milliseconds. */
const AFTERWARDS = 30_000;

/** So many events on both clocks together are a flood. */
const MOST_EVENTS = 1_000_000;

export const runStory = async (story: ClientStory, options: WorldOptions): Promise<WorldRun> => {
  const globals = fakeGlobals({ date: BEGINNING, seed: options.seed });
  const wall = fakeWallClock();
  const world = new World(story, options, globals, wall);
  try {
    return await world.run();
  } finally {
    await world.close();
    wall.restore();
    globals.restore();
  }
};

/** How many clients a story tells of. */
export const clientsOf = ({ steps }: ClientStory): number =>
  1 + Math.max(0, ...steps.map(({ act }) => ('client' in act ? (act.client ?? 0) : 0)));

class World {
  readonly #story: ClientStory;
  readonly #clock = new VirtualClock();
  readonly #recorder = new Recorder(this.#clock);
  readonly #memory = new MemoryNetwork();
  readonly #etcd: Etcd;
  readonly #gate: FaultGate;
  readonly #network: ClientNetwork;
  readonly #settler: Settler;
  readonly #lockstep: Lockstep;
  readonly #troubles: Troubles;
  readonly #globals: FakeGlobals;
  readonly #cast: Cast;
  readonly #leases = new Map<string, bigint>();
  /** Of clients outside of this process. */
  readonly #programs: Programs | undefined;
  #events = 0;

  constructor(
    story: ClientStory,
    { adapter, version }: WorldOptions,
    globals: FakeGlobals,
    wall: WallClock,
  ) {
    this.#story = story;
    this.#globals = globals;
    const clock = this.#clock;
    const recorder = this.#recorder;
    const leaseOf = (name: string): bigint | undefined => this.#leases.get(name);
    const clientOf = (socket: Duplex): number => this.#network.clientOf(socket);
    this.#gate = new FaultGate(clock, recorder, clientOf, leaseOf);
    this.#etcd = createEtcd({
      clock,
      startedAt: BEGINNING.getTime(),
      gate: adapter.isOutside === true ? new InOrder(this.#gate) : this.#gate,
      // Nobody asks, or waits, in real time.
      probeInterval: 0,
      sniffTimeout: LONG,
      onServed: (command, response) => recorder.served(command, response),
      onExpired: (leases) => recorder.expired(leases),
      onChange: (_revision, events) => recorder.changed(events),
      ...(version === undefined ? {} : { version }),
    });
    this.#network = new ClientNetwork(this.#memory, this.#etcd, recorder, clientsOf(story));
    const sources = [this.#memory, this.#etcd];
    const programs =
      adapter.isOutside === true ? new Programs({ clock, wall: Date.now }) : undefined;
    this.#programs = programs;
    this.#settler =
      programs === undefined ? new Settler(sources) : new SettlerWithPrograms(sources, programs);
    this.#lockstep = new Lockstep({ clock, settler: this.#settler, timers: globals.timers });
    this.#cast = new Cast(adapter, {
      urls: this.#network.endpoints.map(({ url }) => url),
      recorder,
      programs,
      onEvent: (event) => this.#note(event),
      stir: () => this.#settler.stir(),
    });
    this.#troubles = new Troubles({
      clock,
      etcd: this.#etcd,
      gate: this.#gate,
      clients: programs === undefined ? [this.#lockstep] : [this.#lockstep, programs],
      network: this.#network,
      recorder,
      settler: this.#settler,
      wall,
      leaseOf,
      onAwake: () => this.#cast.wake(),
    });
  }

  async run(): Promise<WorldRun> {
    const exit = keepFromExiting();
    const release = catchUncaught((error) => this.#recorder.add({ kind: 'uncaught', error }));
    try {
      const timersBefore = timersOf(this.#globals);
      this.#cast.start();
      await this.#settler.settle();
      const { complaint } = this.#cast;
      if (complaint !== null) return { trace: [], broken: complaint };
      for (const step of this.#story.steps) {
        const { at, act } = step;
        this.#clock.schedule(instant(Math.min(at, this.#story.lasts)), () => {
          this.#settler.stir();
          if (isFault(act)) this.#troubles.strike(act);
          else this.#cast.tell(act, this.#troubles.clientsSleep);
        });
      }
      const broken = (await this.#advance(this.#story.lasts)) ?? (await this.#finish());
      const timers = timersOf(this.#globals) - timersBefore;
      const [connections, streams] = [this.#network.open, this.#gate.open];
      this.#recorder.add({ kind: 'end', timers, connections, streams });
      const { trace } = this.#recorder;
      return { trace, broken: broken ?? this.#cast.complaint ?? exit.complaint };
    } finally {
      release();
      exit.restore();
    }
  }

  async close(): Promise<void> {
    await this.#programs?.close();
    for (const endpoint of this.#network.endpoints) endpoint.receive('refused');
    await this.#etcd.close();
    await this.#settler.settle().catch(() => {});
    this.#memory.close();
  }

  /** Faults end, and clients are told to. */
  async #finish(): Promise<string | null> {
    this.#troubles.endAll();
    const broken = await this.#advance(this.#story.lasts + 1);
    if (broken !== null) return broken;
    this.#recorder.add({ kind: 'closing' });
    this.#cast.close();
    return this.#advance(this.#story.lasts + AFTERWARDS);
  }

  /** Null: time has got there. */
  async #advance(to: number): Promise<string | null> {
    for (;;) {
      try {
        await this.#lockstep.advanceTo(to, () => this.#count());
        return null;
      } catch (error) {
        if (error instanceof InvariantViolation) throw error;
        if (error instanceof Unsettled || error instanceof Flood) return error.message;
        // A timer of a client that throws.
        this.#recorder.add({ kind: 'uncaught', error: describe(error) });
      }
    }
  }

  #count(): void {
    this.#events += 1;
    if (this.#events > MOST_EVENTS || this.#recorder.isFull) {
      throw new Flood('the clients do too much: it does not end');
    }
  }

  #note(event: ClientEvent): void {
    if (event.kind === 'granted') this.#leases.set(event.lease, event.id);
    else if (event.kind === 'acquired') this.#leases.set(event.name, event.lease);
  }
}

class Flood extends Error {
  override readonly name = 'Flood';
}

const timersOf = ({ timers }: FakeGlobals): number =>
  (timers as unknown as { countTimers(): number }).countTimers();
