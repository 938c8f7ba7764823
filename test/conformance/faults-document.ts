/** The contents of docs/CONFORMANCE-FAULTS.md. */
import { MUTANTS } from '../mutants/planted.ts';
import { PROXY_FAULTS } from './mangling/faults.ts';
import { ON_REAL, ON_VIRTUAL, whyNotOnReal, whyNotTried } from './on-trial.ts';

export const faultsDocument = (): string =>
  [
    ...INTRODUCTION,
    '',
    `## Planted in the simulator: ${counted(ON_VIRTUAL.length, ON_REAL.length)}`,
    '',
    ...HEAD,
    ...MUTANTS.map((fault) => {
      const { id, note, rules } = fault;
      const why = whyNotTried(fault);
      return row(id, note, rules, why, why ?? whyNotOnReal(fault));
    }),
    '',
    ...proxied(),
    '',
    ...HEAD,
    ...PROXY_FAULTS.map(({ id, note, rules, hidden }) =>
      row(id, note, rules, hidden?.virtual ?? null, hidden?.real ?? null),
    ),
    '',
  ].join('\n');

const proxied = (): readonly string[] => {
  const seen = (clock: 'real' | 'virtual'): number =>
    PROXY_FAULTS.filter(({ hidden }) => hidden?.[clock] === undefined).length;
  return [
    `## Faked by a proxy before a real etcd: ${counted(seen('virtual'), seen('real'))}`,
    '',
    'The proxy changes requests, answers and events on their way, over gRPC and the JSON gateway:',
    'the suite runs on an unmodified etcd 3.5.30 behind it.',
  ];
};

const counted = (virtual: number, real: number): string =>
  `${virtual} on a virtual clock, ${real} on the real one`;

const HEAD = [
  '| Fault | What is wrong | Flagged by one of | Virtual clock | Real clock |',
  '|---|---|---|---|---|',
];

const row = (
  id: string,
  note: string,
  rules: readonly string[],
  virtual: string | null,
  real: string | null,
): string => `| \`${id}\` | ${note} | ${rules.join(', ')} | ${virtual ?? '✓'} | ${real ?? '✓'} |`;

const INTRODUCTION = [
  '# The suite on trial',
  '',
  'Who judges the judge? `test/conformance` runs `conform` on servers with one thing wrong each,',
  'and demands that a right rule is flagged; the same servers without a fault are never flagged.',
  '✓: the suite flags it; otherwise the reason why nobody could, or why it is not tried.',
  '',
  'On the real clock, where a busy machine may be too slow to tell, the tests allow for a few that',
  'are missed. The file is written by `UPDATE=1 npx vitest run test/conformance/faults.test.ts`.',
];
