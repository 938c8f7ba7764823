/** The clients of a story: tells each what to do, and writes down what they say. */
import type { Adapter, Client, ClientEvent, Surroundings } from './adapter.ts';
import { complaintAboutClient, complaintAboutEvent } from './event-check.ts';
import type { Recorder } from './recorder.ts';
import type { Act } from './story.ts';
import { describe } from './uncaught.ts';

export interface CastOptions {
  readonly urls: readonly string[];
  readonly recorder: Recorder;
  readonly programs: Surroundings['programs'];
  readonly onEvent: (event: ClientEvent) => void;
  /** Something happens that only promises know of. */
  readonly stir: () => void;
}

/** Neither a proxy of the environment nor what other runs know of an address. */
const GRPC_OPTIONS = { 'grpc.enable_http_proxy': 0, 'grpc.use_local_subchannel_pool': 1 };

export class Cast {
  readonly #adapter: Adapter;
  readonly #options: CastOptions;
  readonly #clients: Client[] = [];
  #starting = 0;
  #complaint: string | null = null;
  readonly #closed = new Set<number>();
  /** What they are to do once their process goes on. */
  #asleep: Act[] = [];
  #calls = 0;

  constructor(adapter: Adapter, options: CastOptions) {
    this.#adapter = adapter;
    this.#options = options;
  }

  /** Begins to start them; `complaint` tells what became of it. */
  start(): void {
    const { programs, stir, urls } = this.#options;
    const more = programs === undefined ? {} : { programs };
    for (const [client, url] of urls.entries()) {
      const report = (event: ClientEvent): void => this.#report(client, event);
      const complain = (why: string): void => this.#complain(why);
      this.#starting += 1;
      const started = async (): Promise<void> => {
        try {
          const given = { url, grpcOptions: GRPC_OPTIONS, report, complain, ...more };
          const one = await this.#adapter.start(given);
          this.#complain(complaintAboutClient(one, this.#adapter.abilities));
          this.#clients[client] = one;
        } catch (error) {
          this.#complain(`it does not start: ${describe(error)}`);
        }
        this.#starting -= 1;
        stir();
      };
      void started();
    }
  }

  /** Why it cannot be judged; null: nothing is wrong. */
  get complaint(): string | null {
    return this.#complaint ?? (this.#starting > 0 ? 'it does not come to start' : null);
  }

  get isStarting(): boolean {
    return this.#starting > 0;
  }

  #complain(complaint: string | null): void {
    this.#complaint ??= complaint;
  }

  tell(act: Act, isAsleep: boolean): void {
    if (isAsleep) this.#asleep.push(act);
    else void this.#tell(act);
  }

  wake(): void {
    const acts = this.#asleep;
    this.#asleep = [];
    for (const act of acts) void this.#tell(act);
  }

  close(): void {
    for (const client of this.#clients.keys()) void this.#tell({ kind: 'close', client });
  }

  async #tell(act: Act): Promise<void> {
    const { recorder, stir } = this.#options;
    const client = this.#clients[act.client];
    if (client === undefined || this.#closed.has(act.client)) return;
    if (act.kind === 'close') this.#closed.add(act.client);
    this.#calls += 1;
    const call = this.#calls;
    const of = act.client;
    recorder.add({ kind: 'told', client: of, call, act });
    let error: string | null = null;
    try {
      await perform(client, act);
    } catch (thrown) {
      error = describe(thrown);
    }
    recorder.add({ kind: 'settled', client: of, call, error });
    stir();
  }

  #report(client: number, event: ClientEvent): void {
    const complaint = complaintAboutEvent(event);
    this.#complain(complaint);
    if (complaint !== null) return;
    this.#options.recorder.add({ kind: 'said', client, event });
    this.#options.onEvent(event);
  }
}

const perform = async (client: Client, act: Act): Promise<void> => {
  switch (act.kind) {
    case 'grant':
      return client.grant(act.name, act.ttl);
    case 'revoke':
      return client.revoke(act.name);
    case 'release':
      return client.release(act.name);
    case 'put':
      return client.put?.(act.key, act.name);
    case 'lock':
      return client.lock?.(act.name, act.ttl);
    case 'unlock':
      return client.unlock?.(act.name);
    case 'campaign':
      return client.campaign?.(act.name, act.ttl);
    case 'resign':
      return client.resign?.(act.name);
    case 'close':
      return client.close();
  }
};
