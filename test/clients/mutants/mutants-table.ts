/** The contents of docs/FUZZ-MUTANTS.md. */
import type { ClientConviction } from './conviction.ts';
import { CLIENT_MUTANTS } from './planted.ts';

export const clientMutantsTable = (convictions: ReadonlyMap<string, ClientConviction>): string =>
  [
    ...INTRODUCTION,
    '',
    '| Bug | What is wrong | Convicted by | Stories |',
    '|---|---|---|--:|',
    ...CLIENT_MUTANTS.map(({ id, note }) => {
      const conviction = convictions.get(id);
      const ids = conviction?.breaches.map(({ contract }) => contract.id).join(', ');
      return `| \`${id}\` | ${note} | ${ids ?? 'survives'} | ${conviction?.stories ?? ''} |`;
    }),
    '',
  ].join('\n');

const INTRODUCTION = [
  '# Planted bugs in a client',
  '',
  'How good are the contracts of clients? `test/clients/mutants` plants bugs in',
  'the reference client,',
  'one at a time, by a textual replacement that the test loader makes; nothing',
  'of this can be switched',
  'on in what ships. Then it runs the stories of `leasehold fuzz reference',
  '--seed 1` until one breaks the',
  'contract that the bug is about, within 500 stories. The table says which',
  'contracts that story breaks,',
  'and how many stories it took. Without a bug the reference client breaks none',
  'in the same stories.',
  '',
  'The file is written by `UPDATE=1 npx vitest run test/clients/mutants`;',
  'without `UPDATE` the tests',
  'compare it.',
];
