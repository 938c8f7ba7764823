/**
 * Known, reasoned deviations, so that a server's own tests can hold the line: a line a rule, with
 * the reason behind a colon. `# …` is a comment.
 *
 *     KV-09: our transactions apply the same key twice, in order
 */
import { DecodeError } from '../api/codec.ts';
import { SPEC_RULES } from './rules.ts';
import type { RuleResult, Scorecard } from './verdict.ts';

export type Allowed = ReadonlyMap<string, string>;

/** Throws `DecodeError`, which names the line. */
export const readAllowed = (content: string): Allowed => {
  const allowed = new Map<string, string>();
  for (const [index, text] of content.split('\n').entries()) {
    const line = text.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, id = '', reason = ''] = /^([A-Z]+-\d+)\s*:\s*(\S.*)$/.exec(line) ?? [];
    const wrong = `found ${JSON.stringify(line.slice(0, 60))}, expected RULE: the reason`;
    if (id === '') throw new DecodeError(wrong, `line ${index + 1}`);
    if (!SPEC_RULES.some((rule) => rule.id === id)) {
      throw new DecodeError(`found ${id}, expected a rule of the suite`, `line ${index + 1}`);
    }
    allowed.set(id, reason);
  }
  return allowed;
};

/** The scorecard in which what is allowed to differ is skipped, with its reason. */
export const allowing = (card: Scorecard, allowed: Allowed): Scorecard => ({
  ...card,
  rules: card.rules.map((rule): RuleResult => {
    const reason = allowed.get(rule.id);
    if (reason === undefined || rule.verdict !== 'differs') return rule;
    return { ...rule, verdict: 'skipped', why: `allowed to differ: ${reason}` };
  }),
});

/** What is allowed to differ and does not: lines that can go. */
export const needless = (card: Scorecard, allowed: Allowed): readonly string[] =>
  card.rules
    .filter(({ id, verdict }) => allowed.has(id) && verdict === 'agrees')
    .map(({ id }) => id);
