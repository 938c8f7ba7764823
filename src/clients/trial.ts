/** Runs a story with a client and judges what was seen. */
import type { Adapter } from './adapter.ts';
import type { Breach, Contract } from './contract.ts';
import type { ClientStory } from './story.ts';
import type { Trace } from './trace.ts';
import { runStory, type WorldOptions } from './world.ts';

export interface ClientTrial {
  readonly story: ClientStory;
  readonly trace: Trace;
  /** Each contract that was broken, with its first breach. */
  readonly breaches: readonly BreachOf[];
  /** Why the client could not be judged; null when it could. */
  readonly broken: string | null;
}

export interface BreachOf extends Breach {
  readonly contract: Contract;
}

export interface TrialOptions extends WorldOptions {
  readonly contracts: readonly Contract[];
}

export const tryStory = async (story: ClientStory, options: TrialOptions): Promise<ClientTrial> => {
  const { trace, broken } = await runStory(story, options);
  if (broken !== null) return { story, trace, breaches: [], broken };
  const breaches: BreachOf[] = [];
  for (const contract of contractsFor(options.adapter, options.contracts)) {
    const breach = contract.check(trace) ?? (await besideTwin(story, trace, contract, options));
    if (breach !== null) {
      breaches.push({ ...breach, what: inWordsOfStories(breach.what), contract });
    }
  }
  return { story, trace, breaches, broken };
};

/** Contracts count clients from 0, as traces do; stories call the first one c1. */
export const inWordsOfStories = (what: string): string =>
  what.replaceAll(/\bclient (\d+)/g, (_, client: string) => `c${Number(client) + 1}`);

/** Those that are about what the client can do. */
export const contractsFor = (
  adapter: Pick<Adapter, 'abilities' | 'notJudgedBy'>,
  contracts: readonly Contract[],
): Contract[] =>
  contracts.filter(
    ({ id, needs }) =>
      needs.every((ability) => adapter.abilities.includes(ability)) &&
      adapter.notJudgedBy?.includes(id) !== true,
  );

const besideTwin = async (
  story: ClientStory,
  trace: Trace,
  { twin }: Contract,
  options: WorldOptions,
): Promise<Breach | null> => {
  const other = twin?.of(story) ?? null;
  if (twin === undefined || other === null) return null;
  const run = await runStory(other, options);
  return run.broken === null ? twin.compare(trace, run.trace) : null;
};
