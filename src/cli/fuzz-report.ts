/** What a fuzz found, for people and as JSON. */
import type { FuzzTally } from '../clients/campaign.ts';
import type { Contract } from '../clients/contract.ts';
import type { Finding } from '../clients/findings.ts';
import type { ClientFacts } from './client-work.ts';
import { replayCommand } from './story.ts';

export interface TellableFinding extends Finding {
  /** Why it is no finding with this client; null: it is one. */
  readonly reason: string | null;
  readonly what: string | null;
  /** The text of its story, as small as it was made; null: it was not seen again. */
  readonly schedule: string | null;
  readonly counterexample: string | null;
  readonly test: string | null;
}

export interface FuzzReport {
  readonly client: Pick<ClientFacts, 'name' | 'version'>;
  readonly contracts: readonly Contract[];
  /** How many stories were asked for. */
  readonly wanted: number;
  readonly seed: bigint;
  readonly tally: FuzzTally;
  readonly traceHash: string;
  readonly wallMilliseconds: number;
  readonly findings: readonly TellableFinding[];
  /** The user did not wait for its end. */
  readonly isInterrupted: boolean;
}

export type FuzzVerdict =
  | { readonly kind: 'conformant' | 'violation' }
  | { readonly kind: 'inconclusive'; readonly why: string };

/** Inconclusive is no pass: a client that could not be judged, or stories that did not all run. */
export const verdictOf = (report: FuzzReport): FuzzVerdict => {
  const { findings, isInterrupted, tally, wanted } = report;
  if (findings.some(({ reason }) => reason === null)) return { kind: 'violation' };
  const inconclusive = (why: string): FuzzVerdict => ({ kind: 'inconclusive', why });
  const done = `${tally.stories} of ${wanted} stories`;
  if (isInterrupted) return inconclusive(`stopped after ${done}`);
  if (tally.broken.length > 0) return inconclusive('the client cannot be judged');
  if (tally.stories < wanted) return inconclusive(`the budget was spent after ${done}`);
  return tally.connections > 0 ? { kind: 'conformant' } : inconclusive(neverConnected(tally));
};

/** Why nothing was judged. */
export const neverConnected = ({ failure }: Pick<FuzzTally, 'failure'>): string => {
  const never = 'the client never connected';
  return failure === null ? never : `${never}, and its calls fail: ${failure.error}`;
};

export const fuzzJson = (report: FuzzReport): string => {
  const { client, contracts, findings, seed, tally, traceHash } = report;
  const verdict = verdictOf(report);
  const value = {
    schema: 'leasehold-fuzz-report/1',
    command: 'fuzz',
    client: { name: client.name, version: client.version },
    seed: String(seed),
    runs: tally.stories,
    verdict: verdict.kind,
    ...(verdict.kind === 'inconclusive' ? { why: verdict.why } : {}),
    virtualSeconds: tally.virtualMilliseconds / 1000,
    wallSeconds: Math.round(report.wallMilliseconds) / 1000,
    traceHash,
    contracts: contracts.map(({ id, title, weight }) => ({
      id,
      title,
      weight,
      kept: findings.every(({ contract }) => contract !== id),
    })),
    findings: findings.map((finding) => findingJson(finding, contracts)),
    broken: tally.broken,
    connections: tally.connections,
  };
  return `${JSON.stringify(value)}\n`;
};

const findingJson = (
  { contract, stories, ...finding }: TellableFinding,
  contracts: readonly Contract[],
): object => {
  const title = contracts.find(({ id }) => id === contract)?.title ?? null;
  return { contract, title, count: stories, ...finding };
};

export const printFuzz = (report: FuzzReport): string => {
  const { client, contracts, findings, seed, tally, traceHash, wanted } = report;
  const verdict = verdictOf(report);
  const seconds = (report.wallMilliseconds / 1000).toFixed(1);
  const stories = tally.stories < wanted ? `${tally.stories} of ${wanted}` : String(tally.stories);
  const virtual = Math.round(tally.virtualMilliseconds / 1000);
  const lines = [
    `client       ${client.name} ${client.version}`,
    `seed         ${seed}`,
    `stories      ${stories}: ${virtual} s of virtual time in ${seconds} s`,
    `trace hash   ${traceHash}`,
    `verdict      ${verdict.kind}${verdict.kind === 'inconclusive' ? `: ${verdict.why}` : ''}`,
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
    lines.push('', `nothing was judged: ${neverConnected(tally)}`);
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
  ...findings.flatMap(({ counterexample, reason, schedule, shape, stories, what }) => [
    `  ${shape}: in ${stories} ${stories === 1 ? 'story' : 'stories'}`,
    ...(reason === null ? [] : [`    known: ${reason}`]),
    ...(what === null ? [] : [`    ${what}`]),
    ...(counterexample === null ? unsaved(schedule) : [`    ${replayCommand(counterexample)}`]),
  ]),
];

/** The story itself, where there is no file that holds it. */
export const unsaved = (schedule: string | null): string[] =>
  (schedule ?? '').split('\n').flatMap((line) => (line === '' ? [] : [`    ${line}`]));
