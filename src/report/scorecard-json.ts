/** A scorecard as one JSON object, and back as far as two of them can be compared. */
import { DecodeError, isObject, unexpected } from '../api/codec.ts';
import { type Scorecard, totals, type VerdictKind, VERDICTS } from '../conformance/verdict.ts';

export const SCORECARD_SCHEMA = 'leasehold-conform/1';

export const scorecardJson = (card: Scorecard): string => {
  const { target, semantics, chosen, likeness, rules, cases, cut } = card;
  const value = {
    schema: SCORECARD_SCHEMA,
    command: 'conform',
    target,
    semantics,
    chosen,
    likeness,
    rules: rules.map(({ id, title, verdict, why, cases: names, evidence }) => ({
      id,
      title,
      verdict,
      why: why ?? undefined,
      cases: names,
      evidence,
    })),
    cases: cases.map((each) => ({
      id: each.case.id,
      rules: each.case.rules,
      verdict: each.verdict,
      why: each.why ?? undefined,
    })),
    totals: totals(rules),
    ...(cut === null ? {} : { cut }),
  };
  return `${JSON.stringify(value)}\n`;
};

/** What a comparison needs of a scorecard in a file. */
export interface SavedScorecard {
  readonly target: string;
  readonly verdicts: ReadonlyMap<string, VerdictKind>;
}

/** Throws `DecodeError`. */
export const readScorecard = (content: string): SavedScorecard => {
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch {
    throw new DecodeError('found no JSON, expected what conform --json printed');
  }
  if (!isObject(value) || value['schema'] !== SCORECARD_SCHEMA) {
    const schema = isObject(value) ? value['schema'] : undefined;
    throw unexpected(schema, `"${SCORECARD_SCHEMA}"`).within('schema');
  }
  const { rules, target } = value;
  if (!Array.isArray(rules)) throw unexpected(rules, 'a list').within('rules');
  const verdicts = new Map(rules.map((rule: unknown, at) => verdictOf(rule, at)));
  const named = isObject(target) ? target : {};
  return { target: `${String(named['name'])} ${String(named['version'])}`, verdicts };
};

const verdictOf = (rule: unknown, at: number): [string, VerdictKind] => {
  const id = isObject(rule) ? rule['id'] : undefined;
  const given = isObject(rule) ? rule['verdict'] : undefined;
  const verdict = VERDICTS.find((kind) => kind === given);
  if (typeof id !== 'string') throw unexpected(id, 'a rule').within(`rules[${at}].id`);
  if (verdict === undefined) {
    throw unexpected(given, VERDICTS.join(', ')).within(`rules[${at}].verdict`);
  }
  return [id, verdict];
};

/** What changed from `before` to `after`, a line a rule; empty: nothing. */
export const changedVerdicts = (before: SavedScorecard, after: SavedScorecard): readonly string[] =>
  [...new Set([...before.verdicts.keys(), ...after.verdicts.keys()])].flatMap((id) => {
    const [was, is] = [before.verdicts.get(id) ?? 'absent', after.verdicts.get(id) ?? 'absent'];
    return was === is ? [] : [`${id}: ${was} → ${is}`];
  });
