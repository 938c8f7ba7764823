/** A real etcd that stands still until it is moved: one member, whose clock is in our hand. */
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { asBytes, NO_BYTES } from '../../api/bytes.ts';
import { PLAIN_VIEW } from '../../api/command.ts';
import type { ServerConfig } from '../../api/config.ts';
import { MILLISECOND, SECOND, type WarpedProcess } from '../../timewarp/index.ts';
import { TURN_INTERVAL } from '../../model/index.ts';
import { type RestartOptions, TargetError } from '../target.ts';
import { EtcdDirectory } from './etcd-directory.ts';
import { dataIn } from './etcd-launch.ts';
import { accepts } from './etcd-ports.ts';
import { inTime } from './in-time.ts';
import { callLean } from './lean-calls.ts';
import { LeanConnection } from './lean-connection.ts';
import { type Home, homeIn, spawnEtcd, type VirtualEtcdOptions } from './virtual-spawn.ts';

/** 2031-01-01: what the server takes the time to be when it starts. */
const WALL = 1_924_992_000n * SECOND;

const START_ATTEMPTS = 5;

/** Steps of 100 ms that an election may take; it takes 9. */
const ELECTION_STEPS = 1_000;

/**
 * How long an answer may take, in real milliseconds; time stands still for the server meanwhile.
 */
export const ANSWER_MS = 10_000;

export class VirtualEtcd {
  readonly #options: VirtualEtcdOptions;
  #home: Home;
  #process: WarpedProcess;
  #lean: LeanConnection;
  /** What its clock, which each process begins at 0, is ahead of the process's. */
  #ahead = 0;
  #wall = WALL;
  #starts = 1;
  #hasStirred = false;
  readonly #directory: EtcdDirectory;
  #closed: Promise<void> | undefined;

  private constructor(
    options: VirtualEtcdOptions,
    home: Home,
    process: WarpedProcess,
    directory: EtcdDirectory,
  ) {
    this.#options = options;
    this.#home = home;
    this.#process = process;
    this.#lean = new LeanConnection(home.url, ANSWER_MS);
    this.#directory = directory;
  }

  /**
   * Starts it, lets it elect itself, and brings it to an instant at which its expiry loop runs.
   * Throws `WarpUnsupported` where the machine cannot do it.
   */
  static async start(options: VirtualEtcdOptions): Promise<VirtualEtcd> {
    for (let attempt = 1; ; attempt += 1) {
      const server = await VirtualEtcd.#tryToStart(options);
      if (server !== undefined) return server;
      if (attempt === START_ATTEMPTS) throw new TargetError(NOT_UP);
    }
  }

  /** Undefined when it ended before it was up: somebody else may have taken its port meanwhile. */
  static async #tryToStart(options: VirtualEtcdOptions): Promise<VirtualEtcd | undefined> {
    const directory = new EtcdDirectory(options.version);
    const { home, process } = await spawnIn(directory, options).catch(async (error: unknown) => {
      await directory.remove();
      throw error;
    });
    const server = new VirtualEtcd(options, home, process, directory);
    try {
      await server.#elect();
    } catch (error) {
      const isOver = server.hasEnded;
      await server.close();
      if (isOver) return undefined;
      throw error;
    }
    return server;
  }

  /** The settings it was started with first. */
  get config(): ServerConfig {
    return this.#options.config;
  }

  /** Where its clients find it. */
  get url(): string {
    return this.#home.url;
  }

  get lean(): LeanConnection {
    return this.#lean;
  }

  /** Milliseconds on its clock; whole ones but for its start. */
  get now(): number {
    return this.#ahead + Number(this.#process.clock.now().elapsed / MILLISECOND);
  }

  /** Where its data are while it lives. */
  get directory(): string {
    return this.#home.directory;
  }

  get pid(): number {
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#process.hasEnded;
  }

  /** Sets its wall clock ahead or, with a negative number, back; no timer heeds that (CONST-17). */
  async stepWall(milliseconds: number): Promise<void> {
    this.#process.clock.stepWall(BigInt(milliseconds) * MILLISECOND);
    await this.settle();
  }

  /** One leap, and everything that comes of it. */
  async leap(milliseconds: number): Promise<void> {
    const { io } = this.#process;
    // It may not rest yet after what it answered last, so nobody knows who will poll.
    const settled = await this.#process.jump(BigInt(milliseconds) * MILLISECOND);
    this.#hasStirred ||= settled.io !== io;
  }

  /** Whether it has read or written anything in a leap since this was asked last. */
  takeStirred(): boolean {
    const stirred = this.#hasStirred;
    this.#hasStirred = false;
    return stirred;
  }

  /** Lets time pass for a server that cannot notice, because it is stopped. */
  passTime(milliseconds: number): void {
    this.#process.clock.jump(BigInt(milliseconds) * MILLISECOND);
  }

  /** Resolves when the server rests: whatever it does not answer now it holds. */
  async settle(): Promise<void> {
    await this.#process.settle();
  }

  /**
   * Ends its process and starts another one on the same data, which leads `down` milliseconds after
   * the end of the old one. A turn of the expiry loop runs at that very instant, so that the others
   * are known.
   *
   * How long an election takes is random, but not on whose clock: only what happens after it can be
   * seen, so whatever the new process took for it counts as `down`.
   */
  async restart({ kill, down, config }: RestartOptions): Promise<void> {
    const before = this.now;
    // An orderly end waits for its clients, and on a clock that stands still for ever.
    this.#lean.close();
    await this.#end(kill ? 'SIGKILL' : 'SIGTERM');
    this.#wall += this.#process.clock.now().elapsed + BigInt(down) * MILLISECOND;
    this.#directory.belongsTo(undefined);
    this.#starts += 1;
    const log = path.join(this.#home.directory, `log-${this.#starts}`);
    const options = { ...this.#options, config };
    this.#home = await homeIn(this.#home.directory);
    // What a killed attempt says of itself is not true of the next.
    const beforeAgain = () => rm(log, { force: true });
    this.#process = await spawnEtcd(options, this.#home, { wall: this.#wall, log, beforeAgain });
    this.#directory.belongsTo(this.#process.pid);
    this.#lean = new LeanConnection(this.#home.url, ANSWER_MS);
    await this.#lead(log);
    this.#ahead = 0;
    this.#ahead = before + down - this.now;
  }

  /** Ends it and removes its directory. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#lean.close();
    // Its data is of no use to anybody.
    await this.#process.stop({ signal: 'SIGKILL' });
    await this.#directory.remove();
  }

  /** Without a moment in which its clock runs: nothing must expire that had not. */
  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this.#process;
    const ended = once(child, 'exit');
    child.ref();
    if (!child.kill(signal)) throw new TargetError(GONE);
    await inTime(ended, PATIENCE_MS, GONE);
  }

  async #accepts(): Promise<void> {
    const begun = performance.now();
    while (!(await accepts(this.#home.clientPort))) {
      if (this.hasEnded) throw new TargetError(`${NOT_UP} (it ended)`);
      if (performance.now() - begun > PATIENCE_MS) throw new TargetError(`${NOT_UP} (no port)`);
      await this.settle();
      await sleep(1);
    }
    // Its port may be open before all of it is up. From 3.6 on the loop's ticker is made then, and
    // counts from there (CONST-04): so time has to be at 0 until it rests.
    await this.settle();
  }

  async #elect(): Promise<void> {
    await this.#accepts();
    // It answers once it has a leader, which takes time, which only we can give.
    const asked = { isServed: false };
    const asking = this.#lean.call(STATUS, NO_REQUEST);
    const answer = asking.then(
      () => {
        asked.isServed = true;
      },
      () => {},
    );
    for (let steps = 0; !asked.isServed; steps += 1) {
      if (this.hasEnded || steps > ELECTION_STEPS) throw new TargetError(NOT_UP);
      await this.leap(100);
    }
    await answer;
    // Publication finishes, and the loop runs where this lands: at a whole second. Up to 3.5
    // because it was due on the way, from 3.6 on because its ticker counts from 0.
    await this.#serves();
    const { elapsed } = this.#process.clock.now();
    const epoch = (elapsed / SECOND + 2n) * SECOND;
    await this.#process.jump(epoch - elapsed);
  }

  async #serves(): Promise<void> {
    const range = { kind: 'range', token: 0, key: asBytes('x'), rangeEnd: NO_BYTES } as const;
    const answer = await callLean(this.#lean, { ...range, view: PLAIN_VIEW });
    if (answer.kind === 'unknown') throw new TargetError(`${NOT_UP} (no answer: ${answer.why})`);
  }

  /**
   * Leaps from turn to turn until it leads. A leap is one tick of raft at most, however far it
   * goes, so it is elected where a turn runs; its log says where.
   */
  async #lead(log: string): Promise<void> {
    await this.#accepts();
    for (let steps = 0; !readFileSync(log, 'utf8').includes('became leader'); steps += 1) {
      if (this.hasEnded || steps > ELECTION_STEPS) throw new TargetError(NOT_UP);
      await this.leap(TURN_INTERVAL);
    }
    // It serves from now on, and what it has to do for that needs no time.
    await this.#serves();
    await this.settle();
  }
}

/** Its first process, on ports of its own. */
const spawnIn = async (directory: EtcdDirectory, options: VirtualEtcdOptions) => {
  const home = await homeIn(directory.path);
  // One that is killed may have begun its log: on that no other would ever elect itself.
  const beforeAgain = () => rm(dataIn(directory.path), { recursive: true, force: true });
  const process = await spawnEtcd(options, home, { wall: WALL, beforeAgain });
  directory.belongsTo(process.pid);
  return { home, process };
};

/** How long an orderly end may take, in real milliseconds. */
const PATIENCE_MS = 20_000;

const STATUS = '/etcdserverpb.Maintenance/Status';
const NO_REQUEST = Buffer.alloc(0);

const GONE = 'etcd did not end when it was told to, or had ended before';
const NOT_UP = 'etcd did not come up on a virtual clock: try --target etcd, on the real one';
