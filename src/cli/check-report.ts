/** What a check found, for people and as JSON. */
import type { Tally } from '../harness/campaign.ts';
import type { Divergence } from '../harness/compare.ts';
import { ONLY_VIRTUAL, RULES_ONLY_VIRTUAL } from '../harness/only-virtual.ts';
import type { Verdict } from '../harness/verdict.ts';
import type { CheckRequest } from './check-request.ts';

export interface CheckReport {
  readonly request: CheckRequest;
  readonly target: { readonly name: string; readonly version: string };
  readonly tally: Tally;
  /** After set-up and fetching. */
  readonly wallMilliseconds: number;
  /** On a virtual clock. */
  readonly virtual: boolean;
  readonly verdict: Verdict;
  /** Where the target and the one it was compared with differ; null when nowhere. */
  readonly divergence: Divergence | null;
  /** The file that shows what was found, a history when nobody can judge it; null: none. */
  readonly counterexample: string | null;
  /** Its story, to be read. */
  readonly story: string | null;
}

/** The version of a target that did not come up. */
export const UNKNOWN = 'unknown';

/** One JSON object, and a line end. */
export const reportJson = (report: CheckReport): string => {
  const { request, target, tally, verdict, divergence, virtual } = report;
  const value = {
    schema: 'leasehold-check/1',
    command: 'check',
    target,
    seed: String(request.seed),
    runs: tally.runs,
    commands: tally.commands,
    operations: tally.operations,
    virtualSeconds: virtual ? tally.virtualMilliseconds / 1000 : null,
    wallSeconds: Math.round(report.wallMilliseconds) / 1000,
    verdict: divergence === null ? verdict.kind : 'divergence',
    ...(divergence === null ? {} : { left: divergence.left, right: divergence.right }),
    ...(verdict.kind === 'violation' ? { violation: verdict } : {}),
    ...(verdict.kind === 'inconclusive' ? { why: verdict.why } : {}),
    traceHash: virtual ? tally.traceHash.hex : null,
    rules: tally.coverage.rules,
    sometimes: tally.coverage.sometimes,
    ...savedIn(report),
  };
  return `${JSON.stringify(value)}\n`;
};

/** What nobody can judge is no counterexample. */
const savedIn = ({ verdict, divergence, counterexample: file }: CheckReport) => {
  const isHistory = verdict.kind === 'inconclusive' && divergence === null;
  return { counterexample: isHistory ? null : file, history: isHistory ? file : null };
};

/** A summary that a person enjoys reading. */
export const printReport = (report: CheckReport): string => {
  const { request, tally } = report;
  const wanted = request.runs.length;
  const rows: readonly Row[] = [
    ['target', targetName(report)],
    ['seed', String(request.seed)],
    ['schedules', number(tally.runs) + (tally.runs < wanted ? ` of ${number(wanted)}` : '')],
    // Of nothing there are no figures.
    ...(tally.commands === 0 ? [] : figures(report)),
    ['verdict', verdictLine(report)],
  ];
  const summary = rows.map(([left, right]) => `${left.padEnd(13)} ${right}\n`).join('');
  const again = `again         ${request.repeat}\n`;
  return report.story === null ? `${summary}${again}` : `${report.story}\n${summary}${again}`;
};

type Row = readonly [string, string];

/** What is known of it: it may not have come up. */
const targetName = ({ target: { name, version } }: CheckReport): string => {
  if (name === 'simulator') return 'the simulator';
  return version === UNKNOWN ? name : `${name} ${version}`;
};

const figures = ({ tally, virtual, wallMilliseconds }: CheckReport): readonly Row[] => {
  const { rules, sometimes } = tally.coverage;
  const seconds = wallMilliseconds / 1000;
  return [
    ['commands', `${number(tally.commands)}, making ${number(tally.operations)} requests`],
    ...(virtual ? [['virtual time', duration(tally.virtualMilliseconds / 1000)] as const] : []),
    ['speed', speed(tally, seconds, virtual)],
    ['rules', counted(rules, RULES_ONLY_VIRTUAL, virtual, 'exercised')],
    ['sometimes', counted(sometimes, ONLY_VIRTUAL, virtual, 'cases occurred')],
    ...(virtual ? [['trace hash', tally.traceHash.hex] as const] : []),
  ];
};

const verdictLine = ({ verdict, divergence, counterexample }: CheckReport): string => {
  const saved = counterexample === null ? '' : `; saved in ${counterexample}`;
  if (divergence !== null) return `divergence: the targets differ${saved}`;
  switch (verdict.kind) {
    case 'conformant':
      return 'conformant: the model explains everything that was seen';
    case 'violation':
      return `violation of ${verdict.rule}${saved}`;
    case 'inconclusive':
      return `inconclusive: ${verdict.why}${saved}`;
  }
};

/** How many of what this clock can show occurred, and what did not. */
const counted = <Name extends string>(
  counts: Readonly<Record<Name, number>>,
  onlyVirtual: ReadonlySet<Name>,
  virtual: boolean,
  verb: string,
): string => {
  const all = (Object.keys(counts) as Name[]).filter((name) => virtual || !onlyVirtual.has(name));
  const never = all.filter((name) => counts[name] === 0);
  const count = `${all.length - never.length} of ${all.length} ${verb}`;
  if (never.length === 0) return count;
  const named = never.length <= MOST_NAMED ? never : never.slice(0, 1);
  const more = never.length - named.length;
  return `${count}; never: ${named.join('; ')}${more > 0 ? `, and ${more} more` : ''}`;
};

const MOST_NAMED = 5;

const speed = (
  { commands, virtualMilliseconds }: Tally,
  seconds: number,
  virtual: boolean,
): string => {
  const rate = `${number(Math.round(commands / seconds))} commands/s in ${seconds.toFixed(2)} s`;
  if (!virtual) return rate;
  return `${rate}, ${number(Math.round(virtualMilliseconds / 1000 / seconds))} times real time`;
};

const number = (value: number): string => value.toLocaleString('en-US');

const duration = (seconds: number): string => {
  const days = Math.floor(seconds / 86_400);
  const hours = Math.floor((seconds % 86_400) / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
};
