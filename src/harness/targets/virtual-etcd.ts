/** A real etcd that stands still until it is moved: one member, whose clock is in our hand. */
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import type { ChildProcess } from 'node:child_process';
import type { Etcd3 } from 'etcd3';
import type { ServerConfig } from '../../api/config.ts';
import { MILLISECOND, SECOND, spawnWarped, type WarpedProcess } from '../../timewarp/index.ts';
import { TargetError } from '../target.ts';
import { dataIn, dataRoot, dismiss, etcdArguments, spawnWatchdog } from './etcd-launch.ts';
import { accepts, freePorts } from './etcd-ports.ts';
import { Connections } from './grpc-connections.ts';
import { LeanConnection } from './lean-connection.ts';

export interface VirtualEtcdOptions {
  readonly binary: string;
  readonly version: string;
  readonly config: ServerConfig;
}

/** 2031-01-01: what the server takes the time to be when it starts. */
const WALL = 1_924_992_000n * SECOND;

const START_ATTEMPTS = 5;

/** Steps of 100 ms that an election may take; it takes 9. */
const ELECTION_STEPS = 1_000;

export class VirtualEtcd {
  readonly etcd: Etcd3;
  readonly lean: LeanConnection;
  readonly #process: WarpedProcess;
  readonly #connections: Connections;
  readonly #directory: string;
  readonly #watchdog: ChildProcess;
  #closed: Promise<void> | undefined;

  private constructor(
    process: WarpedProcess,
    url: string,
    directory: string,
    watchdog: ChildProcess,
  ) {
    this.#process = process;
    this.#connections = new Connections([url]);
    this.#directory = directory;
    this.#watchdog = watchdog;
    this.etcd = this.#connections.of(0, 0);
    this.lean = new LeanConnection(url);
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
    const [clientPort, peerPort] = await freePorts(2);
    const url = `http://127.0.0.1:${clientPort}`;
    const directory = mkdtempSync(path.join(dataRoot(options.version), 'leasehold-etcd-'));
    const watchdog = spawnWatchdog(directory);
    const args = etcdArguments(options, directory, url, `http://127.0.0.1:${peerPort}`);
    const process = await spawnWarped(options.binary, args, {
      wall: WALL,
      env: { GOMAXPROCS: '1' },
      stdio: ['ignore', 'ignore', 'ignore'],
      // One that is killed may have begun its log: on that no other would ever elect itself.
      beforeAgain: () => rm(dataIn(directory), { recursive: true, force: true }),
    }).catch(async (error: unknown) => {
      await rm(directory, { recursive: true, force: true });
      await dismiss(watchdog);
      throw error;
    });
    watchdog.stdin?.write(`${process.pid}\n`);
    const server = new VirtualEtcd(process, url, directory, watchdog);
    try {
      await server.#elect(clientPort as number);
    } catch (error) {
      const isOver = server.hasEnded;
      await server.close();
      if (isOver) return undefined;
      throw error;
    }
    return server;
  }

  /** Milliseconds on its clock; whole ones but for its start. */
  get now(): number {
    return Number(this.#process.clock.now().elapsed / MILLISECOND);
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
    await this.#process.jump(BigInt(milliseconds) * MILLISECOND);
  }

  /** Lets time pass for a server that cannot notice, because it is stopped. */
  passTime(milliseconds: number): void {
    this.#process.clock.jump(BigInt(milliseconds) * MILLISECOND);
  }

  /** Resolves when the server rests: whatever it does not answer now it holds. */
  async settle(): Promise<void> {
    await this.#process.settle();
  }

  /** Ends it and removes its directory. Safe to call twice. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#connections.close();
    this.lean.close();
    // Its data is of no use to anybody.
    await this.#process.stop({ signal: 'SIGKILL' });
    await rm(this.#directory, { recursive: true, force: true, maxRetries: 3 });
    await dismiss(this.#watchdog);
  }

  async #elect(port: number): Promise<void> {
    for (let tries = 0; !(await accepts(port)); tries += 1) {
      if (this.hasEnded || tries > ELECTION_STEPS) throw new TargetError(NOT_UP);
      await this.settle();
    }
    // Its port may be open before all of it is up. From 3.6 on the loop's ticker is made then, and
    // counts from there (CONST-04): so time has to be at 0 until it rests.
    await this.settle();
    // It answers once it has a leader, which takes time, which only we can give.
    const asked = { isServed: false };
    const answer = this.etcd.maintenance.status().then(
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
    await this.etcd.kv.range({ key: Buffer.from('x') });
    const { elapsed } = this.#process.clock.now();
    const epoch = (elapsed / SECOND + 2n) * SECOND;
    await this.#process.jump(epoch - elapsed);
  }
}

const NOT_UP = 'etcd did not come up on a virtual clock: try --target etcd, on the real one';
