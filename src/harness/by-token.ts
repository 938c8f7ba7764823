/** Things of requests, by their tokens, in the order in which they came. */
import type { Token } from '../api/command.ts';

export class ByToken<T> {
  /** The last one stands aside: nearly all go before the next comes, and a map of one is slow. */
  #token: Token | null = null;
  #last: T | undefined;
  readonly #earlier = new Map<Token, T>();

  get size(): number {
    return this.#earlier.size + (this.#token === null ? 0 : 1);
  }

  /** Adds something of a request of which there is nothing yet. */
  add(token: Token, value: T): void {
    if (this.#token !== null) this.#earlier.set(this.#token, this.#last as T);
    this.#token = token;
    this.#last = value;
  }

  find(token: Token): T | undefined {
    if (this.#token === token) return this.#last;
    return this.#earlier.size === 0 ? undefined : this.#earlier.get(token);
  }

  remove(token: Token): void {
    if (this.#token === token) {
      this.#token = null;
      this.#last = undefined;
    } else this.#earlier.delete(token);
  }

  all(): readonly T[] {
    const earlier = [...this.#earlier.values()];
    return this.#token === null ? earlier : [...earlier, this.#last as T];
  }
}
