/** One id per rule, used everywhere: in the docs, in the model, at its branches, in titles. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { RULE_IDS } from '../../src/model/index.ts';
import { sourceFiles } from './source-files.ts';

const ID = /\b(?:CONST|GRANT|REVOKE|KA|TTL|LIST|EXP|KV|RESTART|CKPT)-\d\d\b/g;

const idsIn = (text: string): Set<string> => new Set(text.match(ID));

const docs = readFileSync(
  fileURLToPath(new URL('../../docs/SEMANTICS.md', import.meta.url)),
  'utf8',
);

test('the rules that the docs call modelled are those of the model', () => {
  const modelled = [...docs.matchAll(/^### ([A-Z]+-\d+).*\n+Status: modelled$/gm)].map(
    ([, id]) => id ?? '',
  );
  expect(new Set(modelled)).toEqual(new Set(RULE_IDS));
  expect(modelled).toHaveLength(RULE_IDS.length);
});

test('every rule stands at a branch of the model', () => {
  expect(unnamedIn('src/model')).toEqual([]);
});

/** Rules that the simulator follows elsewhere than at a branch of its own. */
const WITHOUT_BRANCH: readonly string[] = [
  // Whoever makes its settings checks them: it only asserts that they are legal.
  'CONST-03',
];

test('every rule stands at a branch of the simulator', () => {
  expect(unnamedIn('src/simulator')).toEqual(WITHOUT_BRANCH);
});

/** Rules that no comment of a folder has, the lists of ids aside. */
const unnamedIn = (folder: string): readonly string[] => {
  const comments: string[] = [];
  for (const [path, text] of sourceFiles(folder)) {
    if (path.endsWith('rules.ts')) continue;
    comments.push(...(text.match(/\/\/.*|\/\*\*[\s\S]*?\*\//g) ?? []));
  }
  const found = idsIn(comments.join('\n'));
  return RULE_IDS.filter((id) => !found.has(id));
};

test('every rule is the title of a property or of a case', () => {
  const titles: string[] = [];
  for (const folder of ['properties', 'test']) {
    for (const [, text] of sourceFiles(folder)) titles.push(...(text.match(/['"`].*['"`]/g) ?? []));
  }
  const found = idsIn(titles.join('\n'));
  expect(RULE_IDS.filter((id) => !found.has(id))).toEqual([]);
});

test('no id is used that the docs do not know', () => {
  const known = idsIn(docs);
  for (const folder of ['src', 'properties', 'test']) {
    for (const [path, text] of sourceFiles(folder)) {
      const unknown = [...idsIn(text)].filter((id) => !known.has(id));
      expect({ path, unknown }).toEqual({ path, unknown: [] });
    }
  }
});
