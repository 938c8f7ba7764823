/**
 * Virtual time. Reading the clock never moves it; only its owner advances it, and what is due then
 * happens in order.
 */
import { type Instant, instant } from '../api/units.ts';
import { invariant } from '../invariant.ts';

/** Something that is to happen at an instant. */
export interface Timer {
  readonly at: Instant;
  readonly run: () => void;
  /** Breaks ties: what was scheduled first happens first. */
  readonly order: number;
  /** It was taken back, and never runs. */
  isCancelled: boolean;
}

export class VirtualClock {
  #now: Instant;
  /** Where it is being moved to. */
  #to: Instant;
  #scheduled = 0;
  /** A binary heap, the earliest timer first. */
  readonly #heap: Timer[] = [];

  constructor(start: Instant = instant(0)) {
    this.#now = start;
    this.#to = start;
  }

  get now(): Instant {
    return this.#now;
  }

  /** The instant of the earliest timer, or undefined when nothing is scheduled. */
  get next(): Instant | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.at;
  }

  /**
   * Until when nothing happens, as far as is known now: before it no other timer is due, and nobody
   * has the time to do anything. Later than now only while the clock is being advanced.
   */
  get horizon(): Instant {
    const { next } = this;
    return next !== undefined && next < this.#to ? next : this.#to;
  }

  /** Schedules `run` for `at`, which must not have passed. */
  schedule(at: Instant, run: () => void): Timer {
    invariant(at >= this.#now, 'nothing is scheduled in the past', { at, now: this.#now });
    const timer: Timer = { at, run, order: this.#scheduled, isCancelled: false };
    this.#scheduled += 1;
    this.#push(timer);
    return timer;
  }

  /** Schedules a timer that has run once more, for `at`, without making another. */
  repeat(timer: Timer, at: Instant): void {
    invariant(at >= this.#now, 'nothing is scheduled in the past', { at, now: this.#now });
    // To the clock alone it can change.
    const again: { -readonly [Field in keyof Timer]: Timer[Field] } = timer;
    again.at = at;
    again.order = this.#scheduled;
    this.#scheduled += 1;
    this.#push(timer);
  }

  /** Takes back a timer; nothing happens when it has run already. */
  cancel(timer: Timer): void {
    timer.isCancelled = true;
  }

  /** Moves time to `to`; each timer on the way, and at `to`, runs at its own instant. */
  advanceTo(to: Instant): void {
    this.#move(to, (timer) => timer.at);
  }

  /**
   * Moves time to the earliest timer and runs that one alone. False, and nothing happens, when none
   * is due by `by`.
   */
  runNext(by: Instant): boolean {
    this.#dropCancelled();
    const timer = this.#heap[0];
    if (timer === undefined || timer.at > by) return false;
    this.#pop();
    this.#now = timer.at;
    this.#to = timer.at;
    timer.run();
    return true;
  }

  /** Lets time leap to `to`; the timers that have come due meanwhile all run there. */
  jumpTo(to: Instant): void {
    this.#move(to, () => to);
  }

  #move(to: Instant, runsAt: (timer: Timer) => Instant): void {
    invariant(to >= this.#now, 'time does not run backwards', { to, now: this.#now });
    this.#to = to;
    for (;;) {
      this.#dropCancelled();
      const timer = this.#heap[0];
      if (timer === undefined || timer.at > to) break;
      this.#pop();
      this.#now = runsAt(timer);
      timer.run();
    }
    this.#now = to;
  }

  #dropCancelled(): void {
    while (this.#heap[0]?.isCancelled === true) this.#pop();
  }

  #push(timer: Timer): void {
    const heap = this.#heap;
    let index = heap.length;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Timer;
      if (!isBefore(timer, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop() as Timer;
    if (heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = heap[child + 1];
      if (right !== undefined && isBefore(right, heap[child] as Timer)) child += 1;
      const below = heap[child] as Timer;
      if (!isBefore(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
  }
}

const isBefore = (left: Timer, right: Timer): boolean =>
  left.at < right.at || (left.at === right.at && left.order < right.order);
