/**
 * The lessor: which leases there are, when each is due, and which keys are attached to it. It does
 * not know the store: whoever writes a key tells it, and whoever revokes a lease deletes the keys
 * it hands back.
 *
 * Leases live in slots of parallel arrays; `find` turns an id into a slot, and everything else goes
 * by slot.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId } from '../api/command.ts';
import { after, type Instant, instant, type Seconds, secondsToMilliseconds } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import { ExpiryQueue } from './expiry-queue.ts';
import type { Fingerprint } from './fingerprint.ts';
import { NO_SLOT, type Slot, Slots } from './slots.ts';
import { type Term, Terms } from './terms.ts';

const NO_KEYS: readonly Bytes[] = [];

export class Lessor {
  readonly #slots = new Slots();
  readonly #queue = new ExpiryQueue();
  readonly #fingerprint: Fingerprint;
  readonly #terms = new Terms();
  /** Those that have not been renewed since a promotion. */
  readonly #extended = new Set<Slot>();
  /** Only of leases that have keys. */
  readonly #keys = new Map<Slot, Set<Bytes>>();

  constructor(fingerprint: Fingerprint) {
    this.#fingerprint = fingerprint;
  }

  /** How many leases there are, overdue ones included. */
  get size(): number {
    return this.#slots.size;
  }

  /** EXP-09: the slot of a lease, overdue or not; `NO_SLOT` when there is none of this id. */
  find(id: LeaseId): Slot {
    return this.#slots.find(id);
  }

  /** Adds a lease that is due `ttl` from now (GRANT-07). There must be none of this id. */
  grant(id: LeaseId, ttl: Seconds, now: Instant): Slot {
    const slot = this.#slots.add(id);
    const deadline = after(now, secondsToMilliseconds(ttl));
    this.#terms.begin(slot, ttl);
    this.#queue.insert(slot, deadline);
    if (this.#slots.size !== this.#queue.size) {
      throw new InvariantViolation('a grant adds a lease', { id, size: this.#slots.size });
    }
    this.#record(1, slot, deadline);
    // From here on the slot stands for the id.
    this.#fingerprint.int64(id);
    return slot;
  }

  /** KA-02: the lease is due a whole granted TTL from now. It must not be overdue (KA-04). */
  renew(slot: Slot, now: Instant): void {
    if (this.isOverdue(slot, now)) {
      throw new InvariantViolation('no overdue lease is renewed', { id: this.idOf(slot), now });
    }
    const { ttl, left } = this.termOf(slot);
    if (left > 0) {
      // KA-10: what a checkpoint left, which nobody has cleared.
      this.startOver(slot, after(now, secondsToMilliseconds(left)));
      return;
    }
    if (this.#extended.delete(slot)) {
      // TTL-05: a promotion gave it more than its TTL, so this may be sooner than before.
      this.startOver(slot, after(now, secondsToMilliseconds(ttl)));
      return;
    }
    const deadline = after(now, secondsToMilliseconds(this.grantedTtl(slot)));
    this.#queue.postpone(slot, deadline);
    this.#record(2, slot, deadline);
  }

  /** Gives a lease another deadline, sooner or later than the one it has. */
  startOver(slot: Slot, deadline: Instant): void {
    this.#queue.move(slot, deadline);
    this.#record(4, slot, deadline);
  }

  /** RESTART-02: gives a lease the deadline that a promotion gives it. */
  extend(slot: Slot, deadline: Instant): void {
    this.#extended.add(slot);
    this.startOver(slot, deadline);
  }

  /** Keeps what is left of a lease at a checkpoint. */
  noteLeft(slot: Slot, left: Seconds, onDisk: boolean): void {
    this.#terms.note(slot, left, onDisk);
    this.#record(5, slot, left);
  }

  /** RESTART-01: the leases that are on disk, as a new process has them before it leads. */
  load(minTtl: Seconds): void {
    for (const slot of this.slots()) {
      this.#terms.load(slot, minTtl);
      this.startOver(slot, instant(Infinity));
    }
  }

  /** RESTART-05: nobody leads, and no lease is due. */
  demote(): void {
    for (const slot of this.slots()) this.startOver(slot, instant(Infinity));
  }

  /** All leases, soonest due first. */
  slots(): Slot[] {
    return this.#queue.sorted();
  }

  /** What a lease was granted, and what was left of it at its last checkpoint. */
  termOf(slot: Slot): Term {
    return { ttl: this.#terms.ttlOf(slot), left: this.#terms.leftOf(slot) };
  }

  /** Takes a lease away; hands back its keys in ascending order (REVOKE-02). */
  revoke(slot: Slot): readonly Bytes[] {
    const keys = this.#keys.size === 0 ? undefined : this.#keys.get(slot);
    this.#queue.remove(slot);
    this.#extended.delete(slot);
    // GRANT-05: from here on nothing is found under the id.
    this.#slots.remove(slot);
    if (this.#slots.size !== this.#queue.size) {
      throw new InvariantViolation('a revoke takes one lease away', { slot });
    }
    this.#record(3, slot, 0);
    if (keys === undefined) return NO_KEYS;
    this.#keys.delete(slot);
    return [...keys].sort();
  }

  /** The lease that is overdue longest, or `NO_SLOT` when none is overdue (EXP-06). */
  firstOverdue(now: Instant): Slot {
    const slot = this.#queue.first;
    return slot !== NO_SLOT && this.isOverdue(slot, now) ? slot : NO_SLOT;
  }

  isOverdue(slot: Slot, now: Instant): boolean {
    // EXP-01: the deadline itself is too late. EXP-03: before that it is not.
    return now >= this.#queue.deadlineOf(slot);
  }

  idOf(slot: Slot): LeaseId {
    return this.#slots.idOf(slot);
  }

  deadlineOf(slot: Slot): Instant {
    return this.#queue.deadlineOf(slot);
  }

  grantedTtl(slot: Slot): Seconds {
    return this.#terms.ttlOf(slot);
  }

  /** The keys attached to a lease, in the order in which they were attached. */
  keysOf(slot: Slot): readonly Bytes[] {
    const keys = this.#keys.get(slot);
    return keys === undefined ? NO_KEYS : [...keys];
  }

  isAttached(slot: Slot, key: Bytes): boolean {
    return this.#keys.get(slot)?.has(key) ?? false;
  }

  /** KV-01: attaches a key that is attached to no lease. */
  attach(slot: Slot, key: Bytes): void {
    const keys = this.#keys.get(slot);
    if (keys === undefined) {
      this.#keys.set(slot, new Set<Bytes>().add(key));
      return;
    }
    const before = keys.size;
    if (keys.add(key).size === before) {
      throw new InvariantViolation('a key is attached once', { key, id: this.idOf(slot) });
    }
  }

  /** KV-02: takes a key off the lease it is attached to. */
  detach(id: LeaseId, key: Bytes): void {
    const slot = this.find(id);
    const keys = this.#keys.get(slot);
    if (keys === undefined || !keys.delete(key)) {
      throw new InvariantViolation('a detached key was attached', { key, id });
    }
    if (keys.size === 0) this.#keys.delete(slot);
  }

  /**
   * LIST-02, LIST-03: all leases, soonest due first; ties in the order of grant or last renewal.
   */
  list(): LeaseId[] {
    return this.slots().map((slot) => this.idOf(slot));
  }

  /** Checks all leases; returns how many keys are attached to them. */
  scan(isKeyOf: (key: Bytes, id: LeaseId) => boolean): number {
    this.#queue.scan();
    const slots = this.#slots.scan();
    if (slots.length !== this.#queue.size) {
      throw new InvariantViolation('queue and leases agree', { size: slots.length });
    }
    for (const slot of slots) {
      if (!this.#queue.has(slot)) throw new InvariantViolation('a lease is queued', { slot });
    }
    return this.#scanKeys(isKeyOf);
  }

  #scanKeys(isKeyOf: (key: Bytes, id: LeaseId) => boolean): number {
    let attached = 0;
    for (const [slot, keys] of this.#keys) {
      const id = this.idOf(slot);
      attached += keys.size;
      if (!this.#queue.has(slot) || keys.size === 0 || keys.has(NO_BYTES)) {
        throw new InvariantViolation('keys are those of a lease', { id });
      }
      for (const key of keys) {
        if (!isKeyOf(key, id)) {
          throw new InvariantViolation('a key in a lease has the lease', { key, id });
        }
      }
    }
    return attached;
  }

  #record(change: number, slot: Slot, deadline: number): void {
    this.#fingerprint.word(change);
    this.#fingerprint.word(slot);
    this.#fingerprint.number(deadline);
  }
}
