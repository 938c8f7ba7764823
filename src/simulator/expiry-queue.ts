/**
 * The leases by deadline: a heap with four children a node in typed arrays. Leases go by slot; the
 * position of each is kept, so that any lease can be moved or removed.
 *
 * Ties: of two leases with the same deadline, the one that was granted or renewed first comes
 * first.
 */
import { type Instant, instant } from '../api/units.ts';
import { InvariantViolation } from '../invariant.ts';
import { INITIAL_SLOTS, moreThan, NO_SLOT, type Slot } from './slots.ts';

const NOT_QUEUED = -1;
export class ExpiryQueue {
  #size = 0;
  #moves = 0;
  /** In heap order: deadlines, tie breakers, slots. */
  #deadlines = new Float64Array(INITIAL_SLOTS);
  #orders = new Float64Array(INITIAL_SLOTS);
  #slots = new Int32Array(INITIAL_SLOTS);
  /** By slot: where in the heap it is. */
  #positions = new Int32Array(INITIAL_SLOTS).fill(NOT_QUEUED);

  get size(): number {
    return this.#size;
  }

  /** The slot with the earliest deadline, or `NO_SLOT`. */
  get first(): Slot {
    return this.#size === 0 ? NO_SLOT : (this.#slots[0] as number);
  }

  has(slot: Slot): boolean {
    return slot < this.#positions.length && this.#positions[slot] !== NOT_QUEUED;
  }

  deadlineOf(slot: Slot): Instant {
    return instant(this.#deadlines[this.#positions[slot] as number] as number);
  }

  /** Adds a slot that is not queued. */
  insert(slot: Slot, deadline: Instant): void {
    while (slot >= this.#positions.length) this.#grow();
    if (this.#positions[slot] !== NOT_QUEUED) {
      throw new InvariantViolation('a lease is queued once', { slot });
    }
    const index = this.#size;
    this.#size += 1;
    this.#moves += 1;
    this.#rise(index, deadline, this.#moves, slot);
  }

  /** Gives a queued slot a deadline no earlier than the one it has. */
  postpone(slot: Slot, deadline: Instant): void {
    const index = this.#positions[slot] as number;
    if (deadline < (this.#deadlines[index] as number)) {
      throw new InvariantViolation('a renewal never shortens a lease', { slot, deadline });
    }
    this.#moves += 1;
    this.#sink(index, deadline, this.#moves, slot);
  }

  /** Gives a queued slot any other deadline. */
  move(slot: Slot, deadline: Instant): void {
    this.remove(slot);
    this.insert(slot, deadline);
  }

  /** Takes out a queued slot. */
  remove(slot: Slot): void {
    const index = this.#positions[slot] as number;
    if (index === NOT_QUEUED) throw new InvariantViolation('a lease is in the queue', { slot });
    this.#positions[slot] = NOT_QUEUED;
    const last = this.#size - 1;
    this.#size = last;
    if (index === last) return;
    const deadline = this.#deadlines[last] as number;
    const order = this.#orders[last] as number;
    const moved = this.#slots[last] as number;
    if (index > 0 && this.#isBefore(deadline, order, (index - 1) >> 2)) {
      this.#rise(index, deadline, order, moved);
    } else {
      this.#sink(index, deadline, order, moved);
    }
  }

  /** All slots, the earliest deadline first. */
  sorted(): Slot[] {
    const slots: Slot[] = [];
    for (let index = 0; index < this.#size; index += 1) slots.push(this.#slots[index] as number);
    const positions = this.#positions;
    const deadlines = this.#deadlines;
    const orders = this.#orders;
    return slots.sort((left, right) => {
      const first = positions[left] as number;
      const second = positions[right] as number;
      return (
        (deadlines[first] as number) - (deadlines[second] as number) ||
        (orders[first] as number) - (orders[second] as number)
      );
    });
  }

  /** Checks the whole queue: heap order holds, and positions and slots agree. */
  scan(): void {
    for (let index = 0; index < this.#size; index += 1) {
      const slot = this.#slots[index] as number;
      const position = this.#positions[slot];
      if (position !== index) {
        throw new InvariantViolation('positions and heap agree', { slot, index, position });
      }
      const deadline = this.#deadlines[index] as number;
      if (index > 0 && this.#isBefore(deadline, this.#orders[index] as number, (index - 1) >> 2)) {
        throw new InvariantViolation('no lease is due before its parent in the heap', { index });
      }
    }
    let queued = 0;
    for (const index of this.#positions) if (index !== NOT_QUEUED) queued += 1;
    if (queued !== this.#size) {
      throw new InvariantViolation('the heap holds what is queued', { queued, size: this.#size });
    }
  }

  /** Whether what is due at `deadline` comes before what is at `index`. */
  #isBefore(deadline: number, order: number, index: number): boolean {
    const other = this.#deadlines[index] as number;
    return deadline < other || (deadline === other && order < (this.#orders[index] as number));
  }

  /** Puts a slot in at `index` or, past all that are due later, above it. */
  #rise(start: number, deadline: number, order: number, slot: Slot): void {
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 2;
      if (!this.#isBefore(deadline, order, parent)) break;
      this.#place(
        index,
        this.#deadlines[parent] as number,
        this.#orders[parent] as number,
        this.#slots[parent] as number,
      );
      index = parent;
    }
    this.#place(index, deadline, order, slot);
  }

  /** Puts a slot in at `index` or, past all that are due sooner, below it. */
  #sink(start: number, deadline: number, order: number, slot: Slot): void {
    const size = this.#size;
    const deadlines = this.#deadlines;
    const orders = this.#orders;
    let index = start;
    for (;;) {
      const first = 4 * index + 1;
      if (first >= size) break;
      const end = first + 4 < size ? first + 4 : size;
      let best = first;
      let soonest = deadlines[first] as number;
      for (let child = first + 1; child < end; child += 1) {
        const due = deadlines[child] as number;
        if (due > soonest) continue;
        if (due === soonest && (orders[child] as number) > (orders[best] as number)) continue;
        best = child;
        soonest = due;
      }
      if (deadline < soonest) break;
      const bestOrder = orders[best] as number;
      if (deadline === soonest && order < bestOrder) break;
      this.#place(index, soonest, bestOrder, this.#slots[best] as number);
      index = best;
    }
    this.#place(index, deadline, order, slot);
  }

  #place(index: number, deadline: number, order: number, slot: Slot): void {
    this.#deadlines[index] = deadline;
    this.#orders[index] = order;
    this.#slots[index] = slot;
    this.#positions[slot] = index;
  }

  #grow(): void {
    const capacity = moreThan(this.#positions.length);
    const deadlines = new Float64Array(capacity);
    deadlines.set(this.#deadlines);
    this.#deadlines = deadlines;
    const orders = new Float64Array(capacity);
    orders.set(this.#orders);
    this.#orders = orders;
    const slots = new Int32Array(capacity);
    slots.set(this.#slots);
    this.#slots = slots;
    const positions = new Int32Array(capacity).fill(NOT_QUEUED, this.#positions.length);
    positions.set(this.#positions);
    this.#positions = positions;
  }
}
