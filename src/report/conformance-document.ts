/** docs/CONFORMANCE.md: the verdicts on each rule, for several servers beside each other. */
import { type Scorecard, totals, type VerdictKind } from '../conformance/verdict.ts';

export interface NamedScorecard {
  /** Such as `etcd 3.5.30`. */
  readonly name: string;
  readonly card: Scorecard;
}

export const conformanceDocument = (cards: readonly NamedScorecard[]): string => {
  const [first] = cards;
  const rules = first === undefined ? [] : first.card.rules;
  const rows = rules.map(({ id, title }) => {
    const marks = cards.map(({ card }) => markOf(card, id));
    return `| ${id} ${title} | ${marks.join(' | ')} |`;
  });
  const counts = cards.map(({ card }) => String(totals(card.rules).agrees));
  const names = cards.map(({ name }) => name);
  return [
    ...INTRODUCTION,
    '',
    `| Rule | ${names.join(' | ')} |`,
    `|---|${names.map(() => ':-:|').join('')}`,
    ...rows,
    `| **rules that agree** | ${counts.join(' | ')} |`,
    '',
    '## What no case shows',
    '',
    ...rules
      .filter(({ id }) => cards.every(({ card }) => verdictOf(card, id) === 'not-observable'))
      .map(({ id, title, why }) => `- ${id} ${title}: ${why}.`),
    '',
  ].join('\n');
};

const INTRODUCTION = [
  '# How far servers keep the rules',
  '',
  'The verdicts of `leasehold conform` on each rule of [SEMANTICS.md](SEMANTICS.md): the ' +
    'simulator in',
  'process, judged as each minor version; the simulator behind its own wire; real etcds on a ' +
    'virtual',
  'clock, each judged as what it is; and one on the real clock, which shows less: instants to the',
  'millisecond are not to be had there, and it is not restarted. `node scripts/conformance.mjs` ' +
    'writes',
  'this page; a test compares the columns of the simulator with what it does now.',
  '',
  '✓ agrees · ✗ differs · ? inconclusive · blank: the target does not show it (it has no ' +
    'gateway, is',
  'not behind gRPC, has no users, cannot be restarted or lose its leader), or no client of one ' +
    'member can',
  'see it.',
];

const MARKS: Readonly<Record<VerdictKind, string>> = {
  agrees: '✓',
  differs: '✗',
  inconclusive: '?',
  'not-observable': ' ',
  skipped: '-',
};

const verdictOf = ({ rules }: Scorecard, id: string): VerdictKind =>
  rules.find((rule) => rule.id === id)?.verdict ?? 'not-observable';

const markOf = (card: Scorecard, id: string): string => MARKS[verdictOf(card, id)];
