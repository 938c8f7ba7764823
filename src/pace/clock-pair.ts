/**
 * A virtual clock and a fake clock of `@sinonjs/fake-timers`, side by side: where they stop next,
 * and how they get there together.
 */
import { type Instant, instant } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { invariant } from '../invariant.ts';

/** What is needed of a fake clock: `createClock()` and `install()` of fake-timers 15 return one. */
export interface FakeClockLike {
  now: number;
  tick(time: number): number;
  tickAsync(time: number): Promise<number>;
  next(): number;
  setTimeout(run: () => void, delay: number): unknown;
  clearTimeout(id: unknown): void;
}

/** Both clocks, and where they stop next. */
export class ClockPair {
  readonly #clock: VirtualClock;
  readonly #timers: FakeClockLike;
  /** What the fake clock shows when the virtual clock shows 0. */
  readonly #offset: number;
  #isFrozen = false;

  constructor(clock: VirtualClock, timers: FakeClockLike) {
    invariant(Number.isSafeInteger(timers.now), 'a fake clock shows whole milliseconds', {
      now: timers.now,
    });
    invariant(showsItsTimers(timers), 'the timers of the fake clock can be read');
    this.#clock = clock;
    this.#timers = timers;
    this.#offset = timers.now - clock.now;
  }

  /** Sets both clocks to `at`, before which nothing is due, and runs what the server has there. */
  moveTo(at: Instant): void {
    this.#expectJoined();
    // No tick: it would run the client timers of this instant ahead of the server's events.
    this.#timers.now = at + this.#offset;
    this.#clock.advanceTo(at);
  }

  /** From now on no client timer runs, as in a process that is stopped. */
  freeze(): void {
    this.#isFrozen = true;
  }

  /** What came due meanwhile is due now, in the order in which it was to be. */
  thaw(): void {
    this.#isFrozen = false;
    const { timerHeap } = this.#timers as unknown as { readonly timerHeap?: TimerHeap };
    if (timerHeap === undefined) return;
    const { now } = this.#timers;
    const overdue = timerHeap.timers.filter(({ callAt }) => callAt < now);
    for (const timer of overdue) {
      timerHeap.remove(timer);
      // The library breaks ties by it.
      timer.createdAt = timer.callAt;
      timer.callAt = now;
      timerHeap.push(timer);
    }
  }

  /** When the next client timer is due, on the virtual clock; Infinity when there is none. */
  get nextClient(): number {
    if (this.#isFrozen) return Infinity;
    return nextCallAt(this.#timers) - this.#offset;
  }

  /** Runs the first of the client timers that are due next, and that one alone, at its instant. */
  runClient(): void {
    this.moveTo(instant(this.nextClient));
    this.#timers.next();
  }

  /** Runs the first server event that is due by `by`; false when none is. */
  runServer(by: Instant): boolean {
    const at = this.#clock.next;
    if (at === undefined || at > by) return false;
    this.#expectJoined();
    this.#timers.now = at + this.#offset;
    return this.#clock.runNext(by);
  }

  /** The next event's instant, or `end` if that is earlier; undefined when all is done by `end`. */
  nextStop(end: Instant): Instant | undefined {
    const server = this.#clock.next ?? Infinity;
    const next = Math.min(server, this.nextClient);
    if (next <= end) return instant(next);
    return this.#clock.now < end ? end : undefined;
  }

  #expectJoined(): void {
    invariant(this.#timers.now === this.#clock.now + this.#offset, 'joined clocks move together', {
      virtual: this.#clock.now,
      fake: this.#timers.now,
      offset: this.#offset,
    });
  }
}

interface Due {
  readonly callAt: number;
}

/** What the library keeps timers in. */
interface TimerHeap {
  readonly timers: readonly { callAt: number; createdAt: number }[];
  remove(timer: object): void;
  push(timer: object): void;
}

/** No method of the library tells when the next timer is due: this reads what it keeps. */
function nextCallAt(timers: FakeClockLike): number {
  const { timerHeap } = timers as { readonly timerHeap?: { peek(): Due | undefined } };
  const top = timerHeap?.peek();
  if (top !== undefined && top.callAt >= timers.now) return top.callAt;
  let first = Infinity;
  for (const { callAt } of pendingTimers(timers)) {
    // A timer of the past never runs; the library passes over it as well.
    if (callAt >= timers.now && callAt < first) first = callAt;
  }
  return first;
}

/** A `Map` by id in fake-timers 15.5, a plain object in 15.0. */
function pendingTimers(clock: FakeClockLike): Iterable<Due> {
  const { timers } = clock as { readonly timers?: object };
  if (timers === undefined) return [];
  return timers instanceof Map ? timers.values() : Object.values(timers);
}

/** Sets a timer, looks whether it is where it is looked for, and takes it back. */
function showsItsTimers(timers: FakeClockLike): boolean {
  const id = timers.setTimeout(() => {}, 1);
  let found = false;
  for (const { callAt } of pendingTimers(timers)) found ||= callAt === timers.now + 1;
  timers.clearTimeout(id);
  return found;
}
