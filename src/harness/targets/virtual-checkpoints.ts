/** When a real etcd may write down what remains of its leases: the turns that matter for that. */
import { after, type Instant, type Seconds, secondsToMilliseconds } from '../../api/units.ts';
import { CHECKPOINT_INTERVAL } from '../../model/index.ts';

/** Errs on the side of turns at which there is nothing to do: those merely take time. */
export class VirtualCheckpoints {
  /** Instants from which on one may be due. */
  readonly #dues = new Set<Instant>();

  /** CKPT-02: the lifetime of a lease begins anew. */
  begun(ttl: Seconds, now: Instant): void {
    if (secondsToMilliseconds(ttl) > CHECKPOINT_INTERVAL) this.#add(now);
  }

  /** CKPT-02: the lifetimes of all begin anew; what was due before is not any more. */
  promoted(now: Instant): void {
    this.#dues.clear();
    this.#add(now);
  }

  get soonest(): Instant | undefined {
    let soonest: Instant | undefined;
    for (const due of this.#dues) if (soonest === undefined || due < soonest) soonest = due;
    return soonest;
  }

  /** A turn ran. What was due at that very instant may be done at the next. */
  turned(now: Instant): void {
    const done = [...this.#dues].filter((due) => due <= now);
    for (const due of done) if (due < now) this.#dues.delete(due);
    // CONST-12
    if (done.length > 0) this.#add(now);
  }

  #add(now: Instant): void {
    this.#dues.add(after(now, CHECKPOINT_INTERVAL));
  }
}
