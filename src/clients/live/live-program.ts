/**
 * A program of somebody's on the real clock: told and heard in lines, connected through a door of
 * its own. It has a process group of its own, which goes when we go; whatever it does, nothing of
 * it is left.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { killGroup, reap, spare } from '../../timewarp/reaper.ts';
import { Door } from '../outside/door.ts';
import { MARK } from './stragglers.ts';

export interface LiveProgramOptions {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The server, `http://host:port` of a network in memory. */
  readonly url: string;
  /** Called before anything that has come from it is dealt with. */
  readonly beforeMail: () => void;
  readonly onLine: (line: string) => void;
  /** It has ended: `ended with code 1: what it said last on stderr`. */
  readonly onEnd: (how: string) => void;
  /** It prints or sends without end. */
  readonly onFlood: (what: string) => void;
}

/** Characters of a line, and lines: who prints more has lost himself. */
const [MOST_CHARACTERS, MOST_LINES] = [65_536, 20_000];

export class LiveProgram {
  readonly #child: ChildProcess;
  readonly #door: Door;
  readonly #ended: Promise<unknown>;
  #hasEnded = false;

  private constructor(child: ChildProcess, door: Door) {
    this.#child = child;
    this.#door = door;
    this.#ended = new Promise((resolve) => {
      child.once('exit', resolve).once('error', resolve);
    });
  }

  /** Rejects with the system's error when it cannot be started. */
  static async start(options: LiveProgramOptions): Promise<LiveProgram> {
    const { beforeMail, command, onEnd, onFlood, onLine, url } = options;
    const [file = '', ...args] = command;
    const { hostname, port } = new URL(url);
    const deliverNow = (_channel: number, deliver: () => void): void => {
      beforeMail();
      deliver();
    };
    const door: Door = await Door.open({
      host: hostname,
      port: Number(port),
      mail: { post: deliverNow },
      onMail: () => door.flush(),
    });
    const env = { ...process.env, ...MARK, LEASEHOLD_ENDPOINT: door.url };
    const child = spawn(file, args, { env, detached: true, stdio: 'pipe' });
    const program = new LiveProgram(child, door);
    let lastWords = '';
    const flood = (): void => onFlood('it prints without end');
    readLines(child.stderr, flood, (line) => {
      lastWords = line.trim() === '' ? lastWords : line.trim().slice(0, 200);
    });
    readLines(child.stdout, flood, (line) => {
      beforeMail();
      onLine(line);
    });
    // What is wrong shows as its end.
    child.stdin.on('error', () => {});
    try {
      await once(child, 'spawn');
    } catch (error) {
      door.close();
      throw error;
    }
    program.#guard();
    child.once('close', (code, signal) => {
      const how = signal === null ? `code ${code}` : signal;
      onEnd(`ended with ${how}${lastWords === '' ? '' : `: ${lastWords}`}`);
    });
    return program;
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  tell(line: string): void {
    if (!this.#hasEnded) this.#child.stdin?.write(`${line}\n`);
  }

  /** Its process group stands still, or goes on. */
  signal(name: 'SIGSTOP' | 'SIGCONT'): void {
    try {
      process.kill(-this.pid, name);
    } catch {
      // It has ended.
    }
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    this.#door.close();
    killGroup(this.pid);
    await this.#ended;
    // Somebody may have fled from the group with them.
    for (const pipe of [this.#child.stdin, this.#child.stdout, this.#child.stderr]) {
      pipe?.destroy();
    }
  }

  #guard(): void {
    const { pid } = this;
    reap(pid);
    void this.#ended.then(() => {
      this.#hasEnded = true;
      // What it has started ends with it.
      killGroup(pid);
      spare(pid);
    });
  }
}

const readLines = (input: Readable, onFlood: () => void, onLine: (line: string) => void): void => {
  let rest = '';
  let count = 0;
  input.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    count += lines.length;
    if (rest.length > MOST_CHARACTERS || count > MOST_LINES) {
      input.destroy();
      onFlood();
      return;
    }
    for (const line of lines) onLine(line);
  });
  input.on('end', () => {
    if (rest !== '') onLine(rest);
  });
  input.on('error', () => {});
};
