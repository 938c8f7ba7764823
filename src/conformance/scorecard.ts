/** What the cases came to, rule by rule. */
import { likenessOf } from './likeness.ts';
import { SPEC_RULES, type SpecRule } from './rules.ts';
import type { CaseResult, RuleResult, Scorecard, VerdictKind } from './verdict.ts';

export const scorecard = (
  of: Pick<Scorecard, 'target' | 'semantics' | 'chosen' | 'cases' | 'cut'>,
): Scorecard => ({
  ...of,
  likeness: likenessOf(of.cases, of.semantics),
  rules: SPEC_RULES.map((rule) => ruleResult(rule, of.cases)),
});

/**
 * A rule differs when a case shows it broken, whatever that case is about; else it agrees when one
 * shows it kept. A case in which another rule broke says nothing of its own.
 */
const ruleResult = (
  { id, title, section, hidden }: SpecRule,
  all: readonly CaseResult[],
): RuleResult => {
  const about = all.filter((each) => each.case.rules.includes(id));
  const evidence = all.flatMap((each) => each.evidence.filter(({ rule }) => isOf(rule, id)));
  const cases = [
    ...new Set([...about.map((each) => each.case.id), ...evidence.map((each) => each.case)]),
  ];
  const base = { id, title, section, cases, evidence } as const;
  if (evidence.length > 0) return { ...base, verdict: 'differs', why: null };
  if (about.some(({ shown }) => shown.includes(id)))
    return { ...base, verdict: 'agrees', why: null };
  for (const verdict of UNDECIDED) {
    const found = about.find((each) => each.verdict === verdict);
    if (found !== undefined) return { ...base, verdict, why: found.why };
  }
  const broken = about.find((each) => each.verdict === 'differs')?.evidence[0];
  if (broken !== undefined) {
    return {
      ...base,
      verdict: 'inconclusive',
      why: `its case shows ${broken.rule.split(':')[0]} broken`,
    };
  }
  const late = about.length > 0;
  if (late)
    return { ...base, verdict: 'inconclusive', why: 'its story passed by what it is about' };
  return { ...base, verdict: 'not-observable', why: hidden ?? 'no case shows it' };
};

const UNDECIDED: readonly VerdictKind[] = ['inconclusive', 'not-observable', 'skipped'];

const isOf = (rule: string, id: string): boolean => rule === id || rule.startsWith(`${id}:`);
