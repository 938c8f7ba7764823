/** docs/FUZZ-CONTRACTS.md says what the contracts say. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { readText } from '../../structure/source-files.ts';

const TABLE = 'docs/FUZZ-CONTRACTS.md';

const INTRODUCTION = [
  '# Contracts of clients',
  '',
  'What `leasehold fuzz` judges clients by ([FUZZING.md](FUZZING.md)). Breaking a contract of',
  'safety can hurt those who rely on the client; breaking one of quality costs them time, load or',
  'patience. A client believes in a lease when it has said that it is granted, and not yet that it',
  'is lost, and nobody has told it to revoke or release it. Rules such as GO-05 and KA-03 are of',
  "the Go client and of etcd's API. How well the contracts find bugs:",
  '[FUZZ-MUTANTS.md](FUZZ-MUTANTS.md).',
  '',
  '| | What holds | | Where it comes from |',
  '|---|---|---|---|',
];

test(`${TABLE} is current`, () => {
  const rows = CONTRACTS.map(
    ({ id, title, weight, source }) => `| ${id} | ${title} | ${weight} | ${source} |`,
  );
  const text = [...INTRODUCTION, ...rows, ''].join('\n');
  if (process.env['UPDATE'] === '1') {
    writeFileSync(fileURLToPath(new URL(`../../../${TABLE}`, import.meta.url)), text);
  }
  expect(readText(TABLE), 'UPDATE=1 npx vitest run test/clients/contracts writes it').toBe(text);
});

test('each contract has an id of its own', () => {
  expect(new Set(CONTRACTS.map(({ id }) => id)).size).toBe(CONTRACTS.length);
});
