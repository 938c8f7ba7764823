/** The programs of a world: each runs when it is due or has mail, and rests otherwise. */
import { instant } from '../../api/units.ts';
import type { Timer, VirtualClock } from '../../clock/virtual-clock.ts';
import { Settler, type Stirring, Unsettled } from '../../pace/index.ts';
import { holdReaper, WarpFailed } from '../../timewarp/index.ts';
import { turn } from '../../timewarp/waiting.ts';
import { Program, type ProgramOptions, type Times } from './program.ts';

/** A program from when somebody wants it. */
export interface Running {
  /** Tells it to end, now or once it has started. */
  signal(name: NodeJS.Signals): void;
  /** Tells it a line, now or once it has started. */
  tell(line: string): void;
}

export interface ProgramsOptions {
  readonly clock: VirtualClock;
  /** The wall clock of programs, milliseconds since 1970. */
  readonly wall: () => number;
}

export class Programs {
  readonly #clock: VirtualClock;
  readonly #wall: () => number;
  readonly #programs: Program[] = [];
  #starting: Promise<void>[] = [];
  #failure: Error | null = null;
  #isAsleep = false;
  #alarm: Timer | undefined;
  /** There is hardly a moment without programs, and each would start what guards them anew. */
  readonly #releaseReaper = holdReaper();

  constructor({ clock, wall }: ProgramsOptions) {
    this.#clock = clock;
    this.#wall = wall;
  }

  start(options: ProgramOptions): Running {
    let wanted: NodeJS.Signals | undefined;
    const untold: string[] = [];
    let program: Program | undefined;
    // One after the other: they are told apart by the order in which they came.
    const before = this.#starting.at(-1);
    const start = async (): Promise<void> => {
      await before;
      try {
        program = await Program.start(options, this.#times);
        this.#programs.push(program);
        for (const line of untold) program.tell(line);
        if (wanted !== undefined) program.signal(wanted);
      } catch (error) {
        this.#failure ??= error as Error;
      }
    };
    this.#starting.push(start());
    return {
      signal: (name) => {
        if (program === undefined) wanted ??= name;
        else program.signal(name);
      },
      tell: (line) => {
        if (program === undefined) untold.push(line);
        else program.tell(line);
      },
    };
  }

  /** None of them runs, and nothing is read of what is sent to them, until `thaw`. */
  freeze(): void {
    this.#isAsleep = true;
  }

  thaw(): void {
    this.#isAsleep = false;
  }

  /**
   * Runs what is due at this instant; true when something came of it, or has still to come. What
   * one of them has sent is dealt with here, by `settle`, before that of the next is looked at.
   */
  async rest(settle: () => Promise<void>): Promise<boolean> {
    await this.#allStarted();
    if (this.#isAsleep) return false;
    const due = this.#programs.filter((program) => program.isDue(this.#clock.now));
    for (const program of due) program.give(this.#times);
    for (const program of due) await program.settle(this.#times);
    // What they have sent last is read in one turn, and what became of that in another.
    await turn();
    await turn();
    let isStirred = false;
    for (const program of due) {
      if (!program.deliver()) continue;
      isStirred = true;
      await settle();
    }
    return isStirred || due.some(({ isUntold }) => isUntold);
  }

  /** Has `ring` called when a program is due next. */
  setAlarm(ring: () => void): void {
    if (this.#alarm !== undefined) this.#clock.cancel(this.#alarm);
    this.#alarm = undefined;
    const dueAt = Math.min(...this.#programs.map((program) => program.dueAt));
    if (dueAt === Infinity || this.#isAsleep) return;
    this.#alarm = this.#clock.schedule(instant(Math.max(dueAt, this.#clock.now)), ring);
  }

  /** Nothing of them is left. */
  async close(): Promise<void> {
    await Promise.all(this.#starting);
    await Promise.all(this.#programs.map((program) => program.close()));
    this.#releaseReaper();
  }

  async #allStarted(): Promise<void> {
    await Promise.all(this.#starting);
    this.#starting = [];
    if (this.#failure !== null) throw this.#failure;
  }

  get #times(): Times {
    const { now } = this.#clock;
    return { now, wall: BigInt(this.#wall()) * 1_000_000n };
  }
}

/** Settles this process and the programs in turn, until both are at rest. */
export class SettlerWithPrograms extends Settler {
  readonly #programs: Programs;
  /** A program is due, of which nothing is counted. */
  #hasRung = false;

  constructor(sources: readonly Stirring[], programs: Programs) {
    super(sources);
    this.#programs = programs;
  }

  override async settle(): Promise<void> {
    await this.#settle(true);
  }

  /** Where programs alone are due this process has nothing to do before they have. */
  override async settleIfStirred(): Promise<void> {
    if (this.isStirred || this.#hasRung) await this.#settle(this.isStirred);
  }

  async #settle(isFirst: boolean): Promise<void> {
    this.#hasRung = false;
    try {
      for (let rounds = 0; ; rounds += 1) {
        if (this.isStirred || (isFirst && rounds === 0)) await super.settle();
        if (!(await this.#programs.rest(() => super.settle()))) break;
        if (rounds > MOST_ROUNDS) throw new Unsettled('the programs do not come to rest');
      }
    } catch (error) {
      throw error instanceof WarpFailed ? new Unsettled(error.message) : error;
    }
    this.#programs.setAlarm(() => {
      this.#hasRung = true;
    });
  }
}

const MOST_ROUNDS = 10_000;
