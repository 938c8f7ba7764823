/** When the server of a generated schedule is slow to apply, and when it catches up. */
import { asBytes } from '../api/bytes.ts';
import { milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { Countdown } from './countdown.ts';
import { previous } from './moments.ts';
import { type Action, type LeaseRef, PLAIN_PUT, type PlannedStep, putWith } from './schedule.ts';
import type { ApplyAction } from './server-life.ts';

/** Of a generated schedule at most. */
const STALLS = 3;

/** So many leases that two of them find no room with the others. */
const CROWD = 18;

const SLOW: ApplyAction = { kind: 'apply', change: 'slow' };

/** At once, around the end of a reader's patience (CONST-10), or of a proposal's (CONST-09). */
const WAITS = [0, 0, 1, 250, 500, 999, 1000, 1001, 3000, 6999, 7000, 7001, 14_000];

export class ApplyDraws {
  readonly #random: Random;
  #stalls = 0;
  /** What comes before it catches up. */
  readonly #story: PlannedStep[] = [];
  /** Until it catches up. */
  readonly #slow = new Countdown();

  constructor(random: Random) {
    this.#random = random;
  }

  /** That it is slow, if it is not; for long enough that requests wait. Or what leads to that. */
  stalled(): Action | undefined {
    if (this.#slow.isRunning || this.#stalls === STALLS) return undefined;
    this.#stalls += 1;
    this.#slow.start(1 + this.#random.below(this.#random.chance(1, 2) ? 4 : 14));
    return this.#random.chance(1, 4) ? this.#crowd(`S${this.#stalls}`) : SLOW;
  }

  /** CONST-06: more leases than are revoked together fall due, and one of the last gets a key. */
  #crowd(lease: LeaseRef): Action {
    const one = `${lease}.${CROWD}`;
    this.#story.push({ at: previous(this.#random.pick([0, 500, 1000])), action: SLOW });
    const offset = milliseconds(this.#random.pick([-1, 0, 1, 6999, 7000, 7001]));
    this.#story.push({ at: { from: 'turn', lease: one, offset }, action: putOn(one) });
    return { kind: 'grant', lease, count: CROWD, ttl: 2n, id: 0n };
  }

  /** That it catches up, once it is time. */
  due(): PlannedStep | undefined {
    const next = this.#story.shift();
    if (next !== undefined || !this.#slow.due()) return next;
    const action: ApplyAction = { kind: 'apply', change: 'caught up' };
    return { at: previous(this.#random.pick(WAITS)), action };
  }
}

const putOn = (lease: LeaseRef): Action => putWith(PLAIN_PUT, { key: asBytes('m'), lease });
