/** Something of each watch of each stream. */
import type { StreamId, WatchId } from '../api/command.ts';

export class PerWatch<T> {
  readonly #streams = new Map<StreamId, Map<WatchId, T>>();

  get(stream: StreamId, watch: WatchId): T | undefined {
    return this.#streams.get(stream)?.get(watch);
  }

  set(stream: StreamId, watch: WatchId, value: T): void {
    const watches = this.#streams.get(stream);
    if (watches === undefined) this.#streams.set(stream, new Map([[watch, value]]));
    else watches.set(watch, value);
  }

  delete(stream: StreamId, watch: WatchId): void {
    this.#streams.get(stream)?.delete(watch);
  }

  clear(): void {
    this.#streams.clear();
  }

  *all(): Generator<T> {
    for (const watches of this.#streams.values()) yield* watches.values();
  }
}
