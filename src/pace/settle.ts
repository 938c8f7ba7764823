/**
 * Waits until a process has done all it can do without time going on: until several turns of the
 * event loop in a row have passed in which nothing stirred.
 *
 * What stirs is counted by whoever moves bytes (`Stirring`); work of the thread pool is asked of
 * Node. Of promises and callbacks nothing needs to be known: a turn runs all that are ready.
 */

/** Something that shows whether anything happens. */
export interface Stirring {
  /** Grows with each thing that happens. */
  readonly activity: number;
  /** What has begun and is sure to be heard of again. */
  readonly underWay?: number;
}

export interface SettleOptions {
  /** How many quiet turns are enough, 3 at least; default 4. */
  readonly quietTurns?: number;
  /** Turns after which it gives up; default 10,000. */
  readonly turnLimit?: number;
  /** Real milliseconds that work outside of JavaScript may take; default 10,000. */
  readonly patienceMs?: number;
  /**
   * Other processes have a part in it, and stir when they please: to be quiet is not to be done
   * then, and after `turnLimit` turns without rest it is left at that.
   */
  readonly isShared?: boolean;
}

/** The code does not come to rest, or came too late; `message` says what to do. */
export class Unsettled extends Error {
  override readonly name = 'Unsettled';
}

// Taken before anybody replaces them by fakes.
const realSetImmediate = setImmediate;
const realSetTimeout = setTimeout;
const realNow = performance.now.bind(performance);

export class Settler {
  readonly #sources: readonly Stirring[];
  readonly #quietTurns: number;
  readonly #turnLimit: number;
  readonly #patienceMs: number;
  readonly #isShared: boolean;
  /** The longest run of quiet turns that was followed by something after all. */
  maxGap = 0;
  /** Turns of the event loop so far. */
  turns = 0;
  #own = 0;
  /** What had been counted when it was settled last. */
  #settledAt = -1;

  constructor(sources: readonly Stirring[], options: SettleOptions = {}) {
    this.#sources = sources;
    this.#quietTurns = options.quietTurns ?? 4;
    this.#turnLimit = options.turnLimit ?? 10_000;
    this.#patienceMs = options.patienceMs ?? 10_000;
    this.#isShared = options.isShared ?? false;
    if (!(Number.isSafeInteger(this.#quietTurns) && this.#quietTurns >= 3)) {
      throw new RangeError(`quietTurns ${this.#quietTurns}: a whole number from 3 on is needed`);
    }
  }

  /** Counts as something that happened. */
  stir(): void {
    this.#own += 1;
  }

  /** Settles, unless nothing was counted since it was settled last. */
  async settleIfStirred(): Promise<void> {
    if (this.isStirred) await this.settle();
  }

  /** Something was counted since it was settled last. */
  protected get isStirred(): boolean {
    return this.#activity() !== this.#settledAt;
  }

  async settle(): Promise<void> {
    let last = this.#activity();
    let quiet = 0;
    for (let turn = 0; ; turn += 1) {
      if (turn >= this.#turnLimit) {
        if (this.#isShared) break;
        const what = `no rest after ${this.#turnLimit} turns of the event loop`;
        throw new Unsettled(`${what}: is something repeated without a pause? else raise turnLimit`);
      }
      await nextTurn();
      this.turns += 1;
      const activity = this.#activity();
      const isStill = activity === last && this.#underWay() === 0;
      if (!isStill && quiet > this.maxGap) this.maxGap = quiet;
      last = activity;
      quiet = isStill ? quiet + 1 : 0;
      if (quiet < this.#quietTurns) continue;
      if (this.#isShared || !(await this.#elsewhere())) break;
      quiet = 0;
    }
    this.#settledAt = last;
    if (!this.#isShared) this.#checkGap();
  }

  /** A gap that was nearly as long as what is taken for rest: the next may be longer. */
  #checkGap(): void {
    if (this.maxGap <= this.#quietTurns - 2) return;
    const gap = `the code went on after ${this.maxGap} quiet turns of the event loop`;
    this.maxGap = 0;
    throw new Unsettled(`${gap}, and ${this.#quietTurns} are taken for rest: raise quietTurns`);
  }

  /** Waits for what is done outside of JavaScript; false when there was nothing. */
  async #elsewhere(): Promise<boolean> {
    if (workElsewhere() === undefined) return false;
    const began = realNow();
    for (;;) {
      const work = workElsewhere();
      if (work === undefined) return true;
      if (realNow() - began > this.#patienceMs) {
        throw new Unsettled(`${work} is still under way after ${this.#patienceMs} ms`);
      }
      await new Promise((resolve) => realSetTimeout(resolve, 1));
    }
  }

  #activity(): number {
    let sum = this.#own;
    for (const { activity } of this.#sources) sum += activity;
    return sum;
  }

  #underWay(): number {
    let sum = 0;
    for (const { underWay } of this.#sources) sum += underWay ?? 0;
    return sum;
  }
}

const nextTurn = (): Promise<void> =>
  new Promise((resolve) => {
    realSetImmediate(resolve);
  });

/** Files, looking up names, connecting: requests that come back by themselves. */
const ELSEWHERE =
  /^(FSReq|(FileHandle)?CloseReq|GetAddrInfoReq|GetNameInfoReq|QueryReq|TCPConnect|PipeConnect)/;

const workElsewhere = (): string | undefined =>
  process.getActiveResourcesInfo().find((name) => ELSEWHERE.test(name));
