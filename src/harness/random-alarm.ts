/** When the NOSPACE alarm of a generated schedule is raised and cleared. */
import type { Random } from '../seed.ts';
import type { Action } from './schedule.ts';

export class AlarmDraws {
  readonly #random: Random;
  /** After how many more steps the alarm is cleared; null: none was raised. */
  #raised: number | null = null;

  constructor(random: Random) {
    this.#random = random;
  }

  action(): Action {
    const random = this.#random;
    const action = random.pick(['raise', 'raise', 'raise', 'list', 'clear'] as const);
    if (action === 'raise') this.#raised = 2 + random.below(7);
    return { kind: 'alarm', action };
  }

  /** An alarm that was raised is cleared after a while: little else can happen before. */
  due(): Action | undefined {
    if (this.#raised === null) return undefined;
    this.#raised -= 1;
    if (this.#raised > 0) return undefined;
    this.#raised = null;
    return { kind: 'alarm', action: 'clear' };
  }
}
