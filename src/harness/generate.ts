/**
 * Random schedules, aimed at the boundaries where implementations break. The same seed and options
 * give the same schedule.
 *
 * A model runs along, so that most commands name leases and keys that are there, and most instants
 * are those at which something changes. A share of commands ignores all that. Each schedule
 * switches some of its kinds of command off.
 */
import { asBytes, type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { ServerConfig } from '../api/config.ts';
import { type Instant, instant, type Milliseconds, milliseconds } from '../api/units.ts';
import type { Lease } from '../model/index.ts';
import type { Random, Seed } from '../seed.ts';
import { Interpreter } from './interpreter.ts';
import { ModelServer } from './model-server.ts';
import { boundary, previous } from './moments.ts';
import { randomRange } from './random-range.ts';
import {
  BACKLOG_SIZES,
  BACKLOGS,
  COLD_KEYS,
  CROWD_SIZES,
  HOT_KEYS,
  IDS,
  LONG_TTLS,
  leaseName,
  REAL_TTLS,
  STRANGE_TTLS,
  TTLS,
  VALUES,
} from './pools.ts';
import { checkpointStory, RESTARTS, restartOf } from './random-restart.ts';
import { chooseKinds, type Kind, NEED_LEASES } from './swarm.ts';
import {
  type Ability,
  type Action,
  isServerSide,
  type LeaseRef,
  requestCount,
  type Schedule,
  type ScheduleStep,
  type When,
} from './schedule.ts';

export interface GenerateOptions {
  readonly config: ServerConfig;
  /** Steps of the schedule, but for those that wait for its last leases to go. */
  readonly commands: number;
  readonly clients: number;
  /** On a real clock: short lifetimes, no leaps, no backlogs. */
  readonly clock: 'virtual' | 'real';
  /** What the target can have done to its server; default: nothing. */
  readonly abilities?: readonly Ability[];
}

const HORIZON: Readonly<Record<GenerateOptions['clock'], Milliseconds>> = {
  virtual: milliseconds(600_000),
  real: milliseconds(14_000),
};

export function generate(seed: Seed, options: GenerateOptions): Schedule {
  const generator = new Generator(seed, options);
  for (let count = 0; count < options.commands; count += 1) generator.add();
  generator.awaitLastLeases();
  return { config: options.config, steps: generator.steps };
}

class Generator {
  readonly steps: ScheduleStep[] = [];
  readonly #options: GenerateOptions;
  readonly #random: Random;
  readonly #server: ModelServer;
  readonly #interpreter: Interpreter;
  readonly #kinds: readonly Kind[];
  readonly #ends: Instant;
  /** Of a hundred steps, those at the instant of the one before. */
  readonly #haste: number;
  #token = 0;
  #granted = 0;
  #backlogs = 0;
  #crowds = 0;
  #restarts = 0;
  /** What comes next, whatever the weights say. */
  readonly #plan: Pick<ScheduleStep, 'at' | 'action'>[] = [];

  constructor(seed: Seed, options: GenerateOptions) {
    this.#options = options;
    this.#random = seed.split('commands').random();
    this.#server = new ModelServer(options.config);
    this.#interpreter = new Interpreter({
      version: options.config.etcd,
      nextToken: () => (this.#token += 1),
    });
    this.#kinds = chooseKinds(seed.split('swarm').random(), options.clock, options.abilities ?? []);
    this.#haste = seed.split('haste').random().pick([40, 40, 60, 77]);
    this.#ends = instant(HORIZON[options.clock]);
  }

  add(): void {
    const planned = this.#plan.shift();
    const action = planned?.action ?? this.#action(this.#random.pick(this.#kinds));
    const client = isServerSide(action) ? 0 : 1 + this.#random.below(this.#options.clients);
    this.#append({ at: planned?.at ?? this.#when(), client, action, expect: null });
  }

  /** Every lease that is to go before the schedule ends does go. */
  awaitLastLeases(): void {
    const last = this.#leases().findLast((lease) => lease.deadline <= this.#ends);
    if (last === undefined) return;
    const at: When = { from: 'turn', lease: this.#nameOf(last), offset: milliseconds(0) };
    this.#append({ at, client: 1, action: { kind: 'leases' }, expect: null });
  }

  #append(step: ScheduleStep): void {
    this.steps.push(step);
    const server = this.#server;
    server.advanceTo(this.#interpreter.instantOf(step.at, server.now));
    if (step.action.kind === 'jump') {
      const from = server.now;
      server.jump(step.action.by);
      this.#interpreter.leapt(from, server.now);
    }
    if (step.action.kind === 'restart') {
      this.#restarts += 1;
      server.restart(step.action);
      this.#interpreter.promoted(server.config, server.now);
    }
    for (let index = 0; index < requestCount(step); index += 1) {
      const command = this.#interpreter.command(step, index);
      if (command === null) continue;
      const [answer] = server.submit(command).answers;
      if (answer?.token === command.token) {
        this.#interpreter.learn(command, answer.response, server.now);
      }
    }
  }

  #when(): When {
    const random = this.#random;
    if (this.#hasCheckpoints && this.#server.now < this.#ends && random.chance(1, 12)) {
      return previous(random.pick([100_000, 299_999, 300_000, 300_499, 300_500]));
    }
    const choice = random.below(100);
    if (choice < this.#haste) return previous(0);
    if (choice < 78) {
      // Preferably of those that expire soon: whoever waits for a later one sees them go.
      const leases = this.#leases();
      const lease = leases[random.below(random.chance(3, 4) ? 3 : 12)];
      if (lease !== undefined && lease.deadline <= this.#ends)
        return boundary(random, lease, this.#nameOf(lease));
    }
    if (this.#server.now >= this.#ends) return previous(0);
    if (choice < 86) return previous(random.pick([1, 2, 7]));
    if (choice < 94) return previous(random.pick([250, 499, 500, 501]));
    return previous(random.pick([1000, 999, 2000, 3000]));
  }

  #action(kind: Kind): Action {
    if (NEED_LEASES.has(kind) && this.#leases().length === 0 && this.#random.chance(3, 4)) {
      return this.#grant();
    }
    switch (kind) {
      case 'grant':
        return this.#grant();
      case 'revoke':
        return { kind, lease: this.#lease(), count: 1 };
      case 'keepAlive':
        return { kind, lease: this.#lease(), count: 1, stream: this.#random.chance(1, 5) ? 2 : 1 };
      case 'timeToLive':
        return { kind, lease: this.#lease(), count: 1, keys: this.#random.chance(1, 2) };
      case 'leases':
        return { kind };
      case 'put':
        return this.#put();
      case 'range':
        return { kind, ...this.#range() };
      case 'deleteRange':
        return { kind, ...this.#range(), prevKv: this.#random.chance(1, 3) };
      case 'jump':
        return { kind, by: milliseconds(this.#random.pick([1, 499, 500, 1300, 5000, 10_000])) };
      case 'backlog':
        return this.#backlog();
      case 'restart':
        // A schedule with too many of them does nothing else.
        return this.#restarts < RESTARTS
          ? restartOf(this.#random, this.#server.config)
          : this.#grant();
    }
  }

  #grant(): Action {
    const random = this.#random;
    const id = random.chance(1, 4) ? random.pick(IDS) : 0n;
    this.#granted += 1;
    const real = this.#options.clock === 'real';
    const isLong = this.#hasCheckpoints && random.chance(1, 2);
    const ttls = isLong ? LONG_TTLS : random.chance(1, 8) ? STRANGE_TTLS : real ? REAL_TTLS : TTLS;
    if (isLong && this.#kinds.includes('restart') && this.#restarts < RESTARTS) {
      this.#plan.push(...checkpointStory(random, leaseName(this.#granted)));
    }
    return { kind: 'grant', lease: leaseName(this.#granted), count: 1, ttl: random.pick(ttls), id };
  }

  /** Once in a while, more leases at once than one turn can take, or two, or three. */
  #backlog(): Action {
    const random = this.#random;
    if (this.#backlogs === BACKLOGS || !random.chance(1, 40)) return this.#crowd();
    this.#backlogs += 1;
    const lease = `Z${this.#backlogs}`;
    const count = random.pick(BACKLOG_SIZES);
    if (random.chance(1, 3)) {
      const put = { value: NO_BYTES, ignoreLease: false, ignoreValue: false, prevKv: false };
      const action = {
        kind: 'put',
        key: asBytes('m'),
        count,
        lease,
        spread: true,
        ...put,
      } as const;
      this.#plan.push({ at: previous(0), action });
    }
    if (this.#kinds.includes('restart') && random.chance(1, 2)) {
      const action = restartOf(random, this.#server.config);
      this.#plan.push({ at: previous(1000), action });
    }
    if (random.chance(2, 3)) {
      const one = `${lease}.${count}`;
      const offset = milliseconds(random.pick([999, 1000, 1400]));
      const action = { kind: 'timeToLive', lease: one, count: 1, keys: true } as const;
      this.#plan.push({ at: { from: 'turn', lease: one, offset }, action });
    }
    return { kind: 'grant', lease, count, ttl: random.pick([2n, 3n, 5n]), id: 0n };
  }

  /** A few leases at once. */
  #crowd(): Action {
    const random = this.#random;
    this.#crowds += 1;
    const count = random.pick(CROWD_SIZES);
    return { kind: 'grant', lease: `Y${this.#crowds}`, count, ttl: random.pick(TTLS), id: 0n };
  }

  #put(): Action {
    const random = this.#random;
    const chaos = random.chance(1, 12);
    const ignoreLease = random.chance(chaos ? 4 : 1, 8);
    const ignoreValue = random.chance(chaos ? 4 : 1, 8);
    return {
      kind: 'put',
      key: chaos && random.chance(1, 2) ? NO_BYTES : this.#key(),
      count: 1,
      value: ignoreValue && !chaos ? NO_BYTES : random.pick(VALUES),
      lease: (ignoreLease && !chaos) || random.chance(1, 4) ? null : this.#lease(),
      spread: false,
      ignoreLease,
      ignoreValue,
      prevKv: random.chance(1, 4),
    };
  }

  #range(): { key: Bytes; rangeEnd: Bytes } {
    return randomRange(this.#random, () => this.#key());
  }

  #key(): Bytes {
    return this.#random.chance(3, 4) ? this.#random.pick(HOT_KEYS) : this.#random.pick(COLD_KEYS);
  }

  /**
   * Most often a lease that is there, preferably one that expires soon; else one that is gone or
   * never was.
   */
  #lease(): LeaseRef {
    const random = this.#random;
    const leases = this.#leases();
    if (leases.length > 0 && !random.chance(1, 9)) {
      const soon = Math.min(leases.length, 4);
      const within = random.chance(2, 3) ? soon : Math.min(leases.length, 64);
      return this.#nameOf(leases[random.below(within)] as Lease);
    }
    if (this.#granted > 0 && random.chance(2, 3)) {
      return leaseName(1 + random.below(this.#granted));
    }
    return random.chance(1, 2) ? 'U' : `#${random.pick(IDS)}`;
  }

  get #hasCheckpoints(): boolean {
    return this.#server.config.leaseCheckpoint === true;
  }

  /** Soonest first. */
  #leases(): readonly Lease[] {
    return this.#server.state.queue.all();
  }

  #nameOf(lease: Lease): LeaseRef {
    return this.#interpreter.nameOf(lease.id);
  }
}
