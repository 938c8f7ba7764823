/**
 * A list that is never changed: adding to it gives a longer one, which shares with the old one all
 * that it had. To add something takes no longer for a long list than for a short one.
 */
export class GrowingList<T> {
  readonly length: number;
  /** Of this list the first `length`; what follows is of others that grew out of it. */
  readonly #shared: T[];

  private constructor(shared: T[], length: number) {
    this.#shared = shared;
    this.length = length;
  }

  static empty<T>(): GrowingList<T> {
    return new GrowingList<T>([], 0);
  }

  at(index: number): T | undefined {
    return index < this.length ? this.#shared[index] : undefined;
  }

  /** This list with `more` at its end. */
  with(more: readonly T[]): GrowingList<T> {
    // Where another one has grown out of this one, the two part here.
    const shared = this.#shared.length === this.length ? this.#shared : this.all();
    for (const each of more) shared.push(each);
    return new GrowingList(shared, shared.length);
  }

  /** A copy. */
  all(): T[] {
    return this.#shared.slice(0, this.length);
  }
}
