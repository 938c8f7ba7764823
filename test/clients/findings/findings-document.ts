/** The contents of docs/FINDINGS.md. */
import { contractNamed } from '../../../src/clients/known.ts';
import type { Pinned } from './pinned.ts';

export const findingsDocument = (pinned: readonly Pinned[]): string =>
  [...INTRODUCTION, '', ...overview(pinned), ...pinned.flatMap(section), ''].join('\n');

const INTRODUCTION = [
  '# Findings in clients',
  '',
  'What `leasehold fuzz` found in clients of etcd, told for those who maintain them. Each finding',
  'has the shortest story that we know, what happened in it, where in the client it comes ' +
    'from, and',
  'what would help. We are glad to be corrected; and thank you for these clients, which many ' +
    'rely on.',
  '',
  'To see a finding happen, within a second and without an etcd (those of etcdctl need the ' +
    'program, those of clientv3 Go):',
  '',
  '```sh',
  'npx leasehold replay examples/findings/etcd3-two-leaders.json    # the same finding, the ' +
    'same trace',
  'npx leasehold report examples/findings/etcd3-two-leaders.json    # what happened, as a timeline',
  '```',
  '',
  'The client runs unmodified with a simulated etcd 3.5.30, on a virtual clock and a network in',
  'memory (etcd3 in one process with it, etcdctl and clientv3 in their own); the words of ' +
    'stories are told in',
  '[FUZZING.md](FUZZING.md), contracts in [FUZZ-CONTRACTS.md](FUZZ-CONTRACTS.md).',
  '*Confirmed* means: the same was seen with a real etcd 3.5.30, over TCP: of etcd3 on the real',
  'clock by `npx vitest run test/clients/findings/real-etcd`, of etcdctl',
  'and clientv3 by `test/clients/findings/etcdctl-on-etcd` and `clientv3-on-etcd`, where etcd and',
  'the client, both unmodified, are on one clock in hand. *Not confirmed* would mean that it has',
  'not been tried, or that nobody can make a real server do it at will.',
  '',
  'How to read a timeline: a column for each lease, lock or election. `██` the client and ' +
    'the server',
  'both hold it for alive; `█·` only the client believes it; `·█` only the server knows of it.',
  'The line with `>` is the breach. Times are virtual.',
  '',
  'The stories are checked, and this file is written, by',
  '`UPDATE=1 npx vitest run test/clients/findings`; without `UPDATE` the tests compare it.',
];

const overview = (pinned: readonly Pinned[]): string[] => [
  '| Client | Contract | Weight | Finding | Real etcd |',
  '|---|---|---|---|---|',
  ...pinned.map(({ finding, file: { client } }) => {
    const { contract, title, slug, confirmed } = finding;
    const weight = contractNamed(contract)?.weight ?? '';
    const seen = confirmed === null ? 'not confirmed' : 'confirmed';
    const name = `${client.name} ${client.version}`;
    return `| ${name} | ${contract} | ${weight} | [${title}](#${client.name}-${slug}) | ${seen} |`;
  }),
  '',
];

const section = ({ finding, file, timeline }: Pinned): string[] => {
  const { cause, confirmed, consequence, contract, remedy, slug, title } = finding;
  const known = contractNamed(contract);
  const path = `examples/findings/${fileName(finding)}`;
  return [
    `<a id="${file.client.name}-${slug}"></a>`,
    '',
    `## ${file.client.name} ${file.client.version}: ${title}`,
    '',
    `Breaks ${contract} (${known?.weight ?? ''}): ${known?.title ?? ''} Source: ` +
      `${known?.source ?? ''}.`,
    '',
    `**What it means.** ${consequence}`,
    '',
    `**Seen.** ${file.what}.`,
    '',
    '```',
    ...file.story,
    '```',
    '',
    '```',
    ...shortened(timeline),
    '```',
    '',
    `**Cause.** ${cause}`,
    '',
    `**What would help.** ${remedy}`,
    '',
    `**On a real etcd.** ${confirmed === null ? 'Not confirmed' : `Confirmed: ${confirmed}`}.`,
    '',
    `**Again.** \`npx leasehold replay ${path}\``,
    '',
  ];
};

export const fileName = ({ client, slug }: Pinned['finding']): string => `${client}-${slug}.json`;

/** Lines before and after the breach that are shown. */
const [BEFORE, AFTER, FIRST] = [14, 3, 10];

const shortened = (timeline: string): string[] => {
  const [head = '', ...lines] = timeline.trimEnd().split('\n');
  const breach = lines.findIndex((line) => line.startsWith('>'));
  const end = breach < 0 ? lines.length : breach + 1 + AFTER;
  const from = Math.max(FIRST, end - BEFORE - AFTER);
  const said = lines.findIndex((line, index) => index >= end && line.includes(' says: '));
  return [
    head,
    ...lines.slice(0, Math.min(FIRST, end)),
    ...(from > FIRST ? [`  … ${from - FIRST} lines`] : []),
    ...lines.slice(from, end),
    ...(said > end ? [`  … ${said - end} lines`] : []),
    ...(said >= end ? [lines[said] ?? ''] : []),
  ];
};
