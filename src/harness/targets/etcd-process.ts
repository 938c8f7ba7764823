/**
 * Runs one etcd on loopback, with its data in a temporary directory, and leaves nothing behind:
 * neither when it is closed, nor when this process exits, nor when this process is killed.
 *
 * Etcd has a process group of its own, so that a terminal's Ctrl-C reaches us and not it. Against
 * SIGKILL its directory has a watchdog.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ServerConfig } from '../../api/config.ts';
import { TargetError } from '../target.ts';
import { EtcdDirectory } from './etcd-directory.ts';
import { etcdArguments } from './etcd-launch.ts';
import { freePorts, isHealthy } from './etcd-ports.ts';

export interface EtcdOptions {
  /** The path of an etcd. */
  readonly binary: string;
  readonly version: string;
  readonly config: ServerConfig;
  /** Told once when etcd ends and nobody closed it. */
  readonly onDeath: (why: string) => void;
}

/** An etcd that serves. */
export interface EtcdProcess {
  /** Its client URL. */
  readonly url: string;
  readonly pid: number;
  /** Its data. */
  readonly directory: string;
  /** Ends it and removes its directory. Safe to call twice. */
  close(): Promise<void>;
}

/**
 * Starts an etcd and waits until it serves. Throws `TargetError` with the end of its log when it
 * does not.
 */
export const startEtcd = async (options: EtcdOptions): Promise<EtcdProcess> => {
  for (let attempt = 1; ; attempt += 1) {
    const etcd = new RunningEtcd(options, await freePorts(2));
    const failure = await etcd.serves();
    if (failure === undefined) return etcd;
    await etcd.close();
    // Between our finding a port free and etcd's taking it somebody else may have taken it.
    const isPortRace = failure.includes('address already in use') && attempt < PORT_ATTEMPTS;
    if (!isPortRace) throw new TargetError(failure);
  }
};

const PORT_ATTEMPTS = 5;
/** How long an etcd may take to serve, beyond the election it has to hold. */
const START_MS = 30_000;
const POLL_MS = 10;
/** One that hangs is not waited for: nobody needs its data, and Ctrl-C ends within a second. */
const TERMINATE_MS = 500;
const LOG_LINES = 3;

/**
 * What the end of this process has to take along. One listener for all: each `on('exit')` would
 * cost one.
 */
const running = new Set<RunningEtcd>();
process.on('exit', () => {
  for (const etcd of running) etcd.destroy();
});

class RunningEtcd implements EtcdProcess {
  readonly url: string;
  readonly #options: EtcdOptions;
  readonly #directory: EtcdDirectory;
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #log = '';
  #served = false;
  #closing: Promise<void> | undefined;

  constructor(options: EtcdOptions, [clientPort, peerPort]: readonly number[]) {
    this.#options = options;
    this.url = `http://127.0.0.1:${clientPort}`;
    this.#directory = new EtcdDirectory(options.version);
    const args = etcdArguments(options, this.directory, this.url, `http://127.0.0.1:${peerPort}`);
    this.#child = spawn(options.binary, args, {
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe'],
      // Nothing else of the environment: etcd takes ETCD_… variables for options. 3.4 wants to be
      // asked for arm64.
      env: process.arch === 'arm64' ? { ETCD_UNSUPPORTED_ARCH: 'arm64' } : {},
    });
    running.add(this);
    this.#directory.belongsTo(this.#child.pid);
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#log = (this.#log + text).slice(-16_384);
    });
    this.#exited = new Promise((resolve) => {
      this.#child.once('close', resolve).once('error', (error) => {
        this.#log += `${error.message}\n`;
        resolve(error);
      });
    });
    void this.#exited.then(() => {
      if (this.#served && this.#closing === undefined) options.onDeath(this.#ending());
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get directory(): string {
    return this.#directory.path;
  }

  /** Undefined once it serves; one line when it does not. */
  async serves(): Promise<string | undefined> {
    let ended = false;
    void this.#exited.then(() => {
      ended = true;
    });
    const deadline = Date.now() + START_MS + 2 * this.#options.config.election;
    for (;;) {
      const healthy = await isHealthy(this.url);
      // First: if somebody else was given our port, it is his etcd that is healthy.
      if (ended) return this.#ending();
      if (healthy) break;
      if (Date.now() > deadline) {
        return `etcd ${this.#options.version} did not serve in time: ${this.#lastLines()}`;
      }
      await sleep(POLL_MS);
    }
    this.#served = true;
    // What it said of its start no longer matters.
    this.#log = '';
    // Whoever forgets to close must not hang: an exiting process takes its etcd along.
    this.#child.unref();
    (this.#child.stderr as Socket).unref();
    return undefined;
  }

  close(): Promise<void> {
    this.#closing ??= this.#end();
    return this.#closing;
  }

  /** What is left to do when there is no time to wait: on the way out of this process. */
  destroy(): void {
    signal(this.#child, 'SIGKILL');
    this.#directory.removeNow();
  }

  async #end(): Promise<void> {
    this.#child.ref();
    const patience = setTimeout(() => signal(this.#child, 'SIGKILL'), TERMINATE_MS);
    signal(this.#child, 'SIGTERM');
    await this.#exited;
    clearTimeout(patience);
    await this.#directory.remove();
    running.delete(this);
  }

  #ending(): string {
    const { exitCode, signalCode } = this.#child;
    const how = signalCode ?? `exit code ${exitCode}`;
    const what = this.#served ? 'ended' : 'did not start';
    return `etcd ${this.#options.version} ${what} (${how}): ${this.#lastLines()}`;
  }

  #lastLines(): string {
    const lines = this.#log.split('\n').filter((line) => line.trim() !== '');
    return lines.slice(-LOG_LINES).map(essence).join(' | ') || 'its log is empty';
  }
}

/** What a line of etcd's log says: its message and its error, without time and place. */
const essence = (line: string): string => {
  try {
    const { msg, error } = JSON.parse(line) as { msg?: string; error?: string };
    return [msg, error].filter(Boolean).join(': ');
  } catch {
    return line;
  }
};

const signal = (child: ChildProcess, name: NodeJS.Signals): void => {
  if (child.exitCode === null && child.signalCode === null) child.kill(name);
};
