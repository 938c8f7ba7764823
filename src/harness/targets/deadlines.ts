/**
 * Limits of the real clock for many calls, which begin one after the other and may take as long:
 * one timer serves all of them.
 */

/** A call that has not ended. */
interface Limited {
  readonly until: number;
  readonly overdue: () => void;
}

export class Deadlines {
  readonly #patienceMs: number;
  /** In the order in which they began, and so in that of their ends. */
  readonly #open = new Set<Limited>();
  #isWaiting = false;

  /** What each may take, in milliseconds. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Calls `overdue` when what is returned has not been called in time. */
  limit(overdue: (patienceMs: number) => void): () => void {
    const limited = {
      until: performance.now() + this.#patienceMs,
      overdue: () => overdue(this.#patienceMs),
    };
    this.#open.add(limited);
    if (!this.#isWaiting) this.#wait(this.#patienceMs);
    return () => void this.#open.delete(limited);
  }

  /** It keeps no process alive: who waits for an answer has a connection that does. */
  #wait(milliseconds: number): void {
    this.#isWaiting = true;
    setTimeout(() => this.#look(), milliseconds).unref();
  }

  #look(): void {
    const now = performance.now();
    this.#isWaiting = false;
    for (const limited of this.#open) {
      if (limited.until > now) {
        this.#wait(limited.until - now);
        return;
      }
      this.#open.delete(limited);
      limited.overdue();
    }
  }
}
