/**
 * What a history may say of its server, in which order: one that is slow to apply has caught up
 * before it goes or loses its lead, and one that is started again leads at once. The model relies
 * on both.
 */
import { unexpected } from '../api/codec.ts';
import type { Instant } from '../api/units.ts';
import type { Entry } from './history.ts';

export class ServerOrder {
  #leads = true;
  #isSlow = false;
  /** When it was started again; null: it leads since, or was not. */
  #startedAt: Instant | null = null;

  /** Takes the next entry. Throws `DecodeError` where it cannot come now. */
  take(entry: Entry): void {
    const { at, kind } = entry;
    if (this.#startedAt !== null) this.#takeBeforeLead(entry, this.#startedAt);
    switch (kind) {
      case 'restart':
      case 'demote':
        if (this.#isSlow) throw unexpected(kind, CAUGHT_UP).within('kind');
        this.#leads = false;
        if (kind === 'restart') this.#startedAt = at;
        return;
      case 'promote':
        this.#leads = true;
        return;
      case 'stall':
        this.#isSlow = this.#leads;
        return;
      case 'catchUp':
        this.#isSlow = false;
        return;
      case 'call':
      case 'return':
      case 'watch':
      case 'delivery':
      case 'turn':
      case 'jump':
      case 'lost':
      case 'end':
        return;
    }
  }

  /** RESTART-02: nothing happens before it leads, unless it goes away for good. */
  #takeBeforeLead({ at, kind }: Entry, startedAt: Instant): void {
    const wanted = `a promote at ${startedAt}: what is started again leads at once`;
    if (kind === 'lost' || kind === 'promote') this.#startedAt = null;
    else if (!HEARD_LATE.has(kind)) throw unexpected(kind, wanted).within('kind');
    if (kind === 'promote' && at !== startedAt) throw unexpected(at, wanted).within('at');
  }
}

const CAUGHT_UP = 'a catchUp first, as the server is slow to apply';

/** Of the process before it. */
const HEARD_LATE: ReadonlySet<Entry['kind']> = new Set(['return', 'watch', 'delivery']);
