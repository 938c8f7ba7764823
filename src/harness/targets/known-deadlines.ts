/**
 * What is known of the leases of a server that tells nothing of its turns: their deadlines, to know
 * which turns matter, and the revisions at which they went, for their order.
 */
import type { Command, LeaseId } from '../../api/command.ts';
import type { Response } from '../../api/response.ts';
import {
  after,
  type Instant,
  type Revision,
  type Seconds,
  secondsToMilliseconds,
} from '../../api/units.ts';

export class KnownDeadlines {
  readonly #deadlines = new Map<LeaseId, Instant>();
  /** The revisions at which leases went since the last turn. */
  #gone = new Map<LeaseId, Revision>();

  get ids(): readonly LeaseId[] {
    return [...this.#deadlines.keys()];
  }

  has(id: LeaseId): boolean {
    return this.#deadlines.has(id);
  }

  get size(): number {
    return this.#deadlines.size;
  }

  /** A lease is known to live for `left` from `now`, or up to a second longer. */
  set(id: LeaseId, now: Instant, left: Seconds): void {
    this.#deadlines.set(id, after(now, secondsToMilliseconds(left)));
  }

  /** A key of the lease went at this revision. */
  went(id: LeaseId, at: Revision): void {
    this.#gone.set(id, at);
  }

  /** What follows from what the server says. */
  learn(command: Command, response: Response, now: Instant): void {
    if (response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0)) {
      this.set(response.id, now, response.ttl);
    } else if (response.kind === 'revoked' && command.kind === 'revoke') {
      this.#deadlines.delete(command.id);
      this.#gone = new Map();
    }
  }

  get soonest(): Instant | undefined {
    let soonest: Instant | undefined;
    for (const deadline of this.#deadlines.values()) {
      if (soonest === undefined || deadline < soonest) soonest = deadline;
    }
    return soonest;
  }

  /** After a turn: what is not listed any more has gone in it; in the order of the revisions. */
  turned(listed: ReadonlySet<LeaseId>): readonly LeaseId[] {
    const revoked = this.ids.filter((id) => !listed.has(id));
    for (const id of revoked) this.#deadlines.delete(id);
    const order = (id: LeaseId): number => this.#gone.get(id) ?? 0;
    const inOrder = revoked.toSorted((left, right) => order(left) - order(right));
    this.#gone = new Map();
    return inOrder;
  }
}
