/** What a fuzz found, for people and as JSON. */
import type { Adapter } from '../clients/adapter.ts';
import type { FuzzTally } from '../clients/campaign.ts';
import type { Contract } from '../clients/contract.ts';
import type { Finding } from '../clients/findings.ts';

export interface TellableFinding extends Finding {
  /** Why it is no finding with this client; null: it is one. */
  readonly reason: string | null;
  readonly what: string | null;
  readonly file: string | null;
  readonly test: string | null;
}

export interface FuzzReport {
  readonly adapter: Adapter;
  readonly contracts: readonly Contract[];
  /** How many stories were asked for. */
  readonly wanted: number;
  readonly seed: bigint;
  readonly tally: FuzzTally;
  readonly traceHash: string;
  readonly wallMilliseconds: number;
  readonly findings: readonly TellableFinding[];
}

export const fuzzJson = (report: FuzzReport): string => {
  const { adapter, contracts, findings, seed, tally, traceHash } = report;
  const value = {
    schema: 'leasehold-fuzz-report/1',
    command: 'fuzz',
    client: { name: adapter.name, version: adapter.version },
    seed: String(seed),
    stories: tally.stories,
    virtualSeconds: tally.virtualMilliseconds / 1000,
    wallSeconds: Math.round(report.wallMilliseconds) / 1000,
    traceHash,
    contracts: contracts.map(({ id, title, weight }) => ({
      id,
      title,
      weight,
      kept: findings.every(({ contract }) => contract !== id),
    })),
    findings,
    broken: tally.broken,
    connections: tally.connections,
  };
  return `${JSON.stringify(value)}\n`;
};

export const printFuzz = (report: FuzzReport): string => {
  const { adapter, contracts, findings, seed, tally, traceHash, wanted } = report;
  const seconds = (report.wallMilliseconds / 1000).toFixed(1);
  const stories = tally.stories < wanted ? `${tally.stories} of ${wanted}` : String(tally.stories);
  const virtual = Math.round(tally.virtualMilliseconds / 1000);
  const lines = [
    `client       ${adapter.name} ${adapter.version}`,
    `seed         ${seed}`,
    `stories      ${stories}: ${virtual} s of virtual time in ${seconds} s`,
    `trace hash   ${traceHash}`,
  ];
  for (const contract of contracts) {
    const of = findings.filter(({ contract: id }) => id === contract.id);
    if (of.length > 0) lines.push(...linesOf(contract, of));
  }
  const kept =
    tally.connections === 0
      ? []
      : contracts.filter(({ id }) => findings.every(({ contract }) => contract !== id));
  if (kept.length > 0) lines.push('', `kept: ${kept.map(({ id }) => id).join(', ')}`);
  if (tally.connections === 0 && tally.broken.length === 0) {
    lines.push('', 'the client never connected: nothing was judged');
  }
  for (const { run, why } of tally.broken.slice(0, 5)) {
    lines.push(`story ${run} cannot be judged: ${why}`);
  }
  return `${lines.join('\n')}\n`;
};

const linesOf = (
  { id, title, weight }: Contract,
  findings: readonly TellableFinding[],
): string[] => [
  '',
  `${id} (${weight}): ${title}`,
  ...findings.flatMap(({ file, reason, shape, stories, what }) => [
    `  ${shape}: in ${stories} ${stories === 1 ? 'story' : 'stories'}`,
    ...(reason === null ? [] : [`    known: ${reason}`]),
    ...(what === null ? [] : [`    ${what}`]),
    ...(file === null ? [] : [`    npx leasehold replay ${file}`]),
  ]),
];
