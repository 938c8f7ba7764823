/**
 * What ends a command early: the user, who wants it to stop within a second, or the budget, after
 * which nothing new begins.
 */
import type { Terminal } from './terminal.ts';

/** The user wanted to stop before there was anything to say. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

export class Stopper {
  readonly #ends: number;
  readonly #aborter = new AbortController();
  #lastBreath = performance.now();

  /** The budget is in milliseconds from now. */
  constructor(terminal: Terminal, budget = Infinity) {
    this.#ends = performance.now() + budget;
    terminal.onInterrupt(() => this.#aborter.abort());
  }

  /** The user wants to stop. */
  readonly stopped = (): boolean => this.#aborter.signal.aborted;

  /** The budget is spent. */
  readonly spent = (): boolean => performance.now() > this.#ends;

  /** Ends what runs in a process of its own. */
  get signal(): AbortSignal {
    return this.#aborter.signal;
  }

  /** Calls back when the user wants to stop, or has said so already. */
  readonly onStop = (react: () => void): void => {
    if (this.stopped()) react();
    else this.signal.addEventListener('abort', react, { once: true });
  };

  /** Lets signals and output through, now and then; nothing to wait for between. */
  readonly breathe = (): Promise<void> | undefined => {
    if (performance.now() - this.#lastBreath < BREATH_MS) return undefined;
    return eventLoopTurn().then(() => {
      this.#lastBreath = performance.now();
    });
  };

  /** What `work` comes to; throws `Interrupted` when the user does not wait for it. */
  async unlessStopped<Result>(work: Promise<Result>): Promise<Result> {
    let patience: NodeJS.Timeout | undefined;
    const stopped = new Promise<never>((_resolve, reject) => {
      this.onStop(() => {
        // It has the signal, and may have something to clear away.
        patience = setTimeout(() => reject(new Interrupted()), PATIENCE_MS);
      });
    });
    try {
      return await Promise.race([work, stopped]);
    } catch (error) {
      throw this.stopped() ? new Interrupted() : error;
    } finally {
      clearTimeout(patience);
    }
  }
}

const BREATH_MS = 50;
const PATIENCE_MS = 300;

const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
