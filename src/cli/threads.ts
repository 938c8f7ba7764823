/** The threads of `check --jobs N`: they take the next chunk in turn. */
import { Worker } from 'node:worker_threads';
import { RunFailed, Tally } from '../harness/campaign.ts';
import type { Chunk, ChunkResult, Pool } from './chunk.ts';
import type { Stopper } from './stopper.ts';

/** What a thread answers. Errors lose their class on the way, so they go in parts. */
export type ThreadAnswer =
  | { readonly kind: 'done'; readonly result: Omit<ChunkResult, 'failure'> }
  | {
      readonly kind: 'threw';
      readonly run: number;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** In memory that the threads share: whether to stop, and whether the budget is spent. */
export const FLAG = { stopped: 0, spent: 1 } as const;

export class Threads implements Pool {
  readonly #workers: readonly Worker[];
  readonly #lookout: NodeJS.Timeout;
  readonly #unanswered = new Set<(result: ChunkResult) => void>();
  #next = 0;

  constructor(count: number, stop: Stopper) {
    const file = new URL('./worker.js', import.meta.url);
    const flags = new Int32Array(new SharedArrayBuffer(8));
    this.#workers = Array.from({ length: count }, () => new Worker(file, { workerData: flags }));
    this.#lookout = setInterval(() => {
      if (stop.stopped()) Atomics.store(flags, FLAG.stopped, 1);
      if (stop.spent()) Atomics.store(flags, FLAG.spent, 1);
    }, LOOKOUT_MS);
    stop.onStop(() => setTimeout(() => this.#giveUp(), PATIENCE_MS).unref());
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    const worker = this.#workers[this.#next % this.#workers.length] as Worker;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(error);
      this.#unanswered.add(resolve);
      worker.once('error', fail);
      worker.once('message', (answer: ThreadAnswer) => {
        worker.off('error', fail);
        this.#unanswered.delete(resolve);
        if (answer.kind === 'done') resolve({ ...answer.result, failure: null });
        else reject(failedRun(chunk, answer));
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage(chunk);
    });
  }

  /** What is under way counts for nothing. */
  #giveUp(): void {
    const nothing = { tally: new Tally().data, failed: null, failure: null };
    for (const resolve of this.#unanswered) resolve(nothing);
  }

  close(): Promise<unknown> {
    clearInterval(this.#lookout);
    return Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

const LOOKOUT_MS = 20;
/** How long threads may take to stop by themselves, once the user wants it. */
const PATIENCE_MS = 300;

const failedRun = (
  { options }: Chunk,
  { run, name, message, stack }: ThreadAnswer & { readonly kind: 'threw' },
): RunFailed => {
  const cause = Object.assign(new Error(message), { name, stack });
  return new RunFailed(options.seed, run, cause);
};
