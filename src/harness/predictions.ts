/**
 * The answers that the model gave and nobody has seen yet, in the order in which it gave them. A
 * list: mostly there is one, or none, which is what a Map is slow at, as it shrinks whenever it
 * loses its last entry; and those that are many are met in their order.
 */
import type { Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import type { State } from '../model/index.ts';

export interface Prediction {
  readonly token: Token;
  readonly response: Response;
  /** Before the step that gave it. */
  readonly state: State;
  readonly at: Instant;
}

export class Predictions {
  readonly #list: Prediction[] = [];

  get size(): number {
    return this.#list.length;
  }

  add(prediction: Prediction): void {
    this.#list.push(prediction);
  }

  /** In their order. Not to be kept. */
  all(): readonly Prediction[] {
    return this.#list;
  }

  of(token: Token): Prediction | undefined {
    const index = this.#indexOf(token);
    return index < 0 ? undefined : this.#list[index];
  }

  /** Takes one away; nothing where there is none. */
  delete(token: Token): void {
    const index = this.#indexOf(token);
    if (index < 0) return;
    if (index === this.#list.length - 1) this.#list.pop();
    else this.#list.splice(index, 1);
  }

  #indexOf(token: Token): number {
    const list = this.#list;
    for (let index = 0; index < list.length; index += 1) {
      if ((list[index] as Prediction).token === token) return index;
    }
    return -1;
  }
}
