/** The watches that a random schedule has asked for, to be cancelled and asked about. */
import type { Random } from '../seed.ts';
import type { Action, WatchRef } from './schedule.ts';

interface Watching {
  readonly name: WatchRef;
  readonly client: number;
  readonly stream: number;
}

/** Each event is told to all of them: long schedules would do little else. */
const MOST_WATCHES = 16;
/**
 * A real server has no room for more than 128 responses on a stream before it is told to go on, and
 * makes up for what did not fit in 10 ms: a full turn of leases with keys is to fit.
 */
const MOST_REAL_WATCHES = 4;

export class WatchDraws {
  readonly #random: Random;
  readonly #watches: Watching[] = [];
  /** Those that nobody was asked to cancel, the oldest first. */
  readonly #open = new Set<Watching>();

  readonly #most: number;

  constructor(random: Random, isReal: boolean) {
    this.#random = random;
    this.#most = isReal ? MOST_REAL_WATCHES : MOST_WATCHES;
  }

  add({ name, stream }: Action & { readonly kind: 'watch' }, client: number): void {
    const watch = { name, client, stream };
    this.#watches.push(watch);
    this.#open.add(watch);
  }

  /** Where there are enough, the oldest goes before another one comes; else null. */
  surplus(): Action | null {
    const [oldest] = this.#open;
    if (oldest === undefined || this.#open.size < this.#most) return null;
    this.#open.delete(oldest);
    return { kind: 'cancelWatch', watch: oldest.name, stream: oldest.stream };
  }

  /** About one of them; now and then about one that is not there. Null: a watch is wanted first. */
  action(kind: 'cancelWatch' | 'watchProgress'): Action | null {
    const watches = this.#watches;
    const watch = watches[this.#random.below(Math.max(1, watches.length))];
    if (watch === undefined && this.#random.chance(3, 4)) return null;
    const stream = watch?.stream ?? 1;
    if (kind === 'watchProgress') return { kind, stream };
    if (watch !== undefined) this.#open.delete(watch);
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
