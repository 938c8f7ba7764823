/** docs/CONFORMANCE.md says of the simulator what it does now, and names nothing that differs. */
import { expect, test } from 'vitest';
import { MINOR_VERSIONS } from '../../src/api/config.ts';
import { CASES } from '../../src/conformance/cases.ts';
import { conform } from '../../src/conformance/conform.ts';
import { simulatorTarget } from '../../src/harness/targets/simulator-target.ts';
import { conformanceDocument } from '../../src/report/conformance-document.ts';
import { readText } from '../structure/source-files.ts';

/** The cells of the table, by rule and column. */
const cells = (document: string): ReadonlyMap<string, ReadonlyMap<string, string>> => {
  const rows = document
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) => line.split('|').slice(1, -1));
  const [head = [], ...body] = rows;
  const names = head.map((name) => name.trim());
  return new Map(
    body.map((row) => [
      (row[0] ?? '').trim(),
      new Map(row.slice(1).map((cell, at) => [names[at + 1] ?? '', cell.trim()])),
    ]),
  );
};

test('docs/CONFORMANCE.md is current where the simulator is concerned', async () => {
  const cards = [];
  for (const version of MINOR_VERSIONS) {
    const card = await conform(simulatorTarget(), { semantics: version });
    cards.push({ name: `simulator ${version}`, card });
  }
  const now = cells(conformanceDocument(cards));
  const written = cells(readText('docs/CONFORMANCE.md'));
  expect([...written.keys()], 'node scripts/conformance.mjs writes it').toEqual([...now.keys()]);
  for (const [rule, row] of now) {
    for (const [name, mark] of row) {
      expect(`${rule}, ${name}: ${written.get(rule)?.get(name)}`).toBe(`${rule}, ${name}: ${mark}`);
    }
  }
});

test('nothing differs', () => {
  expect(readText('docs/CONFORMANCE.md')).not.toMatch(/\| ✗ \|/);
});

test('docs/ETCD-TESTS.md names cases that there are', () => {
  const known = new Set(CASES.map(({ id }) => id));
  const named = readText('docs/ETCD-TESTS.md')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => (line.split('|')[3] ?? '').match(/`[a-z0-9-]+`/g) ?? [])
    .map((id) => id.slice(1, -1));
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((id) => !known.has(id))).toEqual([]);
});
