/**
 * The checkpoints of a leader: it writes down what is left of long leases, each five minutes. What
 * it has planned is only in its memory, and gone with it.
 */
import type { LeaseId } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import { type Instant, seconds, type Seconds } from '../api/units.ts';
import { CHECKPOINT_EVERY_MS } from './flags.ts';
import type { Lessor } from './lessor.ts';
import { NO_SLOT, type Slot } from './slots.ts';

const CLEARED = seconds(0);

export class Checkpoints {
  readonly #lessor: Lessor;
  readonly #isOn: boolean;
  readonly #persist: boolean;
  /** What is planned, in the order of planning and of the instants; done up to `#next`. */
  #planned: { readonly id: LeaseId; readonly at: number }[] = [];
  #next = 0;

  constructor(lessor: Lessor, config: ServerConfig) {
    this.#lessor = lessor;
    this.#isOn = config.leaseCheckpoint ?? false;
    this.#persist = persists(config);
  }

  /** CKPT-02: five minutes from now, if what the lease has is more than that. */
  plan(slot: Slot, now: Instant): void {
    if (!this.#isOn) return;
    const { ttl, left } = this.#lessor.termOf(slot);
    const has = left > 0 ? left : ttl;
    // CKPT-02: 300 s exactly is not enough.
    if (has * 1000 > CHECKPOINT_EVERY_MS) {
      this.#planned.push({ id: this.#lessor.idOf(slot), at: now + CHECKPOINT_EVERY_MS });
    }
  }

  /** Whether a turn has something to write down. */
  isDue(now: Instant): boolean {
    const plan = this.#planned[this.#next];
    return plan !== undefined && plan.at <= now;
  }

  /** What a turn of the loop writes down. */
  run(now: Instant): void {
    for (;;) {
      const plan = this.#planned[this.#next];
      if (plan === undefined || plan.at > now) break;
      this.#next += 1;
      this.#write(plan.id, now);
    }
    if (this.#next < 1000) return;
    this.#planned = this.#planned.slice(this.#next);
    this.#next = 0;
  }

  /** KA-09, CKPT-04: before a renewal what was written down is taken back; that is a checkpoint. */
  clear(slot: Slot, now: Instant): void {
    if (!this.#isOn || this.#lessor.termOf(slot).left === 0) return;
    this.#set(slot, CLEARED, now);
  }

  #write(id: LeaseId, now: Instant): void {
    const slot = this.#lessor.find(id);
    if (slot === NO_SLOT || this.#lessor.isOverdue(slot, now)) return;
    // CKPT-02: rounded up to whole seconds.
    const left = seconds(Math.ceil((this.#lessor.deadlineOf(slot) - now) / 1000));
    if (left < this.#lessor.termOf(slot).ttl) this.#set(slot, left, now);
  }

  #set(slot: Slot, left: Seconds, now: Instant): void {
    this.#lessor.noteLeft(slot, left, this.#persist);
    this.plan(slot, now);
  }
}

/** CONST-13 up to 3.5, CKPT-06 from 3.6 on. */
const persists = ({ etcd, leaseCheckpointPersist }: ServerConfig): boolean => {
  switch (etcd) {
    case '3.4':
    case '3.5':
      return leaseCheckpointPersist ?? false;
    case '3.6':
    case '3.7':
      return true;
  }
};
