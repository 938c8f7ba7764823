/** What a checker has found in a history. */
import type { Instant } from '../api/units.ts';
import { RULES, type RuleId } from '../model/index.ts';

/** A rule is broken. */
export interface Finding {
  /** The entry of the history that shows it, from 0. */
  readonly entry: number;
  readonly rule: RuleId;
  readonly expected: string;
  readonly observed: string;
}

/** In one line, with the rule as it reads. */
export const explained = ({ rule, expected, observed }: Finding, now: Instant): string =>
  `${RULES[rule]}: at ${now} ms expected ${expected}, saw ${observed}`;
