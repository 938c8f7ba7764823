/** The stories of a fuzz, in chunks, on this thread or on several. The result is the same. */
import { Worker } from 'node:worker_threads';
import { fuzz, type FuzzOptions, type FuzzTally } from '../clients/campaign.ts';
import { Findings } from '../clients/findings.ts';
import { contractNamed } from '../clients/known.ts';
import { TraceHash } from '../harness/trace-hash.ts';
import { clientNamed } from './clients.ts';

/** What a thread is told: names, for adapters and contracts cannot be sent. */
export interface FuzzChunk extends Omit<FuzzOptions, 'adapter' | 'contracts'> {
  readonly client: string;
  readonly contracts: readonly string[];
  readonly runs: readonly number[];
}

export interface FuzzCampaign {
  readonly tally: FuzzTally;
  readonly traceHash: string;
}

/** Stories between two looks at what the user wants. */
const CHUNK = 8;

export const fuzzCampaign = async (
  runs: readonly number[],
  plan: Omit<FuzzChunk, 'runs'>,
  control: {
    readonly jobs: number;
    readonly stopped: () => boolean;
    readonly progress: (tally: FuzzTally) => void;
  },
): Promise<FuzzCampaign> => {
  const { jobs, progress, stopped } = control;
  const sum = new Sum();
  const chunks: FuzzChunk[] = [];
  for (let start = 0; start < runs.length; start += CHUNK) {
    chunks.push({ ...plan, runs: runs.slice(start, start + CHUNK) });
  }
  const workers =
    jobs === 1 ? [] : Array.from({ length: Math.min(jobs, chunks.length) }, newWorker);
  const work = async (run: (chunk: FuzzChunk) => Promise<FuzzTally>): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined && !stopped(); chunk = chunks.shift()) {
      sum.add(await run(chunk));
      progress(sum.tally);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  try {
    if (jobs === 1) await work((chunk) => runFuzzChunk(chunk, stopped));
    else await Promise.all(workers.map((worker) => work((chunk) => ask(worker, chunk))));
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return { tally: sum.tally, traceHash: sum.hash.hex };
};

export const runFuzzChunk = async (
  { client, contracts, runs, ...rest }: FuzzChunk,
  stopped?: () => boolean,
): Promise<FuzzTally> => {
  const adapter = await clientNamed(client);
  const judges = contracts.map(contractNamed).filter((contract) => contract !== undefined);
  return fuzz(runs, { ...rest, adapter, contracts: judges }, stopped);
};

const newWorker = (): Worker => new Worker(new URL('./fuzz-worker.js', import.meta.url));

const ask = (worker: Worker, chunk: FuzzChunk): Promise<FuzzTally> =>
  new Promise((resolve, reject) => {
    const ended = (): void => reject(new Error('a thread of the fuzz has ended'));
    worker.once('error', reject);
    worker.once('exit', ended);
    worker.once('message', (tally: FuzzTally) => {
      worker.off('error', reject);
      worker.off('exit', ended);
      resolve(tally);
    });
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- no window
    worker.postMessage(chunk);
  });

/** Adds up what chunks came to, in whatever order they end. */
class Sum {
  readonly hash = new TraceHash();
  readonly #findings = new Findings();
  readonly #broken: FuzzTally['broken'][number][] = [];
  #stories = 0;
  #entries = 0;
  #virtual = 0;
  #connections = 0;

  add(tally: FuzzTally): void {
    this.#stories += tally.stories;
    this.#entries += tally.entries;
    this.#virtual += tally.virtualMilliseconds;
    this.#connections += tally.connections;
    this.hash.combine(tally.digest);
    this.#broken.push(...tally.broken);
    for (const finding of tally.findings) this.#findings.merge(finding);
  }

  get tally(): FuzzTally {
    return {
      stories: this.#stories,
      entries: this.#entries,
      virtualMilliseconds: this.#virtual,
      connections: this.#connections,
      findings: this.#findings.all,
      broken: this.#broken.toSorted((left, right) => left.run - right.run),
      digest: this.hash.bytes,
    };
  }
}
