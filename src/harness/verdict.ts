/** What a check finds. Inconclusive is never a pass. */
import { RULES, type RuleId } from '../model/index.ts';

export type Verdict =
  | { readonly kind: 'conformant' }
  | Violation
  /** A limit was reached before the history was judged. */
  | { readonly kind: 'inconclusive'; readonly why: string };

export interface Violation {
  readonly kind: 'violation';
  /** The rule that is broken. */
  readonly rule: RuleId;
  /** The entry of the history, from 0, at which no explanation was left. */
  readonly entry: number;
  /** One sentence: what the rule demands here and what was seen. */
  readonly explanation: string;
  readonly expected: string;
  readonly observed: string;
}

export const CONFORMANT: Verdict = { kind: 'conformant' };

/** The target went away before the end. */
export const wentAway = ({ why }: { readonly why: string }): Verdict => ({
  kind: 'inconclusive',
  why: `the target went away: ${why}`,
});

export const violation = (
  rule: RuleId,
  entry: number,
  expected: string,
  observed: string,
): Violation => {
  const explanation = `${RULES[rule]}: expected ${expected}, saw ${observed}`;
  return { kind: 'violation', rule, entry, explanation, expected, observed };
};
