/**
 * What is done with a client, in this process or in one that can be ended: what is asked and
 * answered is plain data, and can be sent.
 */
import type { Adapter } from '../clients/adapter.ts';
import { fuzz, type FuzzOptions, type FuzzTally } from '../clients/campaign.ts';
import type { Breach, Contract } from '../clients/contract.ts';
import { contractNamed } from '../clients/known.ts';
import type { ClientStory } from '../clients/story.ts';
import type { Trace } from '../clients/trace.ts';
import { type BreachOf, tryStory } from '../clients/trial.ts';
import { findClient, type FoundClient } from './clients.ts';

export interface NamedClient {
  /** As the command names it. */
  readonly client: string;
  /** Of the etcd it talks to. */
  readonly version?: string;
}

/** What a client says of itself. */
export interface ClientFacts
  extends Pick<Adapter, 'name' | 'version' | 'abilities' | 'exceptions' | 'notJudgedBy'>,
    Pick<FoundClient, 'exported'> {}

export interface FuzzChunk extends NamedClient, Omit<FuzzOptions, 'adapter' | 'contracts'> {
  /** Ids. */
  readonly contracts: readonly string[];
  readonly runs: readonly number[];
}

export interface PlayRequest extends NamedClient {
  readonly story: ClientStory;
  /** Ids. */
  readonly contracts: readonly string[];
  readonly seed: bigint;
}

export interface Played {
  readonly trace: Trace;
  readonly breaches: readonly (Breach & { readonly contract: string })[];
  readonly broken: string | null;
}

export interface ClientWork {
  readonly facts: (asked: NamedClient) => Promise<ClientFacts>;
  readonly stories: (asked: FuzzChunk, stopped?: () => boolean) => Promise<FuzzTally>;
  readonly play: (asked: PlayRequest) => Promise<Played>;
}

/** Throws `UsageError` when there is no such client. */
export const CLIENT_WORK: ClientWork = {
  facts: async ({ client, version }) => {
    const { adapter, exported } = await findClient(client, version);
    const { abilities, exceptions = {}, name, notJudgedBy = [], version: is } = adapter;
    return { name, version: is, abilities, exceptions, notJudgedBy, exported };
  },
  stories: async ({ client, contracts, runs, ...rest }, stopped) => {
    const { adapter } = await findClient(client, rest.version);
    return fuzz(runs, { ...rest, adapter, contracts: contractsNamed(contracts) }, stopped);
  },
  play: async ({ client, contracts, seed, story, version }) => {
    const { adapter } = await findClient(client, version);
    const { breaches, broken, trace } = await tryStory(story, {
      adapter,
      contracts: contractsNamed(contracts),
      seed,
      ...(version === undefined ? {} : { version }),
    });
    return { trace, breaches: breaches.map(sendable), broken };
  },
};

/** Contracts are functions, and go by their ids. */
const sendable = (breach: BreachOf): Played['breaches'][number] => ({
  ...breach,
  contract: breach.contract.id,
});

const contractsNamed = (ids: readonly string[]): Contract[] =>
  ids.map(contractNamed).filter((contract) => contract !== undefined);
