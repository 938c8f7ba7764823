/**
 * Errors that etcd does not answer with: another code, other words, or a method that is not there.
 * The model takes each for a request that came to an unknown end, as a broken connection leaves it;
 * here they are read for what they say.
 */
import { REFUSALS, type Reason } from '../api/refusal.ts';
import type { RunResult, StepResult } from '../harness/run.ts';
import { printSteps } from '../harness/schedule-text.ts';
import type { StoryCase } from './case.ts';
import { wordRule } from './rules.ts';
import type { Evidence } from './verdict.ts';

export type Foreign =
  /** What the server does not have. */
  | { readonly kind: 'missing'; readonly why: string }
  /** What it says where etcd says something else. */
  | { readonly kind: 'evidence'; readonly evidence: Evidence };

/** The first of a story; null: there is none. */
export const foreignIn = (of: StoryCase, result: RunResult): Foreign | null => {
  for (const reached of result.steps) {
    for (const { kind, token } of reached.commands) {
      const said = statusIn(result.unknown.get(token) ?? '');
      if (said === null) continue;
      if (said.code === UNIMPLEMENTED) {
        return { kind: 'missing', why: `the server does not have it: ${kind}` };
      }
      const evidence = evidenceOf(of, reached, said);
      if (evidence !== null) return { kind: 'evidence', evidence };
    }
  }
  return null;
};

/** Whether an error says that the server does not have a method. */
export const isUnimplemented = (why: string): boolean => why.includes('12 UNIMPLEMENTED');

interface Said {
  readonly code: number;
  readonly text: string;
}

/** As gRPC's library words it, behind the name of an error's class at times. */
const statusIn = (why: string): Said | null => {
  const [, text, code] = /((\d+) [A-Z_]+: .*)$/s.exec(why) ?? [];
  return text === undefined ? null : { code: Number(code), text };
};

const UNIMPLEMENTED = 12;

/** What gRPC's library says of a message that is none of the protocol's. */
const UNREADABLE = /^13 INTERNAL: .*pars(e|ing)/;

/** Codes by which a server turns a request down. Others may be those of the way there. */
const DEFINITE: ReadonlySet<number> = new Set([2, 3, 5, 6, 9, 10, 11, 13]);

/** What is not the server's word on the request: broken connections, and who may ask. */
const NOT_OF_IT = /RST_STREAM|GOAWAY|auth|user|permission|\brole\b|too many requests/i;

const evidenceOf = (
  of: StoryCase,
  { step, at }: StepResult,
  { code, text }: Said,
): Evidence | null => {
  const { expect } = step;
  const sent = printSteps([{ ...step, expect: null }])[0] ?? '';
  const base = { case: of.id, sent, came: text, at: Math.round(at) } as const;
  if (UNREADABLE.test(text)) return { ...base, rule: 'WIRE-01: gRPC', etcd: 'its own message' };
  if (expect === null || !DEFINITE.has(code) || NOT_OF_IT.test(text)) return null;
  const [, reason] = /refused ([a-z-]+)/.exec(expect) ?? [];
  if (reason === undefined) return { ...base, rule: wordRule(of.rules[0]), etcd: expect };
  const { code: right, message } = REFUSALS[reason as Reason];
  return { ...base, rule: 'WIRE-09: Messages', etcd: `code ${right}: ${message}` };
};
