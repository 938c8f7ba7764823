/** The watches that a random schedule has asked for, to be cancelled and asked about. */
import type { Random } from '../seed.ts';
import type { Action, WatchRef } from './schedule.ts';

interface Watching {
  readonly name: WatchRef;
  readonly client: number;
  readonly stream: number;
}

export class WatchDraws {
  readonly #random: Random;
  readonly #watches: Watching[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  add({ name, stream }: Action & { readonly kind: 'watch' }, client: number): void {
    this.#watches.push({ name, client, stream });
  }

  /** About one of them; now and then about one that is not there. Null: a watch is wanted first. */
  action(kind: 'cancelWatch' | 'watchProgress'): Action | null {
    const watches = this.#watches;
    const watch = watches[this.#random.below(Math.max(1, watches.length))];
    if (watch === undefined && this.#random.chance(3, 4)) return null;
    const stream = watch?.stream ?? 1;
    if (kind === 'watchProgress') return { kind, stream };
    return { kind, watch: watch?.name ?? 'w0', stream };
  }

  /** Most often the client that has the watch; null: any will do. */
  clientOf(action: Action): number | null {
    if (action.kind !== 'cancelWatch' && action.kind !== 'watchProgress') return null;
    const { stream } = action;
    const fits = (watch: Watching): boolean =>
      action.kind === 'cancelWatch' ? watch.name === action.watch : watch.stream === stream;
    const watch = this.#watches.findLast(fits);
    return watch === undefined || this.#random.chance(1, 12) ? null : watch.client;
  }
}
