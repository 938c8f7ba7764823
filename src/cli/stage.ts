/**
 * Where stories are played one by one: those of clients that come along in this process, those of
 * others, of whom nobody knows whether they come back, where they can be ended.
 */
import type { Contract } from '../clients/contract.ts';
import { CLIENT_NAMES, contractNamed } from '../clients/known.ts';
import type { ClientStory } from '../clients/story.ts';
import { endStragglers } from '../clients/live/stragglers.ts';
import type { BreachOf, ClientTrial } from '../clients/trial.ts';
import { UsageError } from './arguments.ts';
import { ClientProcess, Lost, patienceFor } from './client-process.ts';
import { CLIENT_WORK, type ClientFacts, type NamedClient, type Played } from './client-work.ts';
import type { Stopper } from './stopper.ts';

/** A client that we do not know may never come back. */
export const isStrange = (client: string): boolean => !CLIENT_NAMES.includes(client);

export class Stage {
  readonly facts: ClientFacts;
  readonly #client: NamedClient;
  readonly #host: ClientProcess | null;

  private constructor(client: NamedClient, facts: ClientFacts, host: ClientProcess | null) {
    this.#client = client;
    this.facts = facts;
    this.#host = host;
  }

  /**
   * Throws `UsageError` when there is no such client, or it cannot be loaded, and `Interrupted`
   * when the user does not wait for it.
   */
  static async open(client: NamedClient, stop: Stopper): Promise<Stage> {
    if (!isStrange(client.client)) {
      return new Stage(client, await stop.unlessStopped(CLIENT_WORK.facts(client)), null);
    }
    const host = new ClientProcess();
    try {
      const facts = host.ask('facts', client, patienceFor(0));
      return new Stage(client, await stop.unlessStopped(facts), host);
    } catch (error) {
      await host.end();
      endStragglers();
      if (!(error instanceof Lost)) throw error;
      throw new UsageError(`${client.client} cannot be loaded: ${error.message}`);
    }
  }

  /** A client that is lost over it cannot be judged; the next story is played all the same. */
  async play(
    story: ClientStory,
    { contracts, seed }: { readonly contracts: readonly Contract[]; readonly seed: bigint },
  ): Promise<ClientTrial> {
    const asked = { ...this.#client, story, contracts: contracts.map(({ id }) => id), seed };
    try {
      if (this.#host === null) return trialOf(story, await CLIENT_WORK.play(asked));
      const patience = patienceFor(story.lasts);
      return trialOf(story, await this.#host.ask('play', asked, patience));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      return { story, trace: [], breaches: [], broken: error.message };
    }
  }

  /** Nothing is left of a strange client, in whatever process it was. */
  async close(): Promise<void> {
    if (this.#host === null) return;
    await this.#host.end();
    endStragglers();
  }
}

const trialOf = (story: ClientStory, { breaches, broken, trace }: Played): ClientTrial => ({
  story,
  trace,
  broken,
  breaches: breaches.flatMap((breach): BreachOf[] => {
    const contract = contractNamed(breach.contract);
    return contract === undefined ? [] : [{ ...breach, contract }];
  }),
});
