/** The threads of `check --jobs N`: they take the next chunk in turn. */
import { Worker } from 'node:worker_threads';
import { RunFailed } from '../harness/campaign.ts';
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
  #next = 0;

  constructor(count: number, stop: Stopper) {
    const file = new URL('./worker.js', import.meta.url);
    const flags = new Int32Array(new SharedArrayBuffer(8));
    this.#workers = Array.from({ length: count }, () => new Worker(file, { workerData: flags }));
    this.#lookout = setInterval(() => {
      if (stop.stopped()) Atomics.store(flags, FLAG.stopped, 1);
      if (stop.spent()) Atomics.store(flags, FLAG.spent, 1);
    }, LOOKOUT_MS);
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    const worker = this.#workers[this.#next % this.#workers.length] as Worker;
    this.#next += 1;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(error);
      worker.once('error', fail);
      worker.once('message', (answer: ThreadAnswer) => {
        worker.off('error', fail);
        if (answer.kind === 'done') resolve({ ...answer.result, failure: null });
        else reject(failedRun(chunk, answer));
      });
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
      worker.postMessage(chunk);
    });
  }

  close(): Promise<unknown> {
    clearInterval(this.#lookout);
    return Promise.all(this.#workers.map((worker) => worker.terminate()));
  }
}

const LOOKOUT_MS = 20;

const failedRun = (
  { options }: Chunk,
  { run, name, message, stack }: ThreadAnswer & { readonly kind: 'threw' },
): RunFailed => {
  const cause = Object.assign(new Error(message), { name, stack });
  return new RunFailed(options.seed, run, cause);
};
