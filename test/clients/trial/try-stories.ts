/** Runs generated stories with a client until a contract is broken. */
import type { Adapter } from '../../../src/clients/adapter.ts';
import type { Breach, Contract } from '../../../src/clients/contract.ts';
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { generateStory } from '../../../src/clients/generate.ts';
import type { ClientStory } from '../../../src/clients/story.ts';
import type { Trace } from '../../../src/clients/trace.ts';
import { runStory } from '../../../src/clients/world.ts';
import { Seed } from '../../../src/seed.ts';

export interface Finding {
  readonly contract: Contract;
  readonly breach: Breach;
  /** From 0. */
  readonly run: number;
  readonly story: ClientStory;
  readonly trace: Trace;
}

/** Of each run, all that it breaks. `runs`: numbers of runs, in that order. */
export async function* tryStories(adapter: Adapter, runs: Iterable<number>) {
  for (const run of runs) {
    const seed = Seed.of(1n).split('run', run);
    const { abilities } = adapter;
    const story = generateStory(seed.split('story'), { abilities, lasts: 60_000, leases: 8 });
    const { trace, broken } = await runStory(story, { adapter, seed: BigInt(run) });
    const findings = CONTRACTS.flatMap((contract): Finding[] => {
      const breach = contract.check(trace);
      return breach === null ? [] : [{ contract, breach, run, story, trace }];
    });
    yield { run, story, trace, broken, findings };
  }
}
