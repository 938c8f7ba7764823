/**
 * The schedules of a check on a virtual clock, in chunks, on this thread or on several. The result
 * is the same.
 */
import { Worker } from 'node:worker_threads';
import { campaign, type CampaignOptions, Tally, type TallyData } from '../harness/campaign.ts';
import type { Target } from '../harness/target.ts';

export interface VirtualCampaignOptions extends Omit<CampaignOptions, 'runs' | 'progress'> {
  /** The runs' numbers, in order. */
  readonly runs: readonly number[];
  readonly jobs: number;
  /** Where they run; the simulator when there are several threads. */
  readonly target: Target;
  readonly stopped: () => boolean;
  /** Told of what is done, now and then. */
  readonly progress: (tally: Tally) => void;
}

export interface VirtualCampaign {
  readonly tally: Tally;
  /** The number of the first run that failed. */
  readonly failed: number | null;
  readonly interrupted: boolean;
}

/** What a worker is given, and what it answers. */
export interface Chunk {
  readonly runs: readonly number[];
  readonly options: Pick<CampaignOptions, 'seed' | 'config' | 'commands' | 'clients'>;
}

export interface ChunkResult {
  readonly tally: TallyData;
  readonly failed: number | null;
}

/** Runs between two looks at what the user wants: some tenths of a second on either target. */
const CHUNK = { simulator: 64, others: 4 } as const;

export async function virtualCampaign(options: VirtualCampaignOptions): Promise<VirtualCampaign> {
  const { seed, config, commands, clients, jobs, target, against, stopped } = options;
  const isQuick = target.name === 'simulator' && against === undefined;
  const size = isQuick ? CHUNK.simulator : CHUNK.others;
  const chunks: Chunk[] = [];
  for (let start = 0; start < options.runs.length; start += size) {
    const runs = options.runs.slice(start, start + size);
    chunks.push({ runs, options: { seed, config, commands, clients } });
  }
  const pool =
    jobs === 1 ? new Here(target, against, stopped) : new Threads(Math.min(jobs, chunks.length));
  const tally = new Tally();
  try {
    const begin = (chunk: Chunk): Promise<ChunkResult> => {
      const result = pool.run(chunk);
      // It may fail before its turn comes to be awaited, and is awaited all the same.
      result.catch(() => {});
      return result;
    };
    const results = chunks.slice(0, jobs).map(begin);
    for (let index = 0; index < chunks.length; index += 1) {
      const following = chunks[index + jobs];
      const result = await results[index];
      if (following !== undefined && !stopped()) results.push(begin(following));
      if (result === undefined) return { tally, failed: null, interrupted: true };
      tally.add(result.tally);
      // Later chunks do not count, so that the result does not depend on how many ran at once.
      if (result.failed !== null) return { tally, failed: result.failed, interrupted: false };
      options.progress(tally);
      await eventLoopTurn();
    }
    const interrupted = tally.runs < options.runs.length;
    return { tally, failed: null, interrupted };
  } finally {
    await pool.close();
  }
}

/** Runs one chunk to its end, or to its first failure. */
export const runChunk = async (
  { runs, options }: Chunk,
  target: Target,
  against?: Target,
  stopped: () => boolean = () => false,
): Promise<ChunkResult> => {
  const { tally, failure } = await campaign(target, { ...options, runs, against, stopped });
  return { tally: tally.data, failed: failure === null ? null : failure.run };
};

interface Pool {
  run(chunk: Chunk): Promise<ChunkResult>;
  close(): Promise<unknown>;
}

/** This thread. */
class Here implements Pool {
  readonly #target: Target;
  readonly #against: Target | undefined;
  readonly #stopped: () => boolean;

  constructor(target: Target, against: Target | undefined, stopped: () => boolean) {
    this.#target = target;
    this.#against = against;
    this.#stopped = stopped;
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    return runChunk(chunk, this.#target, this.#against, this.#stopped);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Threads that take the next chunk in turn. */
class Threads implements Pool {
  readonly #workers: readonly Worker[];
  #next = 0;

  constructor(count: number) {
    const file = new URL('./worker.js', import.meta.url);
    this.#workers = Array.from({ length: count }, () => new Worker(file));
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    const worker = this.#workers[this.#next % this.#workers.length] as Worker;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(error);
      worker.once('error', fail);
      worker.once('message', (result: ChunkResult) => {
        worker.off('error', fail);
        resolve(result);
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage(chunk);
    });
  }

  close(): Promise<unknown> {
    return Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

/** Lets signals and output through. */
const eventLoopTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
