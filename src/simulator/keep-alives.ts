/**
 * The keep-alive streams: each serves its requests strictly in order, and one on an overdue lease
 * holds up those behind it until that lease is revoked.
 */
import type { KeepAlive, LeaseId, StreamId, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { type Revision, seconds } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation } from '../invariant.ts';
import { NO_SLOT, type Slot } from './slots.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Lessor } from './lessor.ts';

export interface KeepAlivesOptions {
  readonly clock: VirtualClock;
  readonly lessor: Lessor;
  readonly store: { readonly revision: Revision };
  readonly fingerprint: Fingerprint;
  readonly answer: (token: Token, response: Response) => void;
  readonly beforeRenewal: (slot: Slot) => void;
}

/** A stream whose first unanswered request waits for a lease to be revoked. */
interface HeldStream {
  readonly stream: StreamId;
  /** The request that waits, and the revision when the server began with it (KA-06). */
  head: KeepAlive;
  revision: Revision;
  /** The requests behind it; those before `next` are served. */
  readonly behind: KeepAlive[];
  next: number;
}

/** A request that was held, and the revision when the server began with it. */
export interface Evicted {
  readonly request: KeepAlive;
  readonly begun: Revision;
}

const GONE = seconds(0);

export class KeepAlives {
  readonly #options: KeepAlivesOptions;
  /** Only streams that are held. */
  readonly #held = new Map<StreamId, HeldStream>();
  /** The same by the lease they wait for, in the order in which they began to wait. */
  readonly #waiting = new Map<LeaseId, HeldStream[]>();

  constructor(options: KeepAlivesOptions) {
    this.#options = options;
  }

  /**
   * Takes a request; answers it now, or when what holds it up is gone. `begun`: the revision when
   * the server began with it.
   */
  submit(request: KeepAlive, begun = this.#options.store.revision): void {
    const held = this.#held.size === 0 ? undefined : this.#held.get(request.stream);
    if (held !== undefined) {
      // KA-01, KA-05
      held.behind.push(request);
      return;
    }
    if (this.#serve(request, begun)) return;
    const { stream } = request;
    this.#hold({ stream, head: request, revision: begun, behind: [], next: 0 });
  }

  /**
   * To be called when a lease has been revoked: answers the requests that waited for it, and serves
   * those behind.
   */
  release(id: LeaseId): void {
    if (this.#waiting.size === 0) return;
    const streams = this.#waiting.get(id);
    if (streams === undefined) return;
    this.#waiting.delete(id);
    for (const held of streams) {
      this.#held.delete(held.stream);
      // KA-04, with the revision of KA-06
      const { token } = held.head;
      this.#options.answer(token, { kind: 'keptAlive', revision: held.revision, id, ttl: GONE });
      this.#serveBehind(held);
    }
  }

  /** Gives up all that is held, unanswered: whoever takes it has to serve it. */
  evict(): readonly Evicted[] {
    const evicted: Evicted[] = [];
    for (const { head, revision: begun, behind, next } of this.#held.values()) {
      evicted.push({ request: head, begun });
      // KA-06: the server has not begun with these.
      const { revision } = this.#options.store;
      for (const request of behind.slice(next)) evicted.push({ request, begun: revision });
    }
    this.drop();
    return evicted;
  }

  /** Gives up what stands behind requests that wait for their leases; those wait on. */
  takeBehind(): readonly KeepAlive[] {
    const taken: KeepAlive[] = [];
    for (const { behind, next } of this.#held.values()) taken.push(...behind.splice(next));
    return taken;
  }

  /** Whether a request waits on that stream. */
  holds(stream: StreamId): boolean {
    return this.#held.has(stream);
  }

  /** The connections have ended: what is held is never answered. */
  drop(): void {
    this.#held.clear();
    this.#waiting.clear();
  }

  /** The client of a stream is gone: nothing held on it is answered any more. */
  closeStream(stream: StreamId): void {
    const held = this.#held.get(stream);
    if (held === undefined) return;
    this.#held.delete(stream);
    const { id } = held.head;
    const others = this.#waiting.get(id)?.filter((other) => other !== held) ?? [];
    if (others.length === 0) this.#waiting.delete(id);
    else this.#waiting.set(id, others);
    this.#options.fingerprint.word(13);
    this.#options.fingerprint.number(stream);
  }

  /** How many streams are held. */
  get size(): number {
    return this.#held.size;
  }

  /** Checks that each held stream waits for a lease that is there and overdue. */
  scan(): void {
    const { clock, lessor } = this.#options;
    let waiting = 0;
    for (const [id, streams] of this.#waiting) {
      const slot = lessor.find(id);
      if (slot === NO_SLOT || !lessor.isOverdue(slot, clock.now)) {
        throw new InvariantViolation('only overdue leases hold requests', { id });
      }
      for (const held of streams) {
        if (held.head.id !== id || this.#held.get(held.stream) !== held) {
          throw new InvariantViolation('a stream waits for the lease it names', { id });
        }
      }
      waiting += streams.length;
    }
    if (waiting !== this.#held.size) {
      throw new InvariantViolation('a held stream waits for one lease', { waiting });
    }
  }

  /** Answers a request, unless its lease is overdue: then it returns false. */
  #serve({ id, token }: KeepAlive, revision: Revision): boolean {
    const { clock, lessor, answer } = this.#options;
    const slot = lessor.find(id);
    if (slot === NO_SLOT) {
      // KA-03
      answer(token, { kind: 'keptAlive', revision, id, ttl: GONE });
      return true;
    }
    // KA-04
    if (lessor.isOverdue(slot, clock.now)) return false;
    // KA-09
    this.#options.beforeRenewal(slot);
    // KA-02
    lessor.renew(slot, clock.now);
    answer(token, { kind: 'keptAlive', revision, id, ttl: lessor.grantedTtl(slot) });
    return true;
  }

  #serveBehind(held: HeldStream): void {
    while (held.next < held.behind.length) {
      const request = held.behind[held.next] as KeepAlive;
      held.next += 1;
      if (this.#serve(request, this.#options.store.revision)) continue;
      held.head = request;
      held.revision = this.#options.store.revision;
      this.#hold(held);
      return;
    }
  }

  #hold(held: HeldStream): void {
    const { id } = held.head;
    const { fingerprint } = this.#options;
    this.#held.set(held.stream, held);
    const streams = this.#waiting.get(id);
    if (streams === undefined) this.#waiting.set(id, [held]);
    else streams.push(held);
    fingerprint.word(6);
    fingerprint.number(held.stream);
    fingerprint.int64(id);
  }
}
