/**
 * What a series of histories exercised: entries into the branches that carry rules, and cases that
 * must occur.
 */
import { CHECKABLE_RULES, type RuleId } from '../model/index.ts';
import { SOMETIMES, type Sometimes } from './sometimes.ts';

/** Lists that are counted by themselves, at most. */
const LISTS = 512;

export class Coverage {
  readonly #rules = new Tally(CHECKABLE_RULES);
  readonly #sometimes = new Tally(SOMETIMES);
  /**
   * How often each list of rules was entered that is not in the tally yet: nearly always it is one
   * of a few, and to count it takes a fraction of the time that its rules take.
   */
  readonly #lists = new Map<readonly RuleId[], { count: number }>();
  /** The list that was entered last, which is mostly entered again, and how often it was. */
  #last: readonly RuleId[] = [];
  #times = { count: 0 };

  /** Entries into the branches that carry each rule. */
  get rules(): Readonly<Record<RuleId, number>> {
    this.#tallyLists();
    return this.#rules.counts;
  }

  get sometimes(): Readonly<Record<Sometimes, number>> {
    return this.#sometimes.counts;
  }

  entered(rules: readonly RuleId[]): void {
    if (rules !== this.#last) {
      this.#times = this.#timesOf(rules);
      this.#last = rules;
    }
    this.#times.count += 1;
  }

  #timesOf(rules: readonly RuleId[]): { count: number } {
    const known = this.#lists.get(rules);
    if (known !== undefined) return known;
    if (this.#lists.size === LISTS) this.#tallyLists();
    const times = { count: 0 };
    this.#lists.set(rules, times);
    return times;
  }

  #tallyLists(): void {
    for (const [rules, { count }] of this.#lists) {
      for (const rule of rules) this.#rules.add(rule, count);
    }
    this.#lists.clear();
    this.#last = [];
  }

  /** Bound, to be handed on. */
  readonly saw = (what: Sometimes): void => {
    this.#sometimes.add(what, 1);
  };

  /** Adds what another one saw, such as that of a worker. */
  add({ rules, sometimes }: Pick<Coverage, 'rules' | 'sometimes'>): void {
    for (const id of CHECKABLE_RULES) this.#rules.add(id, rules[id]);
    for (const id of SOMETIMES) this.#sometimes.add(id, sometimes[id]);
  }
}

/** A map of counters: to count in an object of so many names takes three times as long. */
class Tally<Name extends string> {
  readonly #counters: ReadonlyMap<Name, { count: number }>;

  constructor(names: readonly Name[]) {
    this.#counters = new Map(names.map((name) => [name, { count: 0 }]));
  }

  add(name: Name, times: number): void {
    const counter = this.#counters.get(name);
    if (counter !== undefined) counter.count += times;
  }

  get counts(): Record<Name, number> {
    const counts = [...this.#counters].map(([name, { count }]) => [name, count] as const);
    return Object.fromEntries(counts) as Record<Name, number>;
  }
}
