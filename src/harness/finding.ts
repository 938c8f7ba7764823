/** What a checker has found in a history. */
import type { RuleId } from '../model/index.ts';

/** A rule is broken. */
export interface Finding {
  /** The entry of the history that shows it, from 0. */
  readonly entry: number;
  readonly rule: RuleId;
  readonly expected: string;
  readonly observed: string;
}
