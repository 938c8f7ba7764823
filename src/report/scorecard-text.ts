/** A scorecard for a terminal: grouped by section, only what differs in full. */
import type { Evidence, RuleResult, Scorecard, VerdictKind } from '../conformance/verdict.ts';
import { totals, VERDICTS } from '../conformance/verdict.ts';

export const scorecardText = (card: Scorecard): string => {
  const { target, rules } = card;
  const sections = [...new Set(rules.map(({ section }) => section))];
  const lines = [
    `${target.name} ${target.version}, ${target.clock} clock, ${wordJudged(card)}`,
    '',
  ];
  for (const section of sections) {
    const own = rules.filter((rule) => rule.section === section);
    lines.push(`${section.padEnd(28)} ${own.map(({ verdict }) => MARKS[verdict]).join('')}`);
  }
  lines.push('', ...differing(rules), ...undecided(rules), wordTotals(card));
  lines.push(...wordLikeness(card));
  if (card.cut !== null) lines.push(`the suite did not reach its end: ${card.cut}`);
  return lines.map((line) => `${plain(line)}\n`).join('');
};

/** Whose behaviour was expected, and why. */
export const wordJudged = ({ semantics, chosen }: Scorecard): string =>
  `judged as etcd ${semantics}, ${CHOSEN[chosen]}`;

const CHOSEN: Readonly<Record<Scorecard['chosen'], string>> = {
  'asked for': 'as asked',
  'what it says it is': 'which it says it is',
  'the default': 'by default',
};

/** What it may be rather than what it was judged as: a line, or none. */
export const wordLikeness = ({ semantics, likeness }: Scorecard): readonly string[] => {
  if (likeness.length === 0) return [];
  const others = likeness.join(', ');
  return [`all that differs from etcd ${semantics} is as in ${others}: --semantics judges it so`];
};

/** `51 agree, 2 differ, …` */
export const wordTotals = ({ rules }: Scorecard): string => {
  const counts = totals(rules);
  return VERDICTS.filter((kind) => counts[kind] > 0)
    .map((kind) => `${counts[kind]} ${WORDS[kind]}`)
    .join(', ');
};

/** The lines that tell of a difference. */
export const wordEvidence = ({ rule, sent, came, etcd, at }: Evidence): readonly string[] => [
  `rule   ${rule}`,
  sent === '' ? 'sent   nothing: the server does this by itself' : `sent   ${sent}`,
  `came   ${came}`,
  `etcd   ${etcd}`,
  `when   ${at} ms after the story began`,
];

const MARKS: Readonly<Record<VerdictKind, string>> = {
  agrees: '✓',
  differs: '✗',
  inconclusive: '?',
  'not-observable': '·',
  skipped: '-',
};

const WORDS: Readonly<Record<VerdictKind, string>> = {
  agrees: 'agree',
  differs: 'differ',
  inconclusive: 'inconclusive',
  'not-observable': 'not observable',
  skipped: 'skipped',
};

const differing = (rules: readonly RuleResult[]): readonly string[] =>
  rules.filter(({ verdict }) => verdict === 'differs').flatMap(wordDifferent);

const wordDifferent = ({ id, title, evidence }: RuleResult): readonly string[] => {
  const [first, ...others] = evidence;
  if (first === undefined) return [];
  const told = [`case   ${first.case}`].concat(wordEvidence(first));
  if (others.length > 0) told.push(`also in ${others.map((one) => one.case).join(', ')}`);
  return [`✗ ${id} ${title}`].concat(
    told.map((line) => `    ${line}`),
    '',
  );
};

const undecided = (rules: readonly RuleResult[]): readonly string[] => {
  const open = rules.filter(({ verdict }) => verdict === 'inconclusive');
  if (open.length === 0) return [];
  return [...open.map(({ id, title, why }) => `? ${id} ${title}: ${why}`), ''];
};

/** Without anything that a terminal takes for a command. */
const plain = (line: string): string => line.replaceAll(/\p{Cc}+/gu, ' ');
