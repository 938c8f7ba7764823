/** The suite on trial: planted server faults, each flagged by a right rule. */
import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { conform } from '../../src/conformance/conform.ts';
import type { Case } from '../../src/conformance/case.ts';
import { targetWith } from '../mutants/conviction.ts';
import { readText } from '../structure/source-files.ts';
import { faultsDocument } from './faults-document.ts';
import { ON_VIRTUAL } from './on-trial.ts';

test('there are enough of them', () => {
  expect(ON_VIRTUAL.length).toBeGreaterThanOrEqual(50);
});

test.each(ON_VIRTUAL)('$id: $note', async ({ id, rules, config }) => {
  const target = await targetWith(id);
  const isRight = (rule: string): boolean => (rules as readonly string[]).includes(rule);
  const found = async (wanted?: (of: Case) => boolean): Promise<string[]> => {
    const semantics = config?.etcd ?? '3.5';
    const card = await conform(target, { semantics, ...(wanted && { wanted }) });
    const differing = card.rules.filter(({ verdict }) => verdict === 'differs');
    return differing.map((rule) => rule.id).filter(isRight);
  };
  // Most faults show in a case that is about their rule; some in one about something else.
  const own = await found((of) => of.rules.some(isRight));
  expect(own.length > 0 ? own : await found()).not.toEqual([]);
});

test('docs/CONFORMANCE-FAULTS.md is current', () => {
  const [name, document] = ['docs/CONFORMANCE-FAULTS.md', faultsDocument()];
  if (process.env['UPDATE'] === '1') writeFileSync(name, document);
  const otherwise = 'UPDATE=1 npx vitest run test/conformance/faults.test.ts writes it';
  expect(readText(name), otherwise).toBe(document);
});
