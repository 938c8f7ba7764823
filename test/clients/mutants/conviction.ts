/** Lets the fuzzer loose on the reference client with a planted bug. */
import type { Adapter } from '../../../src/clients/adapter.ts';
import type { BreachOf } from '../../../src/clients/trial.ts';
import { tryRun } from '../trial/try-stories.ts';
import type { ClientMutant } from './mutant.ts';

/** A bug that survives so many stories is a hole. */
const STORIES = 500;

export interface ClientConviction {
  /** Stories it took, the failing one included. */
  readonly stories: number;
  /** All contracts that the failing story breaks. */
  readonly breaches: readonly BreachOf[];
}

/** Runs stories until a right contract is broken; null: it survives. */
export async function convictClient({
  id,
  contracts,
}: ClientMutant): Promise<ClientConviction | null> {
  const adapter = await clientWith(id);
  for (let run = 0; run < STORIES; run += 1) {
    const { breaches } = await tryRun(adapter, run);
    const isConvicted = breaches.some(({ contract }) => contracts.includes(contract.id));
    if (isConvicted) return { stories: run + 1, breaches };
  }
  return null;
}

const clientWith = async (id: string): Promise<Adapter> => {
  const path = `../../../src/clients/reference/adapter.ts?mutant=${id}`;
  const { referenceAdapter } = (await import(/* @vite-ignore */ path)) as {
    readonly referenceAdapter: () => Adapter;
  };
  return referenceAdapter();
};
