/** Planted bugs measure the contracts of clients: each is convicted by a right one. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { contractNamed } from '../../../src/clients/known.ts';
import { plant } from '../../mutants/plugin.ts';
import { readText, sourceFiles } from '../../structure/source-files.ts';
import { type ClientConviction, convictClient } from './conviction.ts';
import { clientMutantsTable } from './mutants-table.ts';
import { CLIENT_MUTANTS } from './planted.ts';

const TABLE = 'docs/FUZZ-MUTANTS.md';
const convictions = new Map<string, ClientConviction>();

describe('every bug that is planted in a client is convicted', () => {
  test.each(CLIENT_MUTANTS)('$id: $note', { timeout: 240_000 }, async (mutant) => {
    const conviction = await convictClient(mutant);
    if (conviction === null) throw new Error('it survives');
    convictions.set(mutant.id, conviction);
    const broken = new Set(conviction.breaches.map(({ contract }) => contract.id));
    expect(mutant.contracts.some((id) => broken.has(id))).toBe(true);
  });
});

test(`${TABLE} is current`, () => {
  const table = clientMutantsTable(convictions);
  if (process.env['UPDATE'] === '1') {
    writeFileSync(fileURLToPath(new URL(`../../../${TABLE}`, import.meta.url)), table);
  }
  expect(readText(TABLE), 'UPDATE=1 npx vitest run test/clients/mutants writes it').toBe(table);
});

describe('planting', () => {
  const files = sourceFiles('src/clients/reference');

  test('each bug has a name of its own', () => {
    expect(new Set(CLIENT_MUTANTS.map(({ id }) => id)).size).toBe(CLIENT_MUTANTS.length);
  });

  test.each(CLIENT_MUTANTS)('$id changes the source', ({ id, edits, contracts }) => {
    for (const { file } of edits) {
      const code = files.get(`src/clients/reference/${file}`) ?? '';
      expect(plant(code, file, id)).not.toBe(code);
    }
    expect(contracts.filter((id) => contractNamed(id) === undefined)).toEqual([]);
  });
});
