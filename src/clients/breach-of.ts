/** What tests of clients call: does a story break a contract? */
import type { Adapter } from './adapter.ts';
import { contractNamed, knownClient } from './known.ts';
import { parseStory } from './parse-story.ts';
import { tryStory } from './trial.ts';

export interface BreachOptions {
  /** Its adapter, or the name of a client that comes along. */
  readonly client: Adapter | string;
  /** Such as FUZZ-01. */
  readonly contract: string;
  /** Where the random numbers of the client come from; otherwise 0. */
  readonly seed?: bigint;
  /** The version of the etcd that it talks to; otherwise 3.5.30. */
  readonly etcd?: string;
}

/**
 * One sentence with the figures; null: the contract holds. Rejects when the client cannot be
 * judged.
 */
export const breachOf = async (story: string, options: BreachOptions): Promise<string | null> => {
  const { client, etcd } = options;
  const adapter = typeof client === 'string' ? await named(client, etcd) : client;
  const contract = contractNamed(options.contract);
  if (contract === undefined) throw new RangeError(`there is no contract ${options.contract}`);
  const { breaches, broken } = await tryStory(parseStory(story.trim()), {
    adapter,
    contracts: [contract],
    seed: options.seed ?? 0n,
    ...(etcd === undefined ? {} : { version: etcd }),
  });
  if (broken !== null) throw new Error(`${adapter.name} cannot be judged: ${broken}`);
  return breaches[0]?.what ?? null;
};

const named = async (name: string, version?: string): Promise<Adapter> => {
  const adapter = await knownClient(name, version);
  if (adapter === undefined) throw new RangeError(`there is no client ${name}`);
  return adapter;
};
