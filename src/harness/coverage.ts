/**
 * What a series of histories exercised: entries into the branches that carry rules, and cases that
 * must occur.
 */
import { CHECKABLE_RULES, type RuleId } from '../model/index.ts';
import { SOMETIMES, type Sometimes } from './sometimes.ts';

export class Coverage {
  readonly sometimes: Record<Sometimes, number>;
  readonly #rules: Record<RuleId, number>;
  /** The list entered last, which often is the next one too, and how often in a row. */
  #last: readonly RuleId[] = [];
  #times = 0;

  constructor() {
    this.#rules = zeros(CHECKABLE_RULES);
    this.sometimes = zeros(SOMETIMES);
  }

  /** Entries into the branches that carry each rule. */
  get rules(): Readonly<Record<RuleId, number>> {
    this.#leave();
    return this.#rules;
  }

  entered(rules: readonly RuleId[]): void {
    if (rules !== this.#last) {
      this.#leave();
      this.#last = rules;
    }
    this.#times += 1;
  }

  /** Bound, to be handed on. */
  readonly saw = (what: Sometimes): void => {
    this.sometimes[what] += 1;
  };

  /** Adds what another one saw, such as that of a worker. */
  add(other: Pick<Coverage, 'rules' | 'sometimes'>): void {
    const { rules, sometimes } = other;
    for (const id of CHECKABLE_RULES) this.#rules[id] += rules[id];
    for (const id of SOMETIMES) this.sometimes[id] += sometimes[id];
  }

  #leave(): void {
    for (const rule of this.#last) this.#rules[rule] += this.#times;
    this.#times = 0;
  }
}

const zeros = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;
