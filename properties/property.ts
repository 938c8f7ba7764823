/**
 * A property of histories: it names the cases it is about, and says of each what must be and what
 * was. The same cases are its `sometimes` twin: those it lists have to occur, or a green run means
 * nothing.
 */
import type { Chronicle } from './chronicle.ts';

export interface Property {
  /** The rule, and its sentence: `EXP-03: a lease never goes before its TTL has passed`. */
  readonly title: string;
  /** Every case in a history that the rule speaks of. */
  readonly cases: (chronicle: Chronicle) => Iterable<Case>;
  /** The cases that must occur over a series of runs. */
  readonly sometimes: readonly string[];
}

export interface Case {
  readonly name: string;
  /** Where in the history, from 0. */
  readonly entry: number;
  readonly expected: string;
  readonly observed: string;
}

/** A case in which something else was seen than the property demands. */
export type Finding = Case & { readonly title: string };

/**
 * The first thing in a history that is against the property, or null. Tells `saw` of every case
 * before it.
 */
export function findAgainst(
  { title, cases }: Property,
  history: Chronicle,
  saw: (name: string) => void = () => {},
): Finding | null {
  for (const found of cases(history)) {
    saw(found.name);
    if (found.expected !== found.observed) return { title, ...found };
  }
  return null;
}
