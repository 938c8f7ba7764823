/** When the NOSPACE alarm of a generated schedule is raised and cleared. */
import type { Random } from '../seed.ts';
import { Countdown } from './countdown.ts';
import type { Action } from './schedule.ts';

export class AlarmDraws {
  readonly #random: Random;
  /** Until the alarm is cleared. */
  readonly #raised = new Countdown();

  constructor(random: Random) {
    this.#random = random;
  }

  action(): Action {
    const random = this.#random;
    const action = random.pick(['raise', 'raise', 'raise', 'list', 'clear'] as const);
    if (action === 'raise') this.#raised.start(2 + random.below(7));
    return { kind: 'alarm', action };
  }

  /** An alarm that was raised is cleared after a while: little else can happen before. */
  due(): Action | undefined {
    return this.#raised.due() ? { kind: 'alarm', action: 'clear' } : undefined;
  }
}
