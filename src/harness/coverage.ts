/**
 * What a series of histories exercised: entries into the branches that carry rules, and cases that
 * must occur.
 */
import { CHECKABLE_RULES, type RuleId } from '../model/index.ts';
import { SOMETIMES, type Sometimes } from './sometimes.ts';

/** A list of rules, and how often it was entered. */
interface Entered {
  readonly rules: readonly RuleId[];
  count: number;
}

/** No step has this list. */
const NOTHING: Entered = { rules: [], count: 0 };

/** Lists that are counted by themselves, at most. */
const LISTS = 512;

export class Coverage {
  readonly #rules = new Tally(CHECKABLE_RULES);
  readonly #sometimes = new Tally(SOMETIMES);
  /**
   * How often each list of rules was entered that is not in the tally yet: nearly always it is one
   * of a few, and to count it takes a fraction of the time that its rules take.
   */
  readonly #lists = new Map<readonly RuleId[], Entered>();
  /** The last one of them, which is mostly entered again. */
  #last = NOTHING;

  /** Entries into the branches that carry each rule. */
  get rules(): Readonly<Record<RuleId, number>> {
    this.#tallyLists();
    return this.#rules.counts;
  }

  get sometimes(): Readonly<Record<Sometimes, number>> {
    return this.#sometimes.counts;
  }

  entered(rules: readonly RuleId[]): void {
    if (rules !== this.#last.rules) this.#last = this.#listOf(rules);
    this.#last.count += 1;
  }

  #listOf(rules: readonly RuleId[]): Entered {
    const known = this.#lists.get(rules);
    if (known !== undefined) return known;
    if (this.#lists.size === LISTS) this.#tallyLists();
    const list = { rules, count: 0 };
    this.#lists.set(rules, list);
    return list;
  }

  #tallyLists(): void {
    for (const { rules, count } of this.#lists.values()) {
      for (const rule of rules) this.#rules.add(rule, count);
    }
    this.#lists.clear();
    this.#last = NOTHING;
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
