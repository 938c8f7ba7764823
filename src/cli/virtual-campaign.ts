/**
 * The schedules of a check on a virtual clock, in chunks, on this thread or on several. The result
 * is the same.
 */
import { type CampaignOptions, type Failure, Tally } from '../harness/campaign.ts';
import type { Target } from '../harness/target.ts';
import { type Chunk, type ChunkResult, type Pool, runChunk } from './chunk.ts';
import type { Stopper } from './stopper.ts';
import { Threads } from './threads.ts';

export interface VirtualCampaignOptions
  extends Pick<CampaignOptions, 'seed' | 'config' | 'commands' | 'clients' | 'against'> {
  /** The runs' numbers, in order. */
  readonly runs: readonly number[];
  readonly jobs: number;
  /** Where they run; the simulator when there are several threads. */
  readonly target: Target;
  readonly stop: Stopper;
  /** Told of what is done, now and then. */
  readonly progress: (tally: Tally) => void;
}

export interface VirtualCampaign {
  readonly tally: Tally;
  /** The number of the first run that failed. */
  readonly failed: number | null;
  /** What failed in it; null when it failed on another thread, where it stays. */
  readonly failure: Failure | null;
  readonly interrupted: boolean;
}

/** Steps between two words of progress: some hundredths of a second on the simulator. */
const CHUNK_STEPS = 3200;
/** Steps of a schedule that takes some hundredths of a second from its seed to its verdict. */
const QUICK_COMMANDS = 1000;
/** Runs between two words of progress on other targets. */
const CHUNK_OTHERS = 4;

export async function virtualCampaign(options: VirtualCampaignOptions): Promise<VirtualCampaign> {
  const { commands, jobs, target, against, stop } = options;
  const size = chunkSize(options);
  const chunkCount = Math.ceil(options.runs.length / size);
  // A long schedule is generated and judged in one go: on another thread that can be cut short.
  const isQuick =
    commands <= QUICK_COMMANDS || target.name !== 'simulator' || against !== undefined;
  const pool: Pool =
    jobs === 1 && isQuick
      ? { run: (chunk) => runChunk(chunk, target, stop, against), close: () => Promise.resolve() }
      : new Threads(Math.min(jobs, chunkCount), stop);
  const results: Promise<ChunkResult>[] = [];
  const begin = (): void => {
    if (results.length === chunkCount || stop.stopped() || stop.spent()) return;
    const result = pool.run(chunkAt(results.length * size, size, options));
    // It may fail long before it is its turn to be looked at.
    result.catch(() => {});
    results.push(result);
  };
  const tally = new Tally();
  try {
    for (let job = 0; job < jobs; job += 1) begin();
    for (let result = results[0], index = 0; result !== undefined; result = results[index]) {
      const { tally: data, failed, failure } = await result;
      tally.add(data);
      // Later chunks do not count, so that the result does not depend on how many ran at once.
      if (failed !== null) return { tally, failed, failure, interrupted: false };
      options.progress(tally);
      begin();
      index += 1;
    }
    const interrupted = tally.runs < options.runs.length;
    return { tally, failed: null, failure: null, interrupted };
  } finally {
    await pool.close();
  }
}

const chunkSize = ({ target, against, commands }: VirtualCampaignOptions): number =>
  target.name === 'simulator' && against === undefined
    ? Math.ceil(CHUNK_STEPS / commands)
    : CHUNK_OTHERS;

const chunkAt = (start: number, size: number, options: VirtualCampaignOptions): Chunk => {
  const { seed, config, commands, clients, runs } = options;
  return { runs: runs.slice(start, start + size), options: { seed, config, commands, clients } };
};
