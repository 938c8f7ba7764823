/**
 * By slot: what a lease was granted and what a checkpoint left of it, in memory and on disk. Only
 * what is on disk outlives the process (RESTART-01, RESTART-03).
 */
import { type Seconds, seconds } from '../api/units.ts';
import type { Slot } from './slots.ts';

/** A lease's TTL, and what was left of it at its last checkpoint; 0: no checkpoint. */
export interface Term {
  readonly ttl: Seconds;
  readonly left: Seconds;
}

/** TTL in memory, left in memory, TTL on disk, left on disk. */
const FIELDS = 4;

export class Terms {
  readonly #numbers: number[] = [];

  /** A lease that is granted `ttl`. Slots come into use one after the other. */
  begin(slot: Slot, ttl: Seconds): void {
    this.#set(slot, ttl, 0, ttl, 0);
  }

  ttlOf(slot: Slot): Seconds {
    return seconds(this.#numbers[FIELDS * slot] as number);
  }

  leftOf(slot: Slot): Seconds {
    return seconds(this.#numbers[FIELDS * slot + 1] as number);
  }

  /** A checkpoint. On disk (CKPT-03) it writes all that memory has of the lease. */
  note(slot: Slot, left: Seconds, onDisk: boolean): void {
    const ttl = this.ttlOf(slot);
    this.#numbers[FIELDS * slot + 1] = left;
    if (onDisk) this.#set(slot, ttl, left, ttl, left);
  }

  /** Memory as a new process has it that grants no less than `minTtl`. */
  load(slot: Slot, minTtl: Seconds): void {
    const ttl = this.#numbers[FIELDS * slot + 2] as number;
    const left = this.#numbers[FIELDS * slot + 3] as number;
    // RESTART-03: what is on disk stays as it is. CKPT-03: what is left is what was saved.
    this.#set(slot, Math.max(ttl, minTtl), left, ttl, left);
  }

  #set(slot: Slot, ttl: number, left: number, savedTtl: number, savedLeft: number): void {
    const at = FIELDS * slot;
    this.#numbers[at] = ttl;
    this.#numbers[at + 1] = left;
    this.#numbers[at + 2] = savedTtl;
    this.#numbers[at + 3] = savedLeft;
  }
}
