/**
 * Gives each lease a slot, a small number for its place in the arrays of the lessor and its queue,
 * and finds the slot of an id: a hash table with open addressing in typed arrays. (With a Map of
 * bigints the lessor takes twice the time.)
 */
import type { LeaseId } from '../api/command.ts';
import { InvariantViolation } from '../invariant.ts';
import { highWord, int64Of, lowWord } from './int64.ts';

/** Numbers a lease's place in arrays; used again after the lease is gone. */
export type Slot = number;

/** In place of a slot: there is none. */
export const NO_SLOT: Slot = -1;

/** 64 bytes of each array: as much as V8 keeps on its own heap, which makes an empty one cheap. */
export const INITIAL_SLOTS = 8;

/**
 * How many slots there are when so many are full: twice as many, but first a lot more. Arrays of
 * more than a few bytes are not on V8's own heap, and take long to make.
 */
export const moreThan = (slots: number): number =>
  slots === INITIAL_SLOTS ? 8 * slots : 2 * slots;

export class Slots {
  #size = 0;
  /** Slots that were used and are free again; those from `#used` on never were. */
  readonly #free: Slot[] = [];
  #used = 0;
  /** By slot: the two words of the id, the low one first. */
  #words = new Int32Array(2 * INITIAL_SLOTS);
  /** By hash: slot + 1, or 0. Twice as long as there are slots, so never full. */
  #table = new Int32Array(2 * INITIAL_SLOTS);

  /** How many leases have a slot. */
  get size(): number {
    return this.#size;
  }

  idOf(slot: Slot): LeaseId {
    return int64Of(this.#words[2 * slot] as number, this.#words[2 * slot + 1] as number);
  }

  /** The slot of `id`, or `NO_SLOT`. */
  find(id: LeaseId): Slot {
    return this.#findWords(lowWord(id), highWord(id));
  }

  #findWords(low: number, high: number): Slot {
    const table = this.#table;
    const mask = table.length - 1;
    let index = hash(low, high) & mask;
    for (;;) {
      const slot = (table[index] as number) - 1;
      if (slot === NO_SLOT) return NO_SLOT;
      if (this.#words[2 * slot] === low && this.#words[2 * slot + 1] === high) return slot;
      index = (index + 1) & mask;
    }
  }

  /** Gives `id`, which has none, a slot. */
  add(id: LeaseId): Slot {
    if (this.find(id) !== NO_SLOT) throw new InvariantViolation('an id has one slot', { id });
    const slot = this.#free.pop() ?? this.#used;
    if (slot === this.#used) this.#used += 1;
    if (2 * slot === this.#words.length) this.#grow();
    this.#words[2 * slot] = lowWord(id);
    this.#words[2 * slot + 1] = highWord(id);
    this.#enter(slot);
    this.#size += 1;
    return slot;
  }

  /** Frees a slot that is in use. */
  remove(slot: Slot): void {
    const table = this.#table;
    const mask = table.length - 1;
    let hole = this.#home(slot) & mask;
    while (table[hole] !== slot + 1) {
      if (table[hole] === 0) throw new InvariantViolation('a freed slot was in use', { slot });
      hole = (hole + 1) & mask;
    }
    // What comes after it and would not be found across the hole moves up.
    for (let index = (hole + 1) & mask; table[index] !== 0; index = (index + 1) & mask) {
      const entry = table[index] as number;
      const distance = (index - this.#home(entry - 1)) & mask;
      if (distance < ((index - hole) & mask)) continue;
      table[hole] = entry;
      hole = index;
    }
    table[hole] = 0;
    this.#size -= 1;
    this.#free.push(slot);
  }

  /** Checks that each slot is either free or found by its id; returns those in use. */
  scan(): readonly Slot[] {
    const used: Slot[] = [];
    for (const entry of this.#table) {
      if (entry !== 0) used.push(entry - 1);
    }
    for (const slot of used) {
      const found = this.#findWords(
        this.#words[2 * slot] as number,
        this.#words[2 * slot + 1] as number,
      );
      if (found !== slot) throw new InvariantViolation('an id is found', { slot, found });
    }
    const distinct = this.#distinct(used);
    if (used.length !== this.#size || distinct !== this.#used) {
      throw new InvariantViolation('a slot is free or in use', { size: this.#size, distinct });
    }
    return used;
  }

  /** How many slots are in use or free, each counted once; those that never were, too. */
  #distinct(used: readonly Slot[]): number {
    const seen = new Uint8Array(this.#used);
    let count = 0;
    for (const slots of [used, this.#free]) {
      for (const slot of slots) {
        if (seen[slot] !== 1) count += 1;
        seen[slot] = 1;
      }
    }
    return count;
  }

  #home(slot: Slot): number {
    return hash(this.#words[2 * slot] as number, this.#words[2 * slot + 1] as number);
  }

  #enter(slot: Slot): void {
    const table = this.#table;
    const mask = table.length - 1;
    let index = this.#home(slot) & mask;
    while (table[index] !== 0) index = (index + 1) & mask;
    table[index] = slot + 1;
  }

  /** Makes more slots. All of them are in use. */
  #grow(): void {
    const full = this.#words.length / 2;
    const capacity = moreThan(full);
    const words = new Int32Array(2 * capacity);
    words.set(this.#words);
    this.#words = words;
    this.#table = new Int32Array(2 * capacity);
    for (let slot = 0; slot < full; slot += 1) this.#enter(slot);
  }
}

const hash = (low: number, high: number): number => {
  const mixed = Math.imul(low ^ Math.imul(high, 0x9e3779b1), 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
};
