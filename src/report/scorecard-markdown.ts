/** A scorecard as Markdown: a table of rules for each section, then what differs. */
import type { Scorecard } from '../conformance/verdict.ts';
import { wordEvidence, wordJudged, wordLikeness, wordTotals } from './scorecard-text.ts';

export const scorecardMarkdown = (card: Scorecard): string => {
  const { target, rules } = card;
  const lines = [
    `# Lease semantics of ${target.name} ${target.version}`,
    '',
    `On a ${target.clock} clock, ${wordJudged(card)}: ${wordTotals(card)}.`,
    ...wordLikeness(card).flatMap((line) => ['', `Note: ${line}.`]),
  ];
  for (const section of new Set(rules.map((rule) => rule.section))) {
    lines.push('', `## ${section}`, '', '| Rule | | Verdict |', '|---|---|---|');
    for (const { id, title, verdict, why, section: of } of rules) {
      if (of === section) lines.push(`| ${id} | ${cell(title)} | ${verdict}${reason(why)} |`);
    }
  }
  for (const { id, title, evidence } of rules) {
    const [first] = evidence;
    if (first === undefined) continue;
    lines.push('', `## ${id} ${title} differs`, '', '```');
    lines.push(`case   ${first.case}`, ...wordEvidence(first), '```');
  }
  return lines.map((line) => `${line}\n`).join('');
};

const reason = (why: string | null): string => (why === null ? '' : `: ${cell(why)}`);

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
