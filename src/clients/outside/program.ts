/** A program outside of this process, whose clock is in our hand and whose network is in memory. */
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { settleAll, spawnWarped, WarpFailed, type WarpedProcess } from '../../timewarp/index.ts';
import { pause } from '../../timewarp/waiting.ts';
import { Door } from './door.ts';
import { ENDED, Mail, SAID } from './mail.ts';

export interface ProgramOptions {
  readonly file: string;
  /** What it is started with, given the address of its server. */
  readonly args: (url: string) => readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The server, `http://host:port` of a network in memory. */
  readonly url: string;
  /** It prints a line, to stdout or stderr. */
  readonly onLine: (line: string) => void;
  /** If given, what a line is about: what is said of different things at once is put in order. */
  readonly subjectOf?: (line: string) => string;
  /** If given, it is told lines, and hears this of what it prints to stderr. */
  readonly onErrorLine?: (line: string) => void;
  /** It has ended, by itself or because it was told to; null: by a signal. */
  readonly onEnd: (code: number | null) => void;
}

/** What its clocks are to show. */
export interface Times {
  /** Milliseconds since the story began. */
  readonly now: number;
  /** Nanoseconds since 1970. */
  readonly wall: bigint;
}

const MILLISECOND = 1_000_000n;
/** Nanoseconds of a millisecond that have passed where a timer runs, but for one a turn. */
const LATE = 900_000n;
const MOST_TURNS = 99_999n;
/** Real milliseconds until a process that has ended is heard of. */
const PATIENCE = 2_000;

/**
 * Go interrupts a goroutine that has run for 10 real milliseconds, which on a busy machine any may:
 * another then comes first, at random.
 */
const GODEBUG = 'asyncpreemptoff=1';

export class Program {
  readonly #warped: WarpedProcess;
  readonly #door: Door;
  readonly #mail: Mail;
  readonly #startedAt: number;
  /** All that it printed was read, and it is gone. */
  readonly #gone: Promise<void>;
  #isGone = false;
  #isTouched = true;
  #turns = 0n;
  /** Lines that it is told when it is given the time. */
  readonly #untold: string[] = [];
  /** Its thread that polled when it was settled last. */
  #poller: number | undefined;
  /** When a timer of it is due next, in milliseconds of the story. */
  dueAt = Infinity;

  private constructor(warped: WarpedProcess, door: Door, mail: Mail, at: number, ended: OnEnd) {
    this.#warped = warped;
    this.#door = door;
    this.#mail = mail;
    this.#startedAt = at;
    this.#gone = new Promise((resolve) => {
      warped.child.once('close', (code) => {
        this.#isGone = true;
        this.dueAt = Infinity;
        mail.post(ENDED, () => ended(code));
        resolve();
      });
    });
  }

  static async start(options: ProgramOptions, { now, wall }: Times): Promise<Program> {
    const { file, args, env, url, onLine, onErrorLine, onEnd, subjectOf } = options;
    const mail = new Mail();
    const { hostname, port } = new URL(url);
    const door = await Door.open({ host: hostname, port: Number(port), mail });
    try {
      const stdin = onErrorLine === undefined ? 'ignore' : 'pipe';
      const around = { GODEBUG, ...env, LEASEHOLD_ENDPOINT: door.url };
      const stdio = [stdin, 'pipe', 'pipe'] as const;
      const warped = await spawnWarped(file, args(door.url), {
        env: around,
        wall,
        stdio: [...stdio],
      });
      const { stderr, stdin: input, stdout } = warped.child;
      // What is wrong shows as its end.
      input?.on('error', () => {});
      readLines(stdout, (line) => mail.post(SAID, () => onLine(line), subjectOf?.(line)));
      readLines(stderr, (line) => mail.post(SAID, () => (onErrorLine ?? onLine)(line)));
      return new Program(warped, door, mail, now, onEnd);
    } catch (error) {
      door.close();
      throw error;
    }
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  /** It has not been told all yet. */
  get isUntold(): boolean {
    return !this.#isGone && this.#untold.length > 0;
  }

  /** It has something to do at that instant. */
  isDue(now: number): boolean {
    if (this.#isTouched || this.dueAt <= now) return true;
    return this.isUntold || (!this.#isGone && this.#door.hasMail);
  }

  /** It is told a line. */
  tell(line: string): void {
    this.#untold.push(line);
  }

  /** It is told to end. */
  signal(name: NodeJS.Signals): void {
    this.#isTouched = true;
    if (!this.#isGone) this.#warped.child.kill(name);
  }

  /** Gives it the time, and all that waits for it: it begins to run what is due. */
  give(times: Times): void {
    this.#isTouched = false;
    if (this.#isGone) return;
    this.#setClock(times);
    this.#door.flush();
    // One at a time: it begins with each before it hears of the next.
    const line = this.#untold.shift();
    if (line !== undefined) this.#warped.child.stdin?.write(`${line}\n`);
  }

  /** Resolves when nothing runs in it that was due. */
  async settle({ now }: Times): Promise<void> {
    if (!this.#isGone) await this.#rest(now);
    if (!this.#isGone) return;
    await this.#door.drain();
    this.#door.close();
  }

  /** Hands on what it has said and sent; false: nothing. */
  deliver(): boolean {
    return this.#mail.deliver();
  }

  /** Nothing of it is left. */
  async close(): Promise<void> {
    this.#door.close();
    await this.#warped.stop({ signal: 'SIGKILL' });
    await this.#gone;
  }

  /**
   * Time goes on a little whenever it is given something: programs take it for granted that an
   * answer comes after its request. A timer runs in the millisecond in which it is due.
   */
  #setClock({ now, wall }: Times): void {
    const { clock, hasEnded } = this.#warped;
    if (hasEnded) return;
    const begun = BigInt(now - this.#startedAt) * MILLISECOND;
    this.#turns = this.#turns < MOST_TURNS ? this.#turns + 1n : MOST_TURNS;
    const within = this.#turns + (this.dueAt <= now ? LATE : 0n);
    try {
      const ahead = begun + within - clock.now().elapsed;
      clock.jump(ahead > 1n ? ahead : 1n);
      const shown = clock.now();
      const step = wall + shown.elapsed - begun - shown.wall;
      if (step !== 0n) clock.stepWall(step);
    } catch (error) {
      if (!(error instanceof WarpFailed)) throw error;
    }
  }

  async #rest(now: number): Promise<void> {
    try {
      const { nextTimerMs, poller } = await settleAll([this.#warped], { poller: this.#poller });
      this.#poller = poller;
      this.dueAt = nextTimerMs === undefined ? Infinity : now + nextTimerMs;
    } catch (error) {
      for (let waited = 0; !this.#warped.hasEnded; waited += 1) {
        if (waited >= PATIENCE || !isOfItsEnd(error)) throw error;
        await pause(1);
      }
      await this.#gone;
    }
  }
}

type OnEnd = (code: number | null) => void;

const readLines = (input: Readable | null, onLine: (line: string) => void): void => {
  if (input !== null) createInterface({ input }).on('line', onLine);
};

/** The files of a process that ends close before it is heard of. */
const isOfItsEnd = (error: unknown): boolean =>
  !(error instanceof WarpFailed) || error.code === 'ENDED';
