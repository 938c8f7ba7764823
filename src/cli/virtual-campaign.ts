/**
 * The schedules of a check on a virtual clock, in chunks, on this thread or on several. The result
 * is the same.
 */
import { type CampaignOptions, type Failure, Tally } from '../harness/campaign.ts';
import type { Target } from '../harness/target.ts';
import { type Chunk, type ChunkResult, type Lost, type Pool, runChunk } from './chunk.ts';
import { type Lane, Lanes } from './lanes.ts';
import type { Stopper } from './stopper.ts';
import { startThreads, type ThreadStart } from './threads.ts';

export interface VirtualCampaignOptions
  extends Pick<CampaignOptions, 'seed' | 'config' | 'commands' | 'clients' | 'against'> {
  /** The runs' numbers, in order. */
  readonly runs: readonly number[];
  readonly jobs: number;
  /** Where they run. */
  readonly target: Target;
  /** How other threads start the same; null when they cannot, and then there is one job. */
  readonly threads: Omit<ThreadStart, 'flags'> | null;
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
  /** What is left of a server that failed. */
  readonly lost: Lost | null;
  readonly interrupted: boolean;
}

/** Steps between two words of progress: some hundredths of a second on the simulator. */
const CHUNK_STEPS = 3200;
/** Steps of a schedule that takes some hundredths of a second from its seed to its verdict. */
const QUICK_COMMANDS = 1000;
/** Runs between two words of progress on other targets. */
const CHUNK_OTHERS = 4;

export async function virtualCampaign(options: VirtualCampaignOptions): Promise<VirtualCampaign> {
  const { target, against, stop } = options;
  const size = chunkSize(options);
  const chunkCount = Math.ceil(options.runs.length / size);
  const here: Lane = {
    run: (chunk) => runChunk(chunk, target, stop, against),
    close: () => Promise.resolve(),
  };
  const lanes = lanesOf(here, chunkCount, options);
  const pool: Pool = new Lanes(lanes);
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
    const isHere = lanes.length === 1 && lanes[0] === here;
    for (let ahead = isHere ? 1 : AHEAD * lanes.length; ahead > 0; ahead -= 1) begin();
    for (let result = results[0], index = 0; result !== undefined; result = results[index]) {
      const { tally: data, failed, failure, lost } = await result;
      tally.add(data);
      // Later chunks do not count, so that the result does not depend on how many ran at once.
      if (failed !== null) return { tally, failed, failure, lost, interrupted: false };
      options.progress(tally);
      begin();
      index += 1;
    }
    const interrupted = tally.runs < options.runs.length;
    return { tally, failed: null, failure: null, lost: null, interrupted };
  } finally {
    await pool.close();
  }
}

/** Chunks that are given out for each job, so that none waits for another. */
const AHEAD = 3;

/** Chunks from which on another thread is worth its start by the room it has: some seconds. */
const MANY_CHUNKS = 100;

/**
 * A schedule on the simulator is one turn of the event loop, so that this thread leaves those to
 * others; one on a real server is mostly waiting, and this thread has one already.
 */
const lanesOf = (
  here: Lane,
  chunkCount: number,
  options: VirtualCampaignOptions,
): readonly Lane[] => {
  const { jobs, threads, stop } = options;
  const count = Math.min(jobs, chunkCount);
  if (threads === null) return [here];
  // A long schedule is generated and judged in one go: on another thread that can be cut short.
  if (!isQuick(options)) return startThreads(count, stop, threads);
  if (!isInProcess(options)) return [here, ...startThreads(count - 1, stop, threads)];
  const isWorthIt = count > 1 || chunkCount > MANY_CHUNKS;
  return isWorthIt ? startThreads(count, stop, threads) : [here];
};

const isQuick = ({ commands }: VirtualCampaignOptions): boolean => commands <= QUICK_COMMANDS;

const isInProcess = ({ target, against }: VirtualCampaignOptions): boolean =>
  target.name === 'simulator' && against === undefined;

const chunkSize = (options: VirtualCampaignOptions): number => {
  // A thread that does not stop in the middle of a schedule loses what it has done of a chunk.
  if (!isQuick(options)) return 1;
  return isInProcess(options) ? Math.ceil(CHUNK_STEPS / options.commands) : CHUNK_OTHERS;
};

const chunkAt = (start: number, size: number, options: VirtualCampaignOptions): Chunk => {
  const { seed, config, commands, clients, runs } = options;
  return { runs: runs.slice(start, start + size), options: { seed, config, commands, clients } };
};
