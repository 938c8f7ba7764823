/** When the leader of a generated schedule is lost, and when it comes back. */
import type { Random } from '../seed.ts';
import { Countdown } from './countdown.ts';
import { previous } from './moments.ts';
import type { PlannedStep } from './schedule.ts';
import type { LeaderAction } from './server-life.ts';

/** Losses of a generated schedule at most. */
const LOSSES = 3;

/** At once, around a look for a leader, or around the end of the patience (CONST-09). */
const WAITS = [0, 1, 500, 999, 1000, 1001, 5999, 6000, 6999, 7000, 7001, 14_000];

export class LeaderDraws {
  readonly #random: Random;
  #losses = 0;
  /** Until the leader is back. */
  readonly #away = new Countdown();

  constructor(random: Random) {
    this.#random = random;
  }

  /** A loss, if there is something to lose; it stays away for long enough that requests wait. */
  lost(): LeaderAction | undefined {
    if (this.#away.isRunning || this.#losses === LOSSES) return undefined;
    this.#losses += 1;
    this.#away.start(1 + this.#random.below(12));
    return { kind: 'leader', change: 'lost' };
  }

  /** Its return, once it is time. */
  due(): PlannedStep | undefined {
    if (!this.#away.due()) return undefined;
    return { at: previous(this.#random.pick(WAITS)), action: { kind: 'leader', change: 'back' } };
  }

  /** After a restart it is there. */
  restarted(): void {
    this.#away.stop();
  }
}
