/** The stories of a fuzz, in chunks, in this process or in several. The result is the same. */
import { type CallFailure, earlierFailure, type FuzzTally } from '../clients/campaign.ts';
import { Findings } from '../clients/findings.ts';
import { TraceHash } from '../harness/trace-hash.ts';
import { ClientProcess, Lost, patienceFor } from './client-process.ts';
import { CLIENT_WORK, type FuzzChunk } from './client-work.ts';
import { isStrange } from './stage.ts';

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
    /** Calls back when the user wants to stop: what is under way counts for nothing. */
    readonly onStop: (react: () => void) => void;
    readonly progress: (tally: FuzzTally) => void;
  },
): Promise<FuzzCampaign> => {
  const { jobs, onStop, progress, stopped } = control;
  const sum = new Sum();
  const chunks: FuzzChunk[] = [];
  // A client that may never come back runs where it can be ended, each story by itself.
  const mayBeLost = isStrange(plan.client);
  const size = mayBeLost ? 1 : CHUNK;
  for (let start = 0; start < runs.length; start += size) {
    chunks.push({ ...plan, runs: runs.slice(start, start + size) });
  }
  const isAlone = jobs === 1 && !mayBeLost;
  const count = isAlone ? 0 : Math.min(jobs, chunks.length);
  const processes = Array.from({ length: count }, () => new ClientProcess());
  onStop(() => {
    for (const one of processes) void one.end();
  });
  const patience = mayBeLost ? patienceFor(plan.lasts) : undefined;
  const work = async (run: (chunk: FuzzChunk) => Promise<FuzzTally>): Promise<void> => {
    for (let chunk = chunks.shift(); chunk !== undefined && !stopped(); chunk = chunks.shift()) {
      try {
        sum.add(await run(chunk));
      } catch (error) {
        if (error instanceof Lost && stopped()) return;
        if (!(error instanceof Lost) || !mayBeLost) throw error;
        sum.lose(chunk.runs[0] as number, error.message);
        // Nothing more is tried with that client: each story may take as long.
        chunks.length = 0;
      }
      progress(sum.tally);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  try {
    if (isAlone) await work((chunk) => CLIENT_WORK.stories(chunk, stopped));
    else {
      const asked = processes.map((one) => work((chunk) => one.ask('stories', chunk, patience)));
      await Promise.all(asked);
    }
  } finally {
    await Promise.all(processes.map((one) => one.end()));
  }
  return { tally: sum.tally, traceHash: sum.hash.hex };
};

/** Adds up what chunks came to, in whatever order they end. */
class Sum {
  readonly hash = new TraceHash();
  readonly #findings = new Findings();
  readonly #broken: FuzzTally['broken'][number][] = [];
  #stories = 0;
  #entries = 0;
  #virtual = 0;
  #connections = 0;
  #failure: CallFailure | null = null;

  /** A story of which nothing is known but why. */
  lose(run: number, why: string): void {
    this.#broken.push({ run, why });
  }

  add(tally: FuzzTally): void {
    this.#stories += tally.stories;
    this.#entries += tally.entries;
    this.#virtual += tally.virtualMilliseconds;
    this.#connections += tally.connections;
    this.#failure = earlierFailure(this.#failure, tally.failure);
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
      failure: this.#failure,
      findings: this.#findings.all,
      broken: this.#broken.toSorted((left, right) => left.run - right.run),
      digest: this.hash.bytes,
    };
  }
}
