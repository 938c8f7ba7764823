/**
 * A server's clock in the hand of whoever tests with it, in this process or in another: it stands
 * still until it is advanced, or runs at a rate, or is the real time.
 */
import { type Instant, instant } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { Lockstep } from './lockstep.ts';
import { Pacer, REAL_TIME, type RealTime } from './pacer.ts';
import { Settler, type Stirring } from './settle.ts';

export interface SteeredClockOptions {
  readonly clock: VirtualClock;
  /** The server whose work is waited for. */
  readonly server: Stirring;
  /** Virtual milliseconds for each real one; 0: it stands still. */
  readonly rate?: number;
  /** It runs as real time does, and nobody can change that. */
  readonly isReal?: boolean;
  readonly realTime?: RealTime;
}

/** What the clock shows. */
export interface ClockFace {
  /** Milliseconds since the server began. */
  readonly now: number;
  /** When something is due next, such as a turn of the expiry loop; null: nothing is. */
  readonly next: number | null;
  /** `virtual`: somebody moves it. */
  readonly mode: 'real' | 'virtual';
  /** Virtual milliseconds for each real one; 0: it stands still. */
  readonly rate: number;
}

/** The clock does not take that: it is the real time, or the number is none it can take. */
export class ClockRefusal extends Error {
  override readonly name = 'ClockRefusal';
  readonly reason: 'real' | 'number' | 'busy';

  constructor(reason: ClockRefusal['reason'], message: string) {
    super(message);
    this.reason = reason;
  }
}

export const MAX_RATE = 10_000;

/** How long connections with other processes have to be silent to be taken for quiet. */
const SILENCE_MS = 20;

/** How long such a silence is waited for. */
const PATIENCE_MS = 10_000;

/** After each event: what it causes here is done in a few turns, whatever clients ask meanwhile. */
const SETTLING = { isShared: true, turnLimit: 20 };

export class SteeredClock {
  readonly #clock: VirtualClock;
  readonly #isReal: boolean;
  readonly #server: Stirring;
  readonly #realTime: RealTime;
  readonly #lockstep: Lockstep;
  #pacer: Pacer | undefined;
  /** Those who want to move it come one after the other. */
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: SteeredClockOptions) {
    const { clock, server } = options;
    this.#clock = clock;
    this.#server = server;
    this.#isReal = options.isReal === true;
    this.#realTime = options.realTime ?? REAL_TIME;
    this.#lockstep = new Lockstep({ clock, settler: new Settler([server], SETTLING) });
    this.#run(this.#isReal ? 1 : (options.rate ?? 0));
  }

  /** Brings the clock up to the present when it runs: before a request is carried out. */
  catchUp(): void {
    this.#pacer?.catchUp();
  }

  get now(): Instant {
    this.catchUp();
    return this.#clock.now;
  }

  get face(): ClockFace {
    const { now } = this;
    const mode = this.#isReal ? 'real' : 'virtual';
    return { now, next: this.#clock.next ?? null, mode, rate: this.#pacer?.rate ?? 0 };
  }

  /**
   * Moves the clock on by `by` milliseconds. When it resolves, what was due on the way has
   * happened in order: leases are gone, and watch events and answers are written to the sockets.
   */
  advance(by: number): Promise<ClockFace> {
    return this.#inTurn(() => this.#move((now) => now + by));
  }

  /** Moves the clock to `to`, which must not have passed. */
  advanceTo(to: number): Promise<ClockFace> {
    return this.#inTurn(() => this.#move(() => to));
  }

  /** Lets the clock run at `rate`, from 0 (it stands still) to 10,000. */
  setRate(rate: number): Promise<ClockFace> {
    return this.#inTurn(() => {
      this.#expectVirtual();
      if (!(rate >= 0 && rate <= MAX_RATE)) {
        throw new ClockRefusal('number', `a rate is a number from 0 to ${MAX_RATE}`);
      }
      this.#run(rate);
    });
  }

  standStill(): Promise<ClockFace> {
    return this.setRate(0);
  }

  /**
   * Waits until no request is under way and connections have been silent for a moment. Refuses when
   * there is no such moment within ten seconds. The clock may be moved meanwhile.
   */
  async quiet(): Promise<ClockFace> {
    await this.#queue;
    const began = this.#realTime.now();
    for (let before = -1; before !== this.#server.activity; ) {
      if (this.#realTime.now() - began > PATIENCE_MS) {
        throw new ClockRefusal('busy', `clients did not pause for ${SILENCE_MS} ms`);
      }
      await this.#lockstep.settle();
      before = this.#server.activity;
      await new Promise<void>((resolve) => this.#realTime.after(SILENCE_MS, resolve));
    }
    return this.face;
  }

  /** Ends its timers. */
  close(): void {
    this.#run(0);
  }

  /** `target`: of what the clock shows once it stands still. */
  async #move(target: (now: Instant) => number): Promise<void> {
    this.#expectVirtual();
    const rate = this.#pacer?.rate ?? 0;
    this.#run(0);
    try {
      await this.#lockstep.advanceTo(instant(target(this.#clock.now)));
    } catch (error) {
      if (error instanceof RangeError) throw new ClockRefusal('number', error.message);
      throw error;
    } finally {
      this.#run(rate);
    }
  }

  #run(rate: number): void {
    this.#pacer?.stop();
    this.#pacer = rate === 0 ? undefined : new Pacer(this.#clock, rate, this.#realTime);
  }

  #expectVirtual(): void {
    if (this.#isReal)
      throw new ClockRefusal('real', 'this clock is the real time: nobody moves it');
  }

  #inTurn(move: () => void | Promise<void>): Promise<ClockFace> {
    const moved = this.#queue.then(async () => {
      await move();
      return this.face;
    });
    this.#queue = moved.catch(() => {});
    return moved;
  }
}
