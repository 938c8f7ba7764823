/** The clocks of a process, in our hand. Nothing here waits until it notices: see settle.ts. */
import { type ControlBlock, NO_LIMIT, REAL_TIME, type Slot } from './control-block.ts';
import type { Kernel } from './kernel.ts';
import type { Nanoseconds } from './nanoseconds.ts';
import { goOn, standStill } from './standstill.ts';

/** What the process reads at one moment. */
export interface ClockReading {
  /** Its monotonic clock, from 0 when the process was started. */
  readonly elapsed: Nanoseconds;
  /** Its monotonic clock as it reads it; begins at that of the machine. */
  readonly monotonic: Nanoseconds;
  /** Its wall clock, since 1970. */
  readonly wall: Nanoseconds;
}

/** How a clock begins. */
export interface ClockStart {
  /** The wall clock, since 1970; the machine's if absent. */
  readonly wall?: Nanoseconds | undefined;
  /** Virtual time per real time, 0 to 1000; 0, which is frozen, if absent. */
  readonly rate?: number | undefined;
}

export interface Run {
  /** Where the clock stops by itself, as `elapsed`. */
  readonly until?: Nanoseconds | undefined;
}

/** Above it a process that runs for months would overflow the 64 bits of its clock. */
export const FASTEST_RATE = 1_000;

export class WarpClock {
  readonly #kernel: Kernel;
  readonly #pid: number;
  readonly #block: ControlBlock;
  readonly #started: Nanoseconds;
  #until: Nanoseconds | undefined;
  #moves = 0;

  constructor(kernel: Kernel, pid: number, block: ControlBlock) {
    this.#kernel = kernel;
    this.#pid = pid;
    this.#block = block;
    this.#started = block.slot.monotonic;
  }

  /** What the process reads now. Reading the clock does not move it. */
  now(): ClockReading {
    return this.#at(this.#kernel.monotonic());
  }

  /** How often it has been set in any way. */
  get moves(): number {
    return this.#moves;
  }

  /** True while time stands still until we move it: frozen, or at the end of a run. */
  get isFrozen(): boolean {
    return this.#block.slot.rate === 0n || this.#isAtEnd;
  }

  /**
   * Both clocks leap ahead, frozen or running, and what timers lie between is all due at once.
   * Beyond the end of a run they stand still where they land.
   */
  jump(by: Nanoseconds): void {
    if (by < 0n) throw new RangeError(`time does not run backwards: jump by ${by} ns`);
    const raw = this.#kernel.monotonic();
    const { elapsed, monotonic, wall } = this.#at(raw);
    const moved = { elapsed: elapsed + by, monotonic: monotonic + by, wall: wall + by };
    this.#write(this.#block.slot.rate, raw, moved);
  }

  /** The wall clock alone is set, ahead or back, as by NTP or by hand. */
  stepWall(by: Nanoseconds): void {
    const raw = this.#kernel.monotonic();
    const now = this.#at(raw);
    this.#write(this.#block.slot.rate, raw, { ...now, wall: now.wall + by });
  }

  /** Time stands still from here on. */
  freeze(): void {
    this.run(0);
  }

  /** The clocks run on from where they are, at `rate` times real time: 0 freezes, 1000 is most. */
  run(rate: number, { until }: Run = {}): void {
    const fixedPoint = fixedPointOf(rate);
    if (this.isFrozen) {
      this.#run(fixedPoint, until);
      return;
    }
    // What the process reads between our look at the clock and the change must not be later than
    // what it reads after it: meanwhile it reads nothing.
    try {
      standStill(this.#kernel, this.#pid);
      this.#run(fixedPoint, until);
    } finally {
      goOn(this.#kernel, this.#pid);
    }
  }

  /** The clocks run on in real time, from where they are, without an end. */
  release(): void {
    this.run(1);
  }

  #run(rate: bigint, until: Nanoseconds | undefined): void {
    const raw = this.#kernel.monotonic();
    const now = this.#at(raw);
    if (until !== undefined && until < now.elapsed) {
      throw new RangeError(`time does not run backwards: it is ${now.elapsed} ns, not ${until} ns`);
    }
    this.#until = until;
    this.#write(rate, raw, now);
  }

  get #isAtEnd(): boolean {
    return this.#until !== undefined && this.now().elapsed >= this.#until;
  }

  #at(raw: Nanoseconds): ClockReading {
    const { monotonic, wall, ...pace } = this.#block.slot;
    const passed = passedAt(raw, pace);
    const elapsed = monotonic + passed - this.#started;
    return { elapsed, monotonic: monotonic + passed, wall: wall + passed };
  }

  #write(rate: bigint, anchor: Nanoseconds, { elapsed, monotonic, wall }: ClockReading): void {
    const left = (this.#until ?? elapsed + NO_LIMIT) - elapsed;
    const limit = left < 0n ? 0n : left;
    const slot = { rate, anchor, limit, monotonic, wall };
    checkRange(slot);
    this.#block.write(slot);
    this.#moves += 1;
  }
}

/** The slot with which a clock begins, at the raw monotonic time `raw`. */
export const slotAt = (raw: Nanoseconds, wall: Nanoseconds, rate: number): Slot => {
  const fixedPoint = fixedPointOf(rate);
  // Not below what the process may have read already: monotonic clocks do not go back.
  const slot = { rate: fixedPoint, anchor: raw, limit: NO_LIMIT, monotonic: raw, wall };
  checkRange(slot);
  return slot;
};

/** What the patched code computes, in the same arithmetic. */
const passedAt = (raw: Nanoseconds, pace: Pick<Slot, 'rate' | 'anchor' | 'limit'>): Nanoseconds => {
  const since = raw > pace.anchor ? raw - pace.anchor : 0n;
  const passed = (since * pace.rate) >> 32n;
  return passed < pace.limit ? passed : pace.limit;
};

const fixedPointOf = (rate: number): bigint => {
  if (rate >= 0 && rate <= FASTEST_RATE) return BigInt(Math.round(rate * Number(REAL_TIME)));
  throw new RangeError(`a rate is between 0 and ${FASTEST_RATE}, not ${rate}`);
};

/** A base plus any limit stays within 64 bits, and within what programs take for a date. */
const checkRange = ({ monotonic, wall }: Slot): void => {
  for (const value of [monotonic, wall]) {
    if (value >= 0n && value < LATEST) continue;
    throw new RangeError(`a clock shows between 0 and ${LATEST} ns (the year 2262), not ${value}`);
  }
};

/** 2^63 ns, the year 2262: beyond it, programs that keep nanoseconds in int64 go wrong. */
const LATEST: Nanoseconds = 1n << 63n;
