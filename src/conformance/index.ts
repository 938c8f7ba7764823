/** The conformance suite: how far a server keeps etcd's lease rules. */
export { type Allowed, allowing, needless, readAllowed } from './allow.ts';
export type { Case, Need } from './case.ts';
export { CASES } from './cases.ts';
export { conform, type ConformOptions } from './conform.ts';
export { SPEC_RULES, type SpecRule } from './rules.ts';
export {
  type CaseResult,
  type Evidence,
  type RuleResult,
  type Scorecard,
  totals,
  type VerdictKind,
} from './verdict.ts';
