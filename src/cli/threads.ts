/** A thread of `check`, seen from outside: runs chunks on targets of its own. */
import { type ResourceLimits, Worker } from 'node:worker_threads';
import { RunFailed, Tally } from '../harness/campaign.ts';
import { TargetError } from '../harness/target.ts';
import type { Chunk, ChunkResult } from './chunk.ts';
import type { Lane } from './lanes.ts';
import type { Stopper } from './stopper.ts';
import type { TargetSpec } from './target-spec.ts';

/** What a thread is started with. */
export interface ThreadStart {
  /** Whether to stop, and whether the budget is spent, at the places that `FLAG` says. */
  readonly flags: Int32Array;
  readonly target: TargetSpec;
  readonly against: TargetSpec | null;
}

/** What a thread is told: a chunk to run, or to end its targets and itself. */
export type ThreadTask = Chunk | 'end';

/** What a thread answers. Errors lose their class on the way, so they go in parts. */
export type ThreadAnswer =
  | { readonly kind: 'done'; readonly result: Omit<ChunkResult, 'failure'> }
  | { readonly kind: 'no target'; readonly message: string }
  | {
      readonly kind: 'threw';
      readonly run: number;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
    };

/** In memory that the threads share. */
export const FLAG = { stopped: 0, spent: 1 } as const;

/**
 * Room for what is made new, in place of the 48 MB that V8 leaves it: when it runs out, next to
 * nothing of a schedule that is done is in use, and the less often that is found, the better. It
 * takes some hundredths of the time off, and needs about as much memory in all.
 */
export const THREAD_LIMITS: ResourceLimits = { maxYoungGenerationSizeMb: 96 };

/** `count` threads that run chunks on the same kind of target. */
export const startThreads = (
  count: number,
  stop: Stopper,
  targets: Omit<ThreadStart, 'flags'>,
): readonly Lane[] => {
  const flags = new Int32Array(new SharedArrayBuffer(8));
  return Array.from({ length: count }, () => new Thread(stop, { flags, ...targets }));
};

class Thread implements Lane {
  readonly #worker: Worker;
  readonly #stop: Stopper;
  readonly #lookout: NodeJS.Timeout;
  readonly #ended: Promise<unknown>;
  /** Resolves when the user wants to stop and has waited for long enough. */
  readonly #tooLate: Promise<void>;
  #unanswered: ((result: ChunkResult) => void) | undefined;

  constructor(stop: Stopper, start: ThreadStart) {
    const { flags } = start;
    this.#stop = stop;
    this.#worker = new Worker(new URL('./worker.js', import.meta.url), {
      workerData: start,
      resourceLimits: THREAD_LIMITS,
    });
    this.#ended = new Promise((resolve) => {
      this.#worker.once('exit', resolve);
    });
    this.#lookout = setInterval(() => {
      if (stop.spent()) Atomics.store(flags, FLAG.spent, 1);
    }, LOOKOUT_MS);
    this.#tooLate = new Promise((resolve) => {
      stop.onStop(() => {
        Atomics.store(flags, FLAG.stopped, 1);
        setTimeout(resolve, PATIENCE_MS).unref();
      });
    });
    void this.#tooLate.then(() => this.#unanswered?.(NOTHING));
  }

  run(chunk: Chunk): Promise<ChunkResult> {
    // One that waited for its turn: what is busy with another would not answer it for long.
    if (this.#stop.stopped()) return Promise.resolve(NOTHING);
    const worker = this.#worker;
    return new Promise((resolve, reject) => {
      const fail = (error: Error): void => reject(error);
      this.#unanswered = resolve;
      worker.once('error', fail);
      worker.once('message', (answer: ThreadAnswer) => {
        worker.off('error', fail);
        this.#unanswered = undefined;
        if (answer.kind === 'done') resolve({ ...answer.result, failure: null });
        else if (answer.kind === 'no target') reject(new TargetError(answer.message));
        else reject(failedRun(chunk, answer));
      });
      this.#tell(chunk);
    });
  }

  /** Lets it end its servers. One that takes too long is ended; its servers go with it. */
  async close(): Promise<void> {
    clearInterval(this.#lookout);
    if (this.#unanswered === undefined) {
      this.#tell('end');
      let patience: NodeJS.Timeout | undefined;
      const tooLong = new Promise((resolve) => {
        patience = setTimeout(resolve, CLOSE_PATIENCE_MS);
      });
      await Promise.race([this.#ended, tooLong, this.#tooLate]);
      clearTimeout(patience);
    }
    await this.#worker.terminate();
  }

  #tell(task: ThreadTask): void {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
    this.#worker.postMessage(task);
  }
}

/** What is under way when the user has waited for long enough counts for nothing. */
const NOTHING: ChunkResult = {
  tally: new Tally().data,
  failed: null,
  lost: null,
  failure: null,
};

const LOOKOUT_MS = 20;
/** How long threads may take to stop by themselves, once the user wants it. */
const PATIENCE_MS = 300;
const CLOSE_PATIENCE_MS = 2000;

const failedRun = (
  { options }: Chunk,
  { run, name, message, stack }: ThreadAnswer & { readonly kind: 'threw' },
): RunFailed => {
  const cause = Object.assign(new Error(message), { name, stack });
  return new RunFailed(options.seed, run, cause);
};
