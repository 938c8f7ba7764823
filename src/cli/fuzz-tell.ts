/** Makes the story of each finding smaller, and saves it with a test that shows it. */
import { relative } from 'node:path';
import { clientSeed, shrinkStory, type SmallestTrial, storyOf } from '../clients/campaign.ts';
import type { Contract } from '../clients/contract.ts';
import { type Finding, faultCount, isCoveredBy, stemOf } from '../clients/findings.ts';
import { encodeFuzzFile, FUZZ_SCHEMA, type FuzzFile, linesOf } from '../clients/fuzz-file.ts';
import { contractNamed } from '../clients/known.ts';
import { regressionTest } from '../clients/regression-test.ts';
import { printStory } from '../clients/story-text.ts';
import { hashOfTrace } from '../clients/trace-text.ts';
import type { ClientStory } from '../clients/story.ts';
import type { ClientTrial } from '../clients/trial.ts';
import { VERSION } from '../version.ts';
import { saveOutput } from './files.ts';
import type { TellableFinding } from './fuzz-report.ts';
import type { Stage } from './stage.ts';

export interface TellOptions {
  readonly stage: Stage;
  readonly setting: { readonly seed: bigint; readonly lasts: number; readonly leases: number };
  /** As the command named it. */
  readonly client: string;
  readonly version: { readonly version?: string };
  readonly out: string;
  /** Milliseconds for making stories smaller, in all. */
  readonly budget: number;
  readonly stopped: () => boolean;
  /** Tells, in a line, of what could not be saved. */
  readonly say: (line: string) => void;
}

/** What turns out to be one finding is told once. */
export const tellFindings = async (
  findings: readonly Finding[],
  telling: TellOptions,
): Promise<readonly TellableFinding[]> => {
  const started = performance.now();
  const told: TellableFinding[] = [];
  const { firsts, others } = inOrder(findings);
  const queue = [...firsts, ...others];
  for (const [index, finding] of queue.entries()) {
    const known = told.findIndex((other) => isCoveredBy(finding, other));
    if (known >= 0) {
      told[known] = counted(told[known] as TellableFinding, finding.stories);
      continue;
    }
    // What one does not need is left to those after it.
    const share = telling.budget * shareOf(index, firsts.length, queue.length);
    const stopped = (): boolean => telling.stopped() || performance.now() - started > share;
    const smaller = await smallest(finding, telling, stopped);
    const shape = smaller?.result.breach.shape ?? finding.shape;
    const same = told.findIndex((other) => isCoveredBy({ ...finding, shape }, other));
    if (same >= 0) told[same] = counted(told[same] as TellableFinding, finding.stories);
    else told.push(save({ ...finding, shape }, smaller, telling));
  }
  return told.toSorted(
    (left, right) =>
      left.contract.localeCompare(right.contract, 'en') || right.stories - left.stories,
  );
};

/** Most of the time is for the first of each kind: many others turn out to be the same. */
const shareOf = (index: number, firsts: number, all: number): number =>
  index < firsts
    ? (0.7 * (index + 1)) / firsts
    : 0.7 + (0.3 * (index + 1 - firsts)) / (all - firsts);

const counted = (finding: TellableFinding, more: number): TellableFinding => ({
  ...finding,
  stories: finding.stories + more,
});

/** Of each contract and kind the simplest first; those that are like one before come last. */
const inOrder = (findings: readonly Finding[]): Record<'firsts' | 'others', Finding[]> => {
  const sorted = findings.toSorted(
    (left, right) => faultCount(left.shape) - faultCount(right.shape) || left.steps - right.steps,
  );
  const keyOf = ({ contract, shape }: Finding): string => `${contract} ${stemOf(shape)}`;
  const firsts = sorted.filter(
    (finding, index) => sorted.findIndex((other) => keyOf(other) === keyOf(finding)) === index,
  );
  return { firsts, others: sorted.filter((finding) => !firsts.includes(finding)) };
};

interface Smallest {
  readonly result: SmallestTrial;
  readonly originalSteps: number;
  readonly seed: bigint;
}

const smallest = async (
  finding: Finding,
  { setting, stage, stopped: isStopped }: TellOptions,
  stopped: () => boolean,
): Promise<Smallest | null> => {
  if (isStopped()) return null;
  const contracts = [contractNamed(finding.contract) as Contract];
  // Of each story, so that it replays by itself.
  const seed = clientSeed(setting.seed, finding.run);
  const play = (story: ClientStory): Promise<ClientTrial> => stage.play(story, { contracts, seed });
  const first = await play(storyOf(finding.run, { ...setting, adapter: stage.facts }));
  const result = await shrinkStory(first, finding, play, stopped);
  const originalSteps = first.story.steps.length;
  return result === null ? null : { result, originalSteps, seed };
};

const save = (
  finding: Finding,
  found: Smallest | null,
  { client, out, say, stage, version }: TellOptions,
): TellableFinding => {
  const { facts } = stage;
  const reason = facts.exceptions?.[finding.contract] ?? null;
  if (found === null) {
    return { ...finding, reason, what: null, schedule: null, counterexample: null, test: null };
  }
  const { breach, trial, attempts, isComplete } = found.result;
  const file: FuzzFile = {
    schema: FUZZ_SCHEMA,
    versions: { leasehold: VERSION, node: process.version },
    client: { name: client, version: facts.version },
    etcd: version.version ?? null,
    contract: finding.contract,
    shape: finding.shape,
    what: breach.what,
    seed: found.seed,
    story: linesOf(trial.story),
    originalSteps: found.originalSteps,
    shrink: { attempts, complete: isComplete },
    traceHash: hashOfTrace(trial.trace),
  };
  const name = `fuzz-${facts.name}-${finding.contract}-${finding.shape}`
    .replaceAll(/[^A-Za-z0-9-]+/g, '-')
    .slice(0, 100);
  const counterexample = saveOutput([out, `${name}.json`], encodeFuzzFile(file), say);
  const code = regressionTest(file, moduleOf(stage, client, out));
  const test = saveOutput([out, `${name}.test.ts`], code, say);
  const [{ what }, { story }] = [breach, trial];
  const { steps } = story;
  const schedule = printStory(story);
  return { ...finding, steps: steps.length, reason, what, schedule, counterexample, test };
};

/** What a test beside the file imports. */
const moduleOf = ({ facts: { exported } }: Stage, client: string, out: string) =>
  exported === null ? null : { exported, path: importPath(client, out) };

const importPath = (file: string, from: string): string => {
  const path = relative(from, file).replaceAll('\\', '/');
  return path.startsWith('.') ? path : `./${path}`;
};
