import { expect, test } from 'vitest';
import { RULE_IDS } from '../../src/model/rules.ts';
import { docsOf, TITLES } from '../../src/report/rule-docs.ts';
import { readText } from '../structure/source-files.ts';

test('every rule is linked to its heading in the document', () => {
  const headings = readText('docs/SEMANTICS.md').matchAll(/^### ([A-Z]+-\d+) (.+)$/gm);
  const titles = new Map([...headings].map(([, id, title]) => [id, title]));
  expect(RULE_IDS.map((id) => [id, TITLES[id]])).toEqual(
    RULE_IDS.map((id) => [id, titles.get(id)]),
  );
});

test.each([
  ['EXP-03', 'docs/SEMANTICS.md#exp-03-never-early'],
  ['KV-03', 'docs/SEMANTICS.md#kv-03-ignore_lease'],
  ['REVOKE-03', 'docs/SEMANTICS.md#revoke-03-no-keys-no-revision'],
] as const)('%s is at %s', (rule, link) => {
  expect(docsOf(rule)).toBe(link);
});
