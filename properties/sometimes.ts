/**
 * Counts how often the cases of a property occur, so that a run in which one never did is not
 * mistaken for a proof.
 */
import { expect } from 'vitest';

export class Sometimes {
  readonly #counts: Map<string, number>;

  constructor(cases: readonly string[]) {
    this.#counts = new Map(cases.map((name) => [name, 0]));
  }

  /** Bound, to be handed on. Cases that are not on the list are not counted. */
  readonly saw = (name: string): void => {
    const count = this.#counts.get(name);
    if (count !== undefined) this.#counts.set(name, count + 1);
  };

  /** Fails, with their names, when cases never occurred. */
  expectAll(title: string): void {
    const never = [...this.#counts].filter(([, count]) => count === 0).map(([name]) => name);
    expect(never, `${title}: cases that never occurred`).toEqual([]);
  }
}
