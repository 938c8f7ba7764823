/**
 * What a history tells, put together without model and simulator: the life of each lease, each
 * request with its answer and with what was known when it was made, each write with its cause, each
 * turn. Properties judge by it.
 *
 * All of it comes from what was seen: a lease lives from the answer of its grant to the answer of
 * its revoke or to the turn that names it; its deadline is its granted TTL after its last grant or
 * renewal; keys are as the watch tells.
 */
import type { Bytes } from '../src/api/bytes.ts';
import type { Command, LeaseId, Token } from '../src/api/command.ts';
import type { Delivery, KeyValue, Response, WatchEvent } from '../src/api/response.ts';
import type { Entry, History } from '../src/harness/history.ts';

export type Store = ReadonlyMap<Bytes, KeyValue>;

/** Where something stands in the history, and when it was. */
export interface Moment {
  readonly entry: number;
  readonly at: number;
}

export interface Life {
  readonly id: LeaseId;
  /** As the answer to the grant had it, in seconds. */
  readonly granted: number;
  readonly from: Moment;
  readonly renewals: Moment[];
  gone: (Moment & { readonly by: 'revoke' | 'turn' }) | null;
}

export interface Request extends Moment {
  readonly client: number;
  readonly command: Command;
  /** The lease that the command names, when it was there at the call. */
  readonly life: Life | null;
  /** Its deadline at the call. */
  readonly deadline: number;
  /** All leases that were there at the call, where the command asks for them; else none. */
  readonly alive: ReadonlyMap<LeaseId, Life>;
  readonly store: Store;
  readonly revision: number;
  readonly writes: Write[];
  /** The NOSPACE alarm was raised. */
  readonly noSpace: boolean;
  /** The revision compacted last; -1: none was. */
  readonly compacted: number;
  response: Response | null;
  /** Null as long as the server holds the request. */
  answered: Moment | null;
}

export interface Write extends Moment {
  readonly revision: number;
  readonly events: readonly WatchEvent[];
  /** The store before the write. */
  readonly store: Store;
}

export interface Turn extends Moment {
  readonly revoked: readonly Life[];
  /** All leases that were there before. */
  readonly alive: ReadonlyMap<LeaseId, Life>;
  readonly store: Store;
  readonly writes: readonly Write[];
  /** The NOSPACE alarm was raised. */
  readonly noSpace: boolean;
}

/** What a watch of a client delivered. */
export type Delivered = Moment & Delivery;

export interface Chronicle {
  readonly history: History;
  readonly lives: readonly Life[];
  readonly requests: readonly Request[];
  readonly writes: readonly Write[];
  readonly turns: readonly Turn[];
  readonly deliveries: readonly Delivered[];
  /** The leaps of the clock. */
  readonly jumps: readonly { readonly from: number; readonly to: number }[];
  readonly end: number;
}

export function chronicle(history: History): Chronicle {
  const writer = new Chronicler(history);
  for (const [index, entry] of history.entries.entries()) writer.take(entry, index);
  return writer;
}

/** When a lease was to expire, as known just before the entry `before`. */
export const deadlineOf = (life: Life, before = Number.POSITIVE_INFINITY): number => {
  const last = life.renewals.findLast(({ entry }) => entry < before) ?? life.from;
  return last.at + life.granted * 1000;
};

/** The lease of that id that was there just before the entry `before`. */
export const lifeAt = ({ lives }: Chronicle, id: LeaseId, before: number): Life | null =>
  lives.findLast(
    (life) =>
      life.id === id &&
      life.from.entry < before &&
      (life.gone === null || life.gone.entry >= before),
  ) ?? null;

/** The revision of the store just before the entry `before`; a fresh store is at 1. */
export const revisionAt = ({ writes }: Chronicle, before: number): number =>
  writes.findLast(({ entry }) => entry < before)?.revision ?? 1;

/** The keys attached to a lease, in byte order. */
export const attachedTo = (store: Store, id: LeaseId): Bytes[] =>
  [...store.values()]
    .filter(({ lease }) => lease === id)
    .map(({ key }) => key)
    .toSorted();

/** The store as it was at a revision, as known at a request. */
export const storeAt = (
  { writes }: Chronicle,
  { entry, store }: Pick<Request, 'entry' | 'store'>,
  revision: number,
): Store =>
  writes.find((write) => write.revision > revision && write.entry < entry)?.store ?? store;

/** How long it was from `start` to `end`, but for the time that the clock leapt over. */
export const passed = ({ jumps }: Chronicle, start: number, end: number): number =>
  jumps.reduce(
    (left, { from, to }) => left - Math.max(0, Math.min(to, end) - Math.max(from, start)),
    end - start,
  );

/**
 * True when a lease with that deadline went in time: not before it, and at the next turn, or as
 * many turns later as there are 500 leases. What the clock leapt over does not count.
 */
export const wentInTime = (chronicle: Chronicle, deadline: number, gone: number): boolean =>
  gone >= deadline &&
  passed(chronicle, deadline, gone) <= 500 * (1 + Math.floor(chronicle.lives.length / 500));

class Chronicler implements Chronicle {
  readonly history: History;
  readonly lives: Life[] = [];
  readonly requests: Request[] = [];
  readonly writes: Write[] = [];
  readonly turns: Turn[] = [];
  readonly deliveries: Delivered[] = [];
  readonly jumps: { from: number; to: number }[] = [];
  end = 0;
  readonly #alive = new Map<LeaseId, Life>();
  #store: Store = new Map();
  #noSpace = false;
  #compacted = -1;
  readonly #byToken = new Map<Token, Request>();
  /** The request under way, when it is one that can write. */
  #writer: Request | null = null;
  /** Writes that no request asked for: those of the turn that will be told of. */
  #unasked: Write[] = [];

  constructor(history: History) {
    this.history = history;
  }

  take(entry: Entry, index: number): void {
    const moment: Moment = { entry: index, at: entry.at };
    this.end = entry.at;
    switch (entry.kind) {
      case 'call':
        return this.#call(moment, entry.client, entry.command);
      case 'return':
        if (entry.completion.kind === 'answered') {
          this.#answer(moment, entry.token, entry.completion.response);
        }
        return;
      case 'watch':
        return this.#write(moment, entry.revision, entry.events);
      case 'delivery':
        this.deliveries.push({ ...moment, ...entry.delivery });
        return;
      case 'turn':
        return this.#turn(moment, entry.revoked);
      case 'jump':
        this.jumps.push({ from: entry.from, to: entry.at });
        return;
      case 'restart':
      case 'promote':
      case 'demote':
      case 'stall':
      case 'catchUp':
      case 'lost':
      case 'end':
        return;
    }
  }

  #call(moment: Moment, client: number, command: Command): void {
    const life = this.#alive.get(leaseNamedBy(command)) ?? null;
    const request: Request = {
      ...moment,
      client,
      command,
      life,
      deadline: life === null ? Number.NaN : deadlineOf(life, moment.entry),
      alive: command.kind === 'leases' ? new Map(this.#alive) : NOBODY,
      store: this.#store,
      revision: this.writes.at(-1)?.revision ?? 1,
      writes: [],
      noSpace: this.#noSpace,
      compacted: this.#compacted,
      response: null,
      answered: null,
    };
    this.requests.push(request);
    this.#byToken.set(command.token, request);
    this.#writer = WRITERS.has(command.kind) ? request : null;
  }

  #answer(moment: Moment, token: Token, response: Response): void {
    const request = this.#byToken.get(token);
    if (request === undefined) return;
    request.response = response;
    request.answered = moment;
    if (this.#writer === request) this.#writer = null;
    if (response.kind === 'granted') {
      const { id, ttl } = response;
      const life: Life = { id, granted: ttl, from: moment, renewals: [], gone: null };
      this.lives.push(life);
      this.#alive.set(id, life);
    } else if (response.kind === 'keptAlive' && response.ttl > 0) {
      this.#alive.get(response.id)?.renewals.push(moment);
    } else if (response.kind === 'revoked') {
      this.#end(leaseNamedBy(request.command), { ...moment, by: 'revoke' });
    } else this.#keep(request.command, response);
  }

  #keep(command: Command, { kind }: Response): void {
    if (kind === 'compacted' && command.kind === 'compact') {
      this.#compacted = Number(command.revision);
    } else if (kind === 'alarms' && command.kind === 'alarm' && command.action !== 'list') {
      this.#noSpace = command.action === 'raise';
    }
  }

  #write(moment: Moment, revision: number, events: readonly WatchEvent[]): void {
    const write: Write = { ...moment, revision, events, store: this.#store };
    this.writes.push(write);
    (this.#writer === null ? this.#unasked : this.#writer.writes).push(write);
    const store = new Map(this.#store);
    for (const { kind, kv } of events) {
      if (kind === 'put') store.set(kv.key, kv);
      else store.delete(kv.key);
    }
    this.#store = store;
  }

  #turn(moment: Moment, ids: readonly LeaseId[]): void {
    const alive = new Map(this.#alive);
    const writes = this.#unasked;
    const revoked = ids.flatMap((id) => this.#end(id, { ...moment, by: 'turn' }));
    const store = writes[0]?.store ?? this.#store;
    this.turns.push({ ...moment, revoked, alive, store, writes, noSpace: this.#noSpace });
    this.#unasked = [];
  }

  #end(id: LeaseId, gone: Life['gone']): Life[] {
    const life = this.#alive.get(id);
    if (life === undefined) return [];
    life.gone = gone;
    this.#alive.delete(id);
    return [life];
  }
}

const NOBODY: ReadonlyMap<LeaseId, Life> = new Map();

const WRITERS: ReadonlySet<Command['kind']> = new Set(['put', 'deleteRange', 'revoke', 'txn']);

/** 0 when it names none. */
const leaseNamedBy = (command: Command): LeaseId => {
  if (command.kind === 'put') return command.lease;
  return 'id' in command ? command.id : 0n;
};
