/** A real etcd for tests, and a sink that remembers. */
import { asBytes, type Bytes, NO_BYTES } from '../../../src/api/bytes.ts';
import { type Command, type LeaseId, type Token, PLAIN_VIEW } from '../../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import type { Delivery, Response, WatchEvent } from '../../../src/api/response.ts';
import type { Revision } from '../../../src/api/units.ts';
import type { Completion, Session, Sink, Target } from '../../../src/harness/target.ts';
import { type EtcdBinary, resolveEtcd } from '../../../src/harness/targets/etcd-binaries.ts';

/** The etcd that tests run on; without one they fail, and the error says how to get it. */
export const testEtcd = (version = '3.5.30'): Promise<EtcdBinary> =>
  resolveEtcd({ version, env: process.env, progress: () => {} });

/** A command without its token. */
export type Ask = Command extends infer Each
  ? Each extends Command
    ? Omit<Each, 'token'>
    : never
  : never;

export const grant = (id: bigint, ttl: bigint): Ask => ({ kind: 'grant', id, ttl });
export const revoke = (id: bigint): Ask => ({ kind: 'revoke', id });
export const keepAlive = (id: bigint, stream = 0): Ask => ({ kind: 'keepAlive', id, stream });
export const timeToLive = (id: bigint, keys = true): Ask => ({ kind: 'timeToLive', id, keys });
export const range = (key: Bytes, rangeEnd = NO_BYTES): Ask => ({
  kind: 'range',
  key,
  rangeEnd,
  view: PLAIN_VIEW,
});

export class Recorder implements Sink {
  readonly watches: { revision: Revision; events: readonly WatchEvent[] }[] = [];
  readonly losses: string[] = [];
  /** The tokens in the order of their completions. */
  readonly order: Token[] = [];
  readonly #waiting = new Map<Token, (completion: Completion) => void>();

  answered(token: Token, completion: Completion): void {
    this.order.push(token);
    this.#waiting.get(token)?.(completion);
  }

  turned(_revoked: readonly LeaseId[]): void {}

  watched(revision: Revision, events: readonly WatchEvent[]): void {
    this.watches.push({ revision, events });
  }

  readonly deliveries: Delivery[] = [];

  delivered(delivery: Delivery): void {
    this.deliveries.push(delivery);
  }

  lost(why: string): void {
    this.losses.push(why);
  }

  wait(token: Token): Promise<Completion> {
    return new Promise((resolve) => {
      this.#waiting.set(token, resolve);
    });
  }
}

/** A session whose calls return what became of them. */
export class Client {
  readonly session: Session;
  readonly seen: Recorder;
  #tokens = 0;

  constructor(session: Session, seen: Recorder) {
    this.session = session;
    this.seen = seen;
  }

  static async open(target: Target, index: number): Promise<Client> {
    const seen = new Recorder();
    return new Client(await target.open({ index, config: DEFAULT_CONFIG, clients: 3 }, seen), seen);
  }

  /** An id of this session. */
  own(id: bigint): bigint {
    return id ^ this.session.idMask;
  }

  /** A key of this session. */
  key(name: string): Bytes {
    return asBytes(`${this.session.keyPrefix}${name}`);
  }

  put(name: string, lease = 0n, more: Partial<Extract<Ask, { kind: 'put' }>> = {}): Ask {
    const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
    return { kind: 'put', key: this.key(name), value: asBytes('v'), lease, ...flags, ...more };
  }

  complete(ask: Ask, client = 0): Promise<Completion> {
    this.#tokens += 1;
    const token = this.#tokens;
    const completion = this.seen.wait(token);
    void this.session.call(client, { ...ask, token });
    return completion;
  }

  async answer(ask: Ask, client = 0): Promise<Response> {
    const completion = await this.complete(ask, client);
    if (completion.kind === 'answered') return completion.response;
    throw new Error(`unknown: ${completion.why}`);
  }

  /** The answer, which must be of the given kind. */
  async expect<Kind extends Response['kind']>(
    kind: Kind,
    ask: Ask,
  ): Promise<Extract<Response, { kind: Kind }>> {
    const response = await this.answer(ask);
    if (response.kind !== kind) throw new Error(`not ${kind} but ${response.kind}`);
    return response as Extract<Response, { kind: Kind }>;
  }
}

/** Resolves when `condition` holds; fails after `ms`. */
export const until = async (condition: () => boolean, ms = 5_000): Promise<void> => {
  const deadline = Date.now() + ms;
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
};
