/** Some schedules of a check on a virtual clock that are run in one go, on any thread. */
import {
  campaign,
  type CampaignOptions,
  type Failure,
  type TallyData,
} from '../harness/campaign.ts';
import type { Target } from '../harness/target.ts';

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
  return { tally: tally.data, failed: failure === null ? null : failure.run, failure };
};

export interface Chunk {
  readonly runs: readonly number[];
  readonly options: Pick<CampaignOptions, 'seed' | 'config' | 'commands' | 'clients'>;
}

export interface ChunkResult {
  readonly tally: TallyData;
  readonly failed: number | null;
  readonly failure: Failure | null;
}

/** What runs chunks. */
export interface Pool {
  run(chunk: Chunk): Promise<ChunkResult>;
  close(): Promise<unknown>;
}
