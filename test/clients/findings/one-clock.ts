/** A real etcd and programs that talk to it, all of them unmodified, on one clock in hand. */
import { Etcd3 } from 'etcd3';
import { instant } from '../../../src/api/units.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import type { ProgramOptions } from '../../../src/clients/outside/program.ts';
import { Programs } from '../../../src/clients/outside/programs.ts';
import { VirtualClock } from '../../../src/clock/virtual-clock.ts';
import { VirtualEtcd } from '../../../src/harness/targets/virtual-etcd.ts';
import { turn } from '../../../src/timewarp/waiting.ts';
import { testEtcd } from '../../harness/targets/etcd-under-test.ts';
import { warpTest } from '../../timewarp/this-machine.ts';
import { Http2Proxy } from './http2-proxy.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** Milliseconds that pass at a time. */
const STRIDE = 100;

export interface Told {
  /** What it has printed, each line with its instant: `3000 lease … keepalived with TTL(9)`. */
  readonly lines: readonly string[];
  /** When it ended. */
  readonly endedAt: number | null;
}

/** One that is told what to do, in lines. */
export interface Driven extends Told {
  /** Resolves when it has done what it does of that at this instant. */
  tell(line: string): Promise<void>;
}

interface Behind<Proxy> {
  readonly proxy: Proxy;
  readonly url: string;
}

/** A test with a server and a clock of its own. */
export const onOneClock = (title: string, body: (clock: OneClock) => Promise<void>): void => {
  warpTest(title, async () => {
    const clock = await OneClock.start();
    try {
      await body(clock);
    } finally {
      await clock.close();
    }
  });
};

export class OneClock {
  readonly etcd: VirtualEtcd;
  /** Asks the server past all proxies. */
  readonly client: Etcd3;
  /** Milliseconds that the wall clock of programs is ahead. */
  wallOffset = 0;
  /** Begins at an instant at which the server's expiry loop runs. */
  readonly #clock = new VirtualClock();
  readonly #programs: Programs;
  /** What messages pass through on their way. */
  readonly #proxies: (TcpProxy | Http2Proxy)[] = [];

  private constructor(etcd: VirtualEtcd) {
    this.etcd = etcd;
    this.client = new Etcd3({ hosts: etcd.url });
    const wall = (): number => Date.UTC(2031, 0, 1) + this.#clock.now + this.wallOffset;
    this.#programs = new Programs({ clock: this.#clock, wall });
  }

  static async start(): Promise<OneClock> {
    const { path: binary, version } = await testEtcd();
    return new OneClock(await VirtualEtcd.start({ binary, version, config: DEFAULT_CONFIG }));
  }

  async behindTcp(): Promise<Behind<TcpProxy>> {
    const proxy = new TcpProxy(Number(new URL(this.etcd.url).port));
    this.#proxies.push(proxy);
    return { proxy, url: await proxy.listen() };
  }

  async behindHttp2(): Promise<Behind<Http2Proxy>> {
    const proxy = new Http2Proxy(this.etcd.url);
    this.#proxies.push(proxy);
    return { proxy, url: await proxy.listen() };
  }

  /** Starts a program, and has it do what it does at this instant. */
  async run(file: string, args: readonly string[], url: string): Promise<Told> {
    const { told, options } = this.#listen(file, url);
    this.#programs.start({ ...options, args: (door) => ['--endpoints', door, ...args] });
    await this.#rest();
    return told;
  }

  /** Starts a program that speaks the protocol of lines. */
  async drive(file: string, url: string): Promise<Driven> {
    const { told, options } = this.#listen(file, url);
    const onErrorLine = options.onLine;
    const running = this.#programs.start({ ...options, args: () => [], onErrorLine });
    await this.#rest();
    const tell = async (line: string): Promise<void> => {
      running.tell(line);
      await this.#rest();
    };
    return Object.assign(told, { tell });
  }

  /** Until `to`, in strides; all of them rest after each. */
  async advanceTo(to: number): Promise<void> {
    while (this.#clock.now < to) {
      this.#clock.advanceTo(instant(this.#clock.now + STRIDE));
      await this.etcd.leap(STRIDE);
      await this.#rest();
    }
  }

  /** Seconds that the server gives a lease; -1: there is none. */
  async ttlOf(lease: string): Promise<number> {
    const answer = await this.client.leaseClient.leaseTimeToLive({ ID: lease, keys: false });
    return Number(answer.TTL);
  }

  async close(): Promise<void> {
    this.client.close();
    await this.#programs.close();
    for (const proxy of this.#proxies) proxy.close();
    await this.etcd.close();
  }

  #listen(file: string, url: string): { told: Told; options: Omit<ProgramOptions, 'args'> } {
    const lines: string[] = [];
    const told: { lines: string[]; endedAt: number | null } = { lines, endedAt: null };
    const onLine = (line: string): void => void lines.push(`${this.#clock.now} ${line}`);
    const onEnd = (): void => {
      told.endedAt = this.#clock.now;
    };
    return { told, options: { file, env: ENVIRONMENT, url, onLine, onEnd } };
  }

  /** Nothing runs in any of them, and nothing is on its way. */
  async #rest(): Promise<void> {
    const flow = (): Promise<void> => this.#flow();
    do await flow();
    while (await this.#programs.rest(flow));
  }

  /** What programs have sent arrives, and what comes of it waits for them. */
  async #flow(): Promise<void> {
    let before = -1;
    for (let quiet = 0; quiet < QUIET_ROUNDS; quiet += 1) {
      await this.etcd.settle();
      for (let turns = 0; turns < 4; turns += 1) await turn();
      if (before !== this.#moved) quiet = 0;
      before = this.#moved;
    }
  }

  get #moved(): number {
    return this.#proxies.reduce((sum, { moved }) => sum + moved, 0);
  }
}

/** Of which each is several turns of the event loop: a message passes two proxies at most. */
const QUIET_ROUNDS = 5;

const ENVIRONMENT = { ETCDCTL_API: '3', NO_PROXY: '*' };
