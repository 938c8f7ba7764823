/** The stories of a fuzz, in chunks, on this thread or on several. The result is the same. */
import { Worker } from 'node:worker_threads';
import { fuzz, type FuzzOptions, type FuzzTally } from '../clients/campaign.ts';
import { Findings } from '../clients/findings.ts';
import { CLIENT_NAMES, contractNamed } from '../clients/known.ts';
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
  /** A story did not come back: nothing more is tried with that client. */
  readonly hasLost: boolean;
}

/** Stories between two looks at what the user wants. */
const CHUNK = 8;

/** Real milliseconds in which a story of a user's client has to end: more for one that lasts. */
const patienceFor = (lasts: number): number => Math.max(10_000, lasts / 2);

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
  // A client that we do not know may never come back: it runs where it can be ended, by itself.
  const isStrange = !CLIENT_NAMES.includes(plan.client);
  const size = isStrange ? 1 : CHUNK;
  for (let start = 0; start < runs.length; start += size) {
    chunks.push({ ...plan, runs: runs.slice(start, start + size) });
  }
  const isAlone = jobs === 1 && !isStrange;
  const workers = isAlone ? [] : Array.from({ length: Math.min(jobs, chunks.length) }, newWorker);
  const patience = isStrange ? patienceFor(plan.lasts) : undefined;
  const work = async (run: (chunk: FuzzChunk) => Promise<FuzzTally>): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined && !stopped(); chunk = chunks.shift()) {
      sum.add(await run(chunk));
      progress(sum.tally);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  try {
    if (isAlone) await work((chunk) => runFuzzChunk(chunk, stopped));
    else await Promise.all(workers.map((worker) => work((chunk) => ask(worker, chunk, patience))));
  } catch (error) {
    if (!(error instanceof Lost)) throw error;
    sum.lose(error.run, error.message);
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  return { tally: sum.tally, traceHash: sum.hash.hex, hasLost: sum.hasLost };
};

export const runFuzzChunk = async (
  { client, contracts, runs, ...rest }: FuzzChunk,
  stopped?: () => boolean,
): Promise<FuzzTally> => {
  const adapter = await clientNamed(client, rest.version);
  const judges = contracts.map(contractNamed).filter((contract) => contract !== undefined);
  return fuzz(runs, { ...rest, adapter, contracts: judges }, stopped);
};

const newWorker = (): Worker => {
  const worker = new Worker(new URL('./fuzz-worker.js', import.meta.url), { stdout: true });
  // What a client prints is not what we have to say.
  worker.stdout.pipe(process.stderr, { end: false });
  return worker;
};

/** A client has taken its thread along. */
class Lost extends Error {
  override readonly name = 'Lost';
  readonly run: number;

  constructor(run: number, why: string) {
    super(why);
    this.run = run;
  }
}

const ask = (worker: Worker, chunk: FuzzChunk, patience?: number): Promise<FuzzTally> =>
  new Promise((resolve, reject) => {
    const [run = 0] = chunk.runs;
    const ended = (): void => reject(new Lost(run, 'it ends its thread'));
    const hangs = (): void => {
      reject(new Lost(run, `it does not come back within ${(patience ?? 0) / 1000} s`));
      void worker.terminate();
    };
    const timer = patience === undefined ? undefined : setTimeout(hangs, patience);
    worker.once('error', reject);
    worker.once('exit', ended);
    worker.once('message', (tally: FuzzTally) => {
      clearTimeout(timer);
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

  /** A story of which nothing is known but why. */
  lose(run: number, why: string): void {
    this.#broken.push({ run, why });
    this.hasLost = true;
  }

  hasLost = false;

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
