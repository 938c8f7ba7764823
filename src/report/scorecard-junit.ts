/** A scorecard as JUnit's XML, which build servers read: a test case a rule. */
import type { RuleResult, Scorecard } from '../conformance/verdict.ts';
import { totals } from '../conformance/verdict.ts';
import { wordEvidence } from './scorecard-text.ts';
import { escaped } from './markup.ts';

export const scorecardJunit = (card: Scorecard): string => {
  const { target, rules } = card;
  const counts = totals(rules);
  const skipped = rules.length - counts.agrees - counts.differs;
  const name = escaped(`leasehold conform ${target.name} ${target.version}`);
  const suite = `name="${name}" tests="${rules.length}" failures="${counts.differs}"`;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${suite} skipped="${skipped}">`,
    `<testsuite ${suite} skipped="${skipped}">`,
    ...rules.map(testCase),
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
};

const testCase = (rule: RuleResult): string => {
  const { id, title, section, verdict, why, evidence } = rule;
  const head = `<testcase classname="${escaped(section)}" name="${escaped(`${id} ${title}`)}"`;
  if (verdict === 'agrees') return `${head}/>`;
  const [first] = evidence;
  if (verdict === 'differs' && first !== undefined) {
    const told = escaped(wordEvidence(first).join('\n'));
    return `${head}><failure message="${escaped(first.rule)}">${told}</failure></testcase>`;
  }
  return `${head}><skipped message="${escaped(`${verdict}: ${why ?? ''}`)}"/></testcase>`;
};
