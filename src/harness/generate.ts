/**
 * Random schedules, aimed at the boundaries where implementations break. The same seed and options
 * give the same schedule.
 *
 * A model runs along, so that most commands name leases and keys that are there, and most instants
 * are those at which something changes. A share of commands ignores all that. Each schedule
 * switches some of its kinds of command off.
 */
import type { Command, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Answer } from '../api/response.ts';
import { milliseconds } from '../api/units.ts';
import type { Random, Seed } from '../seed.ts';
import { Interpreter } from './interpreter.ts';
import { Draws } from './draws.ts';
import { KvGenerator } from './generate-kv.ts';
import { withoutLostAnchors } from './lost-anchors.ts';
import { ModelServer } from './model-server.ts';
import { boundary, previous } from './moments.ts';
import { ApplyDraws } from './random-apply.ts';
import { LeaderDraws } from './random-leader.ts';
import {
  BACKLOG_SIZES,
  BACKLOGS,
  IDS,
  LONG_TTLS,
  leaseName,
  REAL_TTLS,
  STRANGE_TTLS,
  TTLS,
} from './pools.ts';
import { AlarmDraws } from './random-alarm.ts';
import { backlogStory, crowdOf } from './random-backlog.ts';
import { progressWaits } from './random-progress.ts';
import { checkpointStory, RESTARTS, restartOf } from './random-restart.ts';
import { Span, type SpanOptions } from './span.ts';
import { WatchDraws } from './watch-draws.ts';
import { chooseKinds, type Kind, NEED_LEASES, type SwarmOptions } from './swarm.ts';
import {
  type Action,
  isServerSide,
  type PlannedStep,
  requestCount,
  type Schedule,
  type ScheduleStep,
  type When,
} from './schedule.ts';

export interface GenerateOptions extends SpanOptions, SwarmOptions {
  readonly config: ServerConfig;
  /** Steps of the schedule, but for those that wait for its last leases, or for progress. */
  readonly commands: number;
  readonly clients: number;
}

export function generate(seed: Seed, options: GenerateOptions): Schedule {
  const generator = new Generator(seed, options);
  for (let count = 0; count < options.commands; count += 1) generator.add();
  generator.awaitLastLeases();
  generator.awaitProgress(seed.split('progress').random());
  // A lease that was planned for may have had no room.
  return withoutLostAnchors({ config: options.config, steps: generator.steps });
}

class Generator {
  readonly steps: ScheduleStep[] = [];
  readonly #options: GenerateOptions;
  readonly #random: Random;
  readonly #server: ModelServer;
  readonly #interpreter: Interpreter;
  readonly #kinds: readonly Kind[];
  readonly #span: Span;
  /** Of a hundred steps, those at the instant of the one before. */
  readonly #haste: number;
  #token = 0;
  #backlogs = 0;
  #crowds = 0;
  #restarts = 0;
  readonly #leaders: LeaderDraws;
  readonly #applies: ApplyDraws;
  readonly #unanswered = new Map<Token, Command>();
  readonly #draws: Draws;
  readonly #kv: KvGenerator;
  readonly #watches: WatchDraws;
  readonly #alarms: AlarmDraws;
  /** What comes next, whatever the weights say. */
  readonly #plan: PlannedStep[] = [];

  constructor(seed: Seed, options: GenerateOptions) {
    this.#options = options;
    this.#random = seed.split('commands').random();
    this.#server = new ModelServer(options.config, (_, { answers }) => this.#learn(answers));
    this.#interpreter = new Interpreter({
      version: options.config.etcd,
      nextToken: () => (this.#token += 1),
    });
    this.#kinds = chooseKinds(seed.split('swarm').random(), options);
    this.#haste = seed.split('haste').random().pick([40, 40, 60, 77]);
    this.#span = new Span(seed.split('span').random(), options, this.#kinds);
    this.#watches = new WatchDraws(this.#random, options.timeIsDear ?? false);
    this.#leaders = new LeaderDraws(this.#random);
    this.#applies = new ApplyDraws(this.#random);
    this.#alarms = new AlarmDraws(this.#random);
    this.#draws = new Draws(this.#random, this.#server, this.#interpreter);
    this.#kv = new KvGenerator({
      random: this.#random,
      etcd: options.config.etcd,
      clock: options.clock,
      key: () => this.#draws.key(),
      range: () => this.#draws.range(),
      lease: () => this.#draws.lease(),
      put: () => this.#draws.put(),
      find: (key) => this.#server.state.kvs.find(key),
      nameOf: (lease) => this.#interpreter.nameOf(lease),
      revisions: () => ({
        current: this.#server.state.revision,
        compacted: this.#server.state.compacted,
        latest: this.#interpreter.latest,
      }),
    });
  }

  add(): void {
    const planned = this.#leaders.due() ?? this.#applies.due() ?? this.#plan.shift();
    const action =
      planned?.action ?? this.#alarms.due() ?? this.#action(this.#random.pick(this.#kinds));
    const any = isServerSide(action) ? 0 : 1 + this.#random.below(this.#options.clients);
    const client = this.#watches.clientOf(action) ?? any;
    this.#append({ at: planned?.at ?? this.#when(), client, action, expect: null });
  }

  /** Every lease that is to go before the schedule ends does go. */
  awaitLastLeases(): void {
    const last = this.#draws.leases().findLast((lease) => lease.deadline <= this.#span.ends);
    if (last === undefined) return;
    const at: When = { from: 'turn', lease: this.#draws.nameOf(last), offset: milliseconds(0) };
    this.#append({ at, client: 1, action: { kind: 'leases' }, expect: null });
  }

  awaitProgress(random: Random): void {
    if (!this.#span.isLong) return;
    const put = () => this.#draws.put();
    const waits = progressWaits(random, this.#server.state, this.#options.clock, put);
    for (const { at, action } of waits) this.#append({ at, client: 1, action, expect: null });
  }

  #append(wanted: ScheduleStep): void {
    const server = this.#server;
    const at = this.#interpreter.instantOf(wanted.at, server.now);
    const step = this.#span.fitted(wanted, server.now, at);
    this.steps.push(step);
    const { action, client } = step;
    if (action.kind === 'watch') {
      this.#watches.add(action, client);
      // A real server takes up to 100 ms to bring one up to date that begins in the past.
      if (this.#interpreter.revisionOf(action.startRevision) > 0n) this.#afterCatchingUp();
    }
    server.advanceTo(this.#interpreter.instantOf(step.at, server.now));
    if (action.kind === 'jump') {
      const from = server.now;
      server.jump(action.by);
      this.#interpreter.leapt(from, server.now);
    }
    if (action.kind === 'restart') {
      this.#restarts += 1;
      server.restart(action);
      this.#interpreter.promoted(server.config, server.now, true);
      this.#leaders.restarted();
    }
    if (action.kind === 'leader') {
      server.leader(action.change);
      if (action.change === 'back') this.#interpreter.promoted(server.config, server.now, false);
    }
    if (action.kind === 'apply') server.apply(action.change);
    for (let index = 0; index < requestCount(step); index += 1) {
      const command = this.#interpreter.command(step, index);
      if (command === null) continue;
      this.#unanswered.set(command.token, command);
      server.submit(command);
    }
  }

  #learn(answers: readonly Answer[]): void {
    for (const { token, response } of answers) {
      const command = this.#unanswered.get(token);
      if (command === undefined) continue;
      this.#unanswered.delete(token);
      this.#interpreter.learn(command.token, response, this.#server.now);
    }
  }

  #when(): When {
    const random = this.#random;
    if (this.#hasCheckpoints && this.#server.now < this.#span.ends && random.chance(1, 12)) {
      return previous(random.pick([100_000, 299_999, 300_000, 300_499, 300_500]));
    }
    const choice = random.below(100);
    if (choice < this.#haste) return previous(0);
    if (choice < 78) {
      // Preferably of those that expire soon: whoever waits for a later one sees them go.
      const leases = this.#draws.leases();
      const lease = leases[random.below(random.chance(3, 4) ? 3 : 12)];
      if (lease !== undefined && lease.deadline <= this.#span.ends)
        return boundary(random, lease, this.#draws.nameOf(lease));
    }
    if (this.#server.now >= this.#span.ends) return previous(0);
    if (choice < 86) return previous(random.pick([1, 2, 7]));
    return previous(random.pick(choice < 94 ? [250, 499, 500, 501] : [1000, 999, 2000, 3000]));
  }

  #action(kind: Kind): Action {
    if (NEED_LEASES.has(kind) && this.#draws.leases().length === 0 && this.#random.chance(3, 4)) {
      return this.#grant();
    }
    switch (kind) {
      case 'grant':
        return this.#grant();
      case 'revoke':
        return { kind, lease: this.#draws.lease(), count: 1 };
      case 'keepAlive': {
        const lease = this.#draws.lease();
        return { kind, lease, count: 1, stream: this.#random.chance(1, 5) ? 2 : 1 };
      }
      case 'timeToLive':
        return { kind, lease: this.#draws.lease(), count: 1, keys: this.#random.chance(1, 2) };
      case 'leases':
        return { kind };
      case 'put':
        return this.#draws.put();
      case 'range':
        return this.#kv.range();
      case 'deleteRange':
        return { kind, ...this.#draws.range(), prevKv: this.#random.chance(1, 3) };
      case 'txn':
        return this.#kv.txn();
      case 'compact':
        return this.#kv.compact();
      case 'alarm':
        return this.#alarms.action();
      case 'watch':
        return this.#watches.surplus() ?? this.#kv.watch();
      case 'cancelWatch':
      case 'watchProgress':
        return this.#watches.action(kind) ?? this.#kv.watch();
      case 'jump':
        return { kind, by: milliseconds(this.#random.pick([1, 499, 500, 1300, 5000, 10_000])) };
      case 'backlog':
        return this.#backlog();
      case 'restart':
        // A schedule with too many of them does nothing else.
        if (this.#restarts >= RESTARTS) return this.#grant();
        return restartOf(this.#random, this.#server.config);
      case 'leader':
        return this.#leaders.lost() ?? this.#grant();
      case 'apply':
        return this.#applies.stalled() ?? this.#grant();
    }
  }

  #afterCatchingUp(): void {
    const isReal = this.#options.clock === 'real';
    const action = isReal ? this.#kv.range() : this.#watches.action('watchProgress');
    this.#plan.unshift({ at: previous(100), action: action ?? this.#kv.range() });
  }

  #grant(): Action {
    const random = this.#random;
    const id = random.chance(1, 4) ? random.pick(IDS) : 0n;
    this.#draws.granted += 1;
    const real = this.#options.clock === 'real';
    const isLong = this.#hasCheckpoints && random.chance(1, 2);
    const ttls = isLong ? LONG_TTLS : random.chance(1, 8) ? STRANGE_TTLS : real ? REAL_TTLS : TTLS;
    const lease = leaseName(this.#draws.granted);
    if (isLong && this.#kinds.includes('restart') && this.#restarts < RESTARTS) {
      this.#plan.push(...checkpointStory(random, lease));
    }
    return { kind: 'grant', lease, count: 1, ttl: random.pick(ttls), id };
  }

  /** Once in a while, more leases at once than one turn can take, or two, or three. */
  #backlog(): Action {
    const random = this.#random;
    const rarely = this.#options.timeIsDear === true ? 120 : 40;
    if (this.#backlogs === BACKLOGS || !random.chance(1, rarely)) {
      this.#crowds += 1;
      return crowdOf(random, `Y${this.#crowds}`);
    }
    this.#backlogs += 1;
    const lease = `Z${this.#backlogs}`;
    const count = random.pick(BACKLOG_SIZES);
    const restarts = this.#kinds.includes('restart');
    const config = restarts ? this.#server.config : null;
    this.#plan.push(...backlogStory(random, lease, count, config));
    return { kind: 'grant', lease, count, ttl: random.pick([2n, 3n, 5n]), id: 0n };
  }

  get #hasCheckpoints(): boolean {
    return this.#server.config.leaseCheckpoint === true && this.#span.isLong;
  }
}
