/** How much time a generated schedule takes. */
import { after, type Instant, instant, type Milliseconds, milliseconds } from '../api/units.ts';
import type { Random } from '../seed.ts';
import { HORIZON, previous } from './moments.ts';
import { type Action, type ScheduleStep, stepWith } from './schedule.ts';
import type { Kind } from './swarm.ts';

export interface SpanOptions {
  /** On a real clock: short lifetimes, no leaps, no backlogs. */
  readonly clock: 'virtual' | 'real';
  /**
   * Letting time pass is work for the target, and so are thousands of requests: most schedules are
   * brief, a few have time for what needs minutes, and backlogs are rare. Default: no.
   */
  readonly timeIsDear?: boolean;
}

export class Span {
  /** No lease is waited for that expires later. */
  readonly ends: Instant;
  /** Nothing happens later; null: nobody cares. */
  readonly #over: Instant | null;

  constructor(random: Random, { clock, timeIsDear = false }: SpanOptions, kinds: readonly Kind[]) {
    // Checkpoints need minutes, and a restart to be seen.
    const [share, of] = kinds.includes('restart') ? [1, 5] : [1, 50];
    const isBrief = timeIsDear && !random.chance(share, of);
    this.ends = instant(isBrief ? BRIEF_ENDS : HORIZON[clock]);
    this.#over = isBrief ? instant(BRIEF) : null;
  }

  /** Whether there is time for checkpoints. */
  get isLong(): boolean {
    return this.#over === null;
  }

  /** The step as there is time for it; `at`: when it would happen, which is `now` or later. */
  fitted(step: ScheduleStep, now: Instant, at: Instant): ScheduleStep {
    // Clients may take a lease for one that lives for ages, where they did not hear of its grant.
    if (at > after(now, FURTHEST))
      return this.fitted(stepWith(step, { at: previous(0) }), now, now);
    if (this.#over === null) return step;
    const isLate = at > this.#over;
    const soon = isLate ? stepWith(step, { at: previous(0) }) : step;
    const takes = durationOf(step.action);
    return after(isLate ? now : at, takes) > this.#over
      ? stepWith(soon, { client: 1, action: { kind: 'leases' } })
      : soon;
  }
}

/** No step is further ahead of the one before it. */
const FURTHEST = milliseconds(3_600_000);

const BRIEF = milliseconds(30_000);
/** Before it is over, leases that were waited for have gone. */
const BRIEF_ENDS = milliseconds(28_000);

const durationOf = (action: Action): Milliseconds => {
  if (action.kind === 'jump') return action.by;
  return action.kind === 'restart' ? action.down : milliseconds(0);
};
