/** Some schedules of a check on a virtual clock that are run in one go, on any thread. */
import {
  campaign,
  type CampaignOptions,
  type Failure,
  type TallyData,
} from '../harness/campaign.ts';
import type { History } from '../harness/history.ts';
import type { Target } from '../harness/target.ts';
import type { Verdict } from '../harness/verdict.ts';

/** Runs one chunk to its end, or to its first failure. */
export const runChunk = async (
  { runs, options }: Chunk,
  target: Target,
  stop: Pick<CampaignOptions, 'stopped' | 'spent' | 'breathe'>,
  against?: Target,
): Promise<ChunkResult> => {
  const { stopped, spent, breathe } = stop;
  const all = { ...options, runs, against, stopped, spent, breathe };
  const { tally, failure } = await campaign(target, all);
  const failed = failure === null ? null : failure.run;
  return { tally: tally.data, failed, lost: lostIn(failure), failure };
};

const lostIn = (failure: Failure | null): Lost | null => {
  if (failure?.trial.verdict.kind !== 'inconclusive') return null;
  const { history, verdict } = failure.trial;
  return { history, verdict };
};

export interface Chunk {
  readonly runs: readonly number[];
  readonly options: Pick<CampaignOptions, 'seed' | 'config' | 'commands' | 'clients'>;
}

export interface ChunkResult {
  readonly tally: TallyData;
  readonly failed: number | null;
  /** What was seen in a run that failed because the server did; null when it is all the same. */
  readonly lost: Lost | null;
  readonly failure: Failure | null;
}

/** Nobody can run this again: the server may not fail then. */
export interface Lost {
  readonly history: History;
  readonly verdict: Verdict;
}

/** What runs chunks. */
export interface Pool {
  run(chunk: Chunk): Promise<ChunkResult>;
  close(): Promise<unknown>;
}
