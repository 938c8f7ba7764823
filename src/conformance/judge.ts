/** From what happened in the run of one case to its verdict. */
import type { Token } from '../api/command.ts';
import { Coverage } from '../harness/coverage.ts';
import { verdictOn } from '../harness/check.ts';
import type { History } from '../harness/history.ts';
import type { RunResult } from '../harness/run.ts';
import type { Schedule } from '../harness/schedule.ts';
import { printSteps } from '../harness/schedule-text.ts';
import { RULES_ONLY_VIRTUAL } from '../harness/only-virtual.ts';
import { unmetExpectations } from '../harness/unmet-expectations.ts';
import type { Violation } from '../harness/verdict.ts';
import { CHECKABLE_RULES, RULES } from '../model/rules.ts';
import type { StoryCase } from './case.ts';
import { foreignIn } from './foreign.ts';
import { wordRule } from './rules.ts';
import type { CaseResult, Evidence } from './verdict.ts';

/**
 * The model judges the history. On a virtual clock what the story says must come of each step is
 * demanded as well; on a real one a busy machine may be late for any instant of a story.
 */
export const judge = (
  of: StoryCase,
  schedule: Schedule,
  history: History,
  result: RunResult,
): CaseResult => {
  const coverage = new Coverage();
  const verdict = verdictOn(history, coverage);
  const story = { schedule, history, verdict };
  const base = { case: of, story, shown: [], evidence: [], fits: [], talk: [] } as const;
  switch (verdict.kind) {
    case 'violation':
      return {
        ...base,
        verdict: 'differs',
        why: null,
        evidence: [evidenceOf(of, verdict, history, result)],
      };
    case 'inconclusive':
    case 'conformant': {
      const foreign = foreignIn(of, result);
      if (foreign?.kind === 'missing') {
        return { ...base, verdict: 'not-observable', why: foreign.why };
      }
      if (foreign !== null) {
        return { ...base, verdict: 'differs', why: null, evidence: [foreign.evidence] };
      }
      if (verdict.kind === 'inconclusive') {
        return { ...base, verdict: 'inconclusive', why: verdict.why };
      }
      const unmet =
        history.header.clock === 'virtual' ? unmetExpectations({ history, result, schedule }) : [];
      const [first] = unmet;
      if (first !== undefined) {
        const { line, expected, observed } = first;
        const rule = wordRule(of.rules[0]);
        const evidence = {
          case: of.id,
          rule,
          sent: line,
          came: observed,
          etcd: expected,
          at: history.entries.at(-1)?.at ?? 0,
        };
        return { ...base, verdict: 'differs', why: null, evidence: [evidence] };
      }
      const shown = of.rules.filter((rule) => isShown(rule, coverage, history));
      if (shown.length > 0) return { ...base, verdict: 'agrees', why: null, shown };
      const isReal = history.header.clock === 'real';
      return isReal && of.rules.every((rule) => NEVER_REAL.has(rule))
        ? { ...base, verdict: 'not-observable', why: 'a real clock does not show it' }
        : { ...base, verdict: 'inconclusive', why: TOO_LATE };
    }
  }
};

const TOO_LATE = 'the machine was too slow: the story passed by what it is about';

const NEVER_REAL: ReadonlySet<string> = RULES_ONLY_VIRTUAL;

/** A rule that the model carries has to have been met; of another one the story itself tells. */
const isShown = (rule: string, coverage: Coverage, { entries }: History): boolean => {
  const known = CHECKABLE_RULES.find((id) => id === rule);
  if (known === undefined || coverage.rules[known] > 0) return true;
  return OF_WATCHES.has(rule) && entries.some(({ kind }) => kind === 'delivery');
};

/** On a real clock these are judged by what watches delivered, beside the model. */
const OF_WATCHES: ReadonlySet<string> = new Set(['KV-22', 'KV-23', 'KV-24', 'KV-25', 'KV-26']);

const evidenceOf = (
  of: StoryCase,
  { rule, entry, expected, observed }: Violation,
  { entries }: History,
  result: RunResult,
): Evidence => {
  const shown = entries[entry];
  const token =
    shown?.kind === 'return' ? shown.token : shown?.kind === 'call' ? shown.command.token : null;
  const start = entries[0]?.at ?? 0;
  return {
    case: of.id,
    rule: `${rule}: ${RULES[rule]}`,
    sent: token === null ? '' : lineOf(token, result),
    came: observed,
    etcd: expected,
    at: Math.round((shown?.at ?? start) - start),
  };
};

/** The line of the story that a request belongs to. */
const lineOf = (token: Token, { steps }: RunResult): string => {
  const step = steps.find(({ commands }) => commands.some((each) => each.token === token))?.step;
  return step === undefined ? '' : (printSteps([{ ...step, expect: null }])[0] ?? '');
};
