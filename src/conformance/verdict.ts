/** What the suite finds. `inconclusive` is never a failure, `not-observable` never a pass. */
import type { MinorVersion } from '../api/config.ts';
import type { Schedule } from '../harness/schedule.ts';
import type { History } from '../harness/history.ts';
import type { Verdict } from '../harness/verdict.ts';
import type { Case } from './case.ts';

export type VerdictKind = 'agrees' | 'differs' | 'inconclusive' | 'not-observable' | 'skipped';

/** The shortest thing to show a maintainer: what was sent, what came, what etcd does, when. */
export interface Evidence {
  /** The case that shows it. */
  readonly case: string;
  /** The rule that is broken, and what it says. */
  readonly rule: string;
  /** The step, as the story has it; empty: nothing was sent, the server did it by itself. */
  readonly sent: string;
  readonly came: string;
  readonly etcd: string;
  /** Milliseconds from the beginning of the story. */
  readonly at: number;
}

/** What one case came to. */
export interface CaseResult {
  readonly case: Case;
  readonly verdict: VerdictKind;
  /** Why, where it does not agree or differ. */
  readonly why: string | null;
  /** One of each rule that it shows broken. */
  readonly evidence: readonly Evidence[];
  /** The rules that it shows kept. */
  readonly shown: readonly string[];
  /** The versions under which it would not differ, where it differs. */
  readonly fits: readonly MinorVersion[];
  /** What ran, for a timeline; null: nothing did. */
  readonly story: CaseStory | null;
  /** The same of a case in requests to the gateway. */
  readonly talk: readonly Talk[];
}

/** A request and its answer. */
export interface Talk {
  /** Milliseconds from the beginning of the case. */
  readonly at: number;
  readonly sent: string;
  readonly came: string;
}

export interface CaseStory {
  readonly schedule: Schedule;
  readonly history: History;
  readonly verdict: Verdict;
}

/** What all cases of a rule came to. */
export interface RuleResult {
  readonly id: string;
  readonly title: string;
  readonly section: string;
  readonly verdict: VerdictKind;
  readonly why: string | null;
  readonly cases: readonly string[];
  readonly evidence: readonly Evidence[];
}

export interface Scorecard {
  readonly target: { readonly name: string; readonly version: string; readonly clock: string };
  /** The minor version whose behaviour was expected. */
  readonly semantics: MinorVersion;
  /** Where that was taken from. */
  readonly chosen: 'asked for' | 'what it says it is' | 'the default';
  /** Other versions under which nothing differs that does under this one. */
  readonly likeness: readonly MinorVersion[];
  readonly rules: readonly RuleResult[];
  readonly cases: readonly CaseResult[];
  /** Whether something ended the suite before its end; says what. */
  readonly cut: string | null;
}

export const VERDICTS: readonly VerdictKind[] = [
  'agrees',
  'differs',
  'inconclusive',
  'not-observable',
  'skipped',
];

/** How many rules came to each verdict. */
export const totals = (rules: readonly RuleResult[]): Readonly<Record<VerdictKind, number>> => {
  const count = (kind: VerdictKind): number =>
    rules.filter(({ verdict }) => verdict === kind).length;
  return Object.fromEntries(VERDICTS.map((kind) => [kind, count(kind)])) as Record<
    VerdictKind,
    number
  >;
};
