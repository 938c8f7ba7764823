/** The contents of docs/MUTANTS.md. */
import type { Mutant } from './mutant.ts';
import type { Conviction } from './conviction.ts';
import { CAUGHT_MUTANTS, MUTANTS } from './planted.ts';

export type Convictions = ReadonlyMap<string, Conviction>;

/** `provoked`: how many schedules each bug took that the simulator itself finds. */
export const mutantsTable = (
  convictions: Convictions,
  provoked: ReadonlyMap<string, number>,
): string =>
  [
    ...INTRODUCTION,
    '',
    '| Bug | What is wrong | Convicted by | Schedules | Lines |',
    '|---|---|---|--:|--:|',
    ...MUTANTS.map((mutant) => row(mutant, convictions.get(mutant.id))),
    '',
    ...CAUGHT_INTRODUCTION,
    '',
    '| Bug | What is wrong | Broken invariant | Schedules |',
    '|---|---|---|--:|',
    ...CAUGHT_MUTANTS.map(
      ({ id, note, invariant }) =>
        `| \`${id}\` | ${note} | ${invariant} | ${provoked.get(id) ?? '?'} |`,
    ),
    '',
  ].join('\n');

const row = ({ id, note, config }: Mutant, conviction: Conviction | undefined): string => {
  if (conviction === undefined) return `| \`${id}\` | ${note} | survives | | |`;
  const { schedules, shrunk } = conviction;
  const settings = config === undefined ? '' : ` (${wordConfig(config)})`;
  const { rule } = shrunk.verdict;
  return `| \`${id}\` | ${note}${settings} | ${rule} | ${schedules} | ${lines(conviction)} |`;
};

/** Lines of schedule in the shrunk counterexample. */
export const lines = ({ shrunk }: Conviction): number => shrunk.schedule.steps.length;

const wordConfig = (config: NonNullable<Mutant['config']>): string =>
  Object.entries(config)
    .map(([name, value]) => `${name}=${typeof value === 'number' ? `${value}ms` : value}`)
    .join(' ');

const INTRODUCTION = [
  '# Planted bugs',
  '',
  'How good is the net? `test/mutants` plants bugs in the simulator, one at a time, by a textual',
  'replacement that the test loader makes; nothing of this can be switched on in what ships. Then',
  'the harness runs random schedules of 50 commands by 3 clients, from seed 1, until one fails.',
  'The table says which rule the verdict names, how many schedules it took, and how many lines the',
  'counterexample has after shrinking. The tests demand a right rule and at most 8 lines.',
  '',
  'Settings are those of an etcd 3.5 with default flags unless the table says otherwise. The file',
  'is written by `UPDATE=1 npx vitest run test/mutants`; without `UPDATE` the tests compare it.',
];

const CAUGHT_INTRODUCTION = [
  '## Caught by the simulator itself',
  '',
  'The simulator checks its own data all the time. These bugs break an invariant, and the run ends',
  'there, whatever a client would have seen.',
];
