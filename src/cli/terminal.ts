/**
 * What a command talks to: its output, the environment, and Ctrl-C, or what comes to the same: a
 * SIGTERM, or a terminal that is closed. Tests hand in their own.
 */
import { isatty } from 'node:tty';
import { reasonOf } from './reason.ts';

export interface Terminal {
  /** Results. */
  readonly out: (text: string) => void;
  /** Diagnostics and progress. */
  readonly err: (text: string) => void;
  /** Whether progress may be redrawn in place. */
  readonly interactive: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Calls back once, when the user wants to stop. */
  readonly onInterrupt: (stop: () => void) => void;
}

export interface ProcessTerminal extends Terminal {
  readonly wasInterrupted: () => boolean;
  /** Whether it was closed under us. */
  readonly isClosed: () => boolean;
  /** Once what was said is out: whether results were lost, which has been told then. */
  readonly isLost: () => Promise<boolean>;
}

export const processTerminal = (): ProcessTerminal => {
  let interrupted = false;
  let lost = false;
  const interrupts: (() => void)[] = [];
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    // Whoever reads has had enough: that says nothing about the results.
    if (error.code === 'EPIPE' || lost) return;
    lost = true;
    process.stderr.write(`leasehold: cannot write to stdout: ${reasonOf(error)}\n`);
    // Such as a server that nobody knows of.
    for (const interrupt of interrupts) interrupt();
  });
  // Progress that nobody sees is no reason to stop.
  process.stderr.on('error', () => {});
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    interactive: process.stderr.isTTY,
    env: process.env,
    onInterrupt: (stop) => {
      const interrupt = (): void => {
        if (!interrupted) stop();
        interrupted = true;
      };
      // Once: whoever asks again does not want to wait.
      process.once('SIGINT', interrupt);
      process.once('SIGTERM', interrupt);
      // A terminal that is closed says so more than once, and nobody is left to be impatient.
      process.on('SIGHUP', interrupt);
      interrupts.push(interrupt);
    },
    wasInterrupted: () => interrupted,
    isClosed: () => !terminals.every((descriptor) => isatty(descriptor)),
    isLost: async () => {
      // Streams tell of an error a moment after the write.
      await new Promise((resolve) => setImmediate(resolve));
      return lost;
    },
  };
};

/**
 * Progress on stderr: one line that is redrawn on a terminal, a plain line now and then otherwise.
 */
export class Progress {
  readonly #terminal: Terminal;
  #last = 0;
  #drawn = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Says how far it is, unless it said so a moment ago. */
  show(now: number, line: () => string): void {
    const pause = this.#terminal.interactive ? 100 : 5000;
    if (now - this.#last < pause) return;
    this.#last = now;
    if (this.#terminal.interactive) this.#terminal.err(`\r\x1b[2K${line()}`);
    else this.#terminal.err(`${line()}\n`);
    this.#drawn = this.#terminal.interactive;
  }

  /** A line that stays. */
  note(line: string): void {
    this.clear();
    this.#terminal.err(`${line}\n`);
  }

  clear(): void {
    if (this.#drawn) this.#terminal.err('\r\x1b[2K');
    this.#drawn = false;
  }
}
