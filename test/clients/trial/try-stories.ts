/** Runs generated stories with a client, and judges them. */
import type { Adapter } from '../../../src/clients/adapter.ts';
import { storyOf, trialOptions } from '../../../src/clients/campaign.ts';
import { CONTRACTS } from '../../../src/clients/contracts/contracts.ts';
import { type ClientTrial, tryStory } from '../../../src/clients/trial.ts';

/** One story by its number: as `leasehold fuzz --seed 1` runs it. */
export const tryRun = (adapter: Adapter, run: number): Promise<ClientTrial> => {
  const options = { adapter, contracts: CONTRACTS, seed: 1n, lasts: 60_000, leases: 8 };
  return tryStory(storyOf(run, options), trialOptions(run, options));
};
