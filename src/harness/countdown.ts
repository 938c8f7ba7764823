/** Counts the steps of a generated schedule until something is due. */
export class Countdown {
  /** null: nothing is to come. */
  #left: number | null = null;

  get isRunning(): boolean {
    return this.#left !== null;
  }

  /** Due at the step with this number from now on, of 1 or more. */
  start(steps: number): void {
    this.#left = steps;
  }

  stop(): void {
    this.#left = null;
  }

  /** Counts a step. True for the one with which it is due, once. */
  due(): boolean {
    if (this.#left === null) return false;
    this.#left -= 1;
    if (this.#left > 0) return false;
    this.#left = null;
    return true;
  }
}
