/** What a fuzz of a command found, for people and as JSON. */
import type { Contract } from '../clients/contract.ts';
import { printStory } from '../clients/story-text.ts';
import { replayCommand } from './story.ts';
import { neverConnected, unsaved } from './fuzz-report.ts';
import type { LiveFinding, LiveFuzzOptions, LiveTally } from '../clients/live/live-campaign.ts';

export interface CommandReport
  extends Pick<LiveFuzzOptions, 'adapter' | 'command' | 'lasts' | 'seed' | 'sideBySide'> {
  /** Those that it was judged by. */
  readonly contracts: readonly Contract[];
  /** How many stories were asked for. */
  readonly wanted: number;
  readonly tally: LiveTally;
  readonly wallMilliseconds: number;
  /** Of each finding; null when it could not be saved. */
  readonly files: readonly (string | null)[];
}

/** Inconclusive is no pass: what was not seen again, or could not be judged, or did not all run. */
export const commandVerdict = ({
  tally,
  wanted,
}: CommandReport): 'conformant' | 'violation' | 'inconclusive' => {
  const findings = tally.findings.filter(({ reason }) => reason === null);
  if (findings.some(({ again }) => again > 0)) return 'violation';
  const isWhole = tally.stories === wanted && findings.length === 0;
  return isWhole && tally.broken.length === 0 && tally.connections > 0
    ? 'conformant'
    : 'inconclusive';
};

export const commandJson = (report: CommandReport): string => {
  const { adapter, contracts, files, seed, tally } = report;
  const value = {
    schema: 'leasehold-fuzz-report/1',
    command: 'fuzz',
    client: { name: adapter.name, version: adapter.version },
    clock: 'real',
    seed: String(seed),
    runs: tally.stories,
    verdict: commandVerdict(report),
    virtualSeconds: tally.virtualMilliseconds / 1000,
    wallSeconds: Math.round(report.wallMilliseconds) / 1000,
    // On a real clock no two runs are the same.
    traceHash: null,
    slackMilliseconds: tally.slack,
    contracts: contracts.map(({ id, title, weight }) => ({
      id,
      title,
      weight,
      kept: tally.findings.every(({ contract }) => contract !== id),
    })),
    findings: tally.findings.map(({ story, stories, ...finding }, index) => ({
      ...finding,
      title: contracts.find(({ id }) => id === finding.contract)?.title ?? null,
      count: stories,
      schedule: printStory(story),
      counterexample: files[index],
    })),
    broken: tally.broken,
    connections: tally.connections,
  };
  return `${JSON.stringify(value)}\n`;
};

export const printCommand = (report: CommandReport): string => {
  const { adapter, contracts, lasts, seed, sideBySide, tally, wanted } = report;
  const stories = tally.stories < wanted ? `${tally.stories} of ${wanted}` : String(tally.stories);
  const seconds = (report.wallMilliseconds / 1000).toFixed(1);
  const lines = [
    `client       ${adapter.name}, on the real clock`,
    `seed         ${seed}`,
    `stories      ${stories} of ${lasts / 1000} s, ${sideBySide} at once, in ${seconds} s`,
    `slack        ${tally.slack} ms at most, as busy as the machine was`,
  ];
  for (const contract of contracts) lines.push(...findingsOf(contract, report));
  const isKept = ({ id }: Contract): boolean =>
    tally.connections > 0 && tally.findings.every(({ contract }) => contract !== id);
  const kept = contracts.filter(isKept).map(({ id }) => id);
  if (kept.length > 0) lines.push('', `kept: ${kept.join(', ')}`);
  if (tally.connections === 0 && tally.broken.length === 0) {
    lines.push('', `nothing was judged: ${neverConnected(tally)}`);
  }
  for (const { run, why } of tally.broken.slice(0, 5)) {
    lines.push(`story ${run} cannot be judged: ${why}`);
  }
  return `${lines.join('\n')}\n`;
};

const findingsOf = ({ id, title, weight }: Contract, report: CommandReport): string[] => {
  const found = report.tally.findings.flatMap((finding, index) =>
    finding.contract === id ? [...linesOf(finding, report, report.files[index] ?? null)] : [],
  );
  return found.length === 0 ? [] : ['', `${id} (${weight}): ${title}`, ...found];
};

const linesOf = (
  finding: LiveFinding,
  { command }: CommandReport,
  file: string | null,
): string[] => {
  const { again, reason, shape, stories, tries, what } = finding;
  const doubt = again === 0 ? ': no finding until it is' : '';
  const confirmed = `, seen again in ${again} of ${tries} tries${doubt}`;
  const seen = `in ${stories} ${stories === 1 ? 'story' : 'stories'}`;
  return [
    `  ${shape}: ${seen}${reason === null ? confirmed : ''}`,
    ...(reason === null ? [] : [`    known: ${reason}`]),
    `    ${what}`,
    ...(file === null
      ? unsaved(printStory(finding.story))
      : [`    ${replayCommand(file, command)}`]),
  ];
};
