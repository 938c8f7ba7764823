/**
 * Presents what simulators did on virtual clocks as a history of a real one: turns go unseen;
 * windows and deliveries stretch; several runs become the sessions of one server, with keys, ids
 * and revisions of their own there. What is true of the runs is true of the history.
 */
import type { Token } from '../../../src/api/command.ts';
import type { Response, ResponseOp } from '../../../src/api/response.ts';
import { instant, type Revision, revision } from '../../../src/api/units.ts';
import type { Entry, History } from '../../../src/harness/history.ts';
import type { Random } from '../../../src/seed.ts';
import { Renaming } from './renaming.ts';
import { stretched } from './stretching.ts';

export interface Presentation {
  readonly random: Random;
  /** How far windows stretch to either side, and how late deliveries are, in milliseconds. */
  readonly stretch: number;
  readonly exclusive: boolean;
}

export type Seen = Extract<Entry, { kind: 'call' | 'return' | 'watch' | 'delivery' }>;

/** Milliseconds between the starts of two sessions. */
const STAGGER = 7;

export function onARealClock(runs: readonly History[], options: Presentation): History {
  const server = new Server();
  const all = merged(runs);
  const entries =
    runs.length === 1
      ? all.map(({ entry }) => entry)
      : all.map(({ session, entry }) => server.retold(session, entry));
  const seen = stretched(entries, options.random, options.stretch);
  const { header } = runs[0] as History;
  return {
    header: { ...header, clock: 'real', lastTurn: null, exclusive: options.exclusive },
    entries: [...seen, { kind: 'end', at: seen.at(-1)?.at ?? instant(0) }],
  };
}

/** All that clients see, on one clock; what happens at once in one session stays together. */
const merged = (runs: readonly History[]): readonly { session: number; entry: Seen }[] =>
  runs
    .flatMap(({ entries }, session) =>
      entries.filter(isSeen).map((entry) => {
        const at = instant(entry.at + session * STAGGER);
        return { session, entry: { ...entry, at } };
      }),
    )
    .sort((left, right) => left.entry.at - right.entry.at);

const isSeen = (entry: Entry): entry is Seen => SEEN.has(entry.kind);

const SEEN: ReadonlySet<Entry['kind']> = new Set(['call', 'return', 'watch', 'delivery']);

/** The revisions within a transaction are its own, or the one before; nested ones have none. */
const moved = <R extends Response>(response: R, own: Revision, shown: Revision): R => {
  if (response.kind !== 'txnResult') return response;
  const responses = response.responses.map((each): ResponseOp => {
    const inner = each.kind === 'txnResult' ? moved(each, own, shown) : each;
    return inner.revision === 0
      ? inner
      : { ...inner, revision: revision(shown + inner.revision - own) };
  });
  return { ...response, responses };
};

/** The server on which all is said to have happened. */
class Server {
  #revision = revision(1);
  #lastId = 0x10d7_0000_0000_0000n;
  readonly #sessions = new Map<number, Renaming>();
  /** The server's revision when a request was sent, by its token in the history. */
  readonly #sentAt = new Map<Token, Revision>();

  retold(session: number, entry: Seen): Seen {
    const names = this.#sessions.get(session) ?? new Renaming(session);
    this.#sessions.set(session, names);
    switch (entry.kind) {
      case 'call': {
        const command = names.command(entry.command);
        this.#sentAt.set(command.token, this.#revision);
        return { ...entry, session, command };
      }
      case 'return': {
        const token = names.token(entry.token);
        const { completion } = entry;
        if (completion.kind !== 'answered') return { ...entry, token };
        const response = this.#response(names, entry.token, completion.response);
        return { ...entry, token, completion: { ...completion, response } };
      }
      case 'delivery': {
        const { events, revision: own } = entry.delivery;
        for (const { kv } of events) this.#revisionOf(names, kv.modRevision);
        if (own > 0) this.#revisionOf(names, own);
        return { ...entry, session, delivery: names.delivery(entry.delivery) };
      }
      case 'watch': {
        const at = this.#revisionOf(names, entry.revision);
        return { ...entry, session, revision: at, events: entry.events.map(names.event) };
      }
    }
  }

  #response(names: Renaming, token: Token, response: Response): Response {
    if (response.kind === 'refused') return response;
    if (response.kind === 'granted' && names.leftIdToServer(token)) {
      this.#lastId += 2n;
      names.bindId(response.id, this.#lastId);
    }
    const shown = this.#revisionOf(names, response.revision);
    const renamed = moved(names.response(response), response.revision, shown);
    if (response.kind !== 'keptAlive') return { ...renamed, revision: shown } as Response;
    // KA-06: no lower than when it was sent.
    const known = names.revision(response.revision);
    const sentAt = this.#sentAt.get(names.token(token)) as Revision;
    return { ...renamed, revision: sentAt > known ? sentAt : known } as Response;
  }

  /** What a run's revision is on the server: its latest one is whatever the server's is. */
  #revisionOf(names: Renaming, own: Revision): Revision {
    if (own < names.latest) return names.revision(own);
    if (own > names.latest) {
      this.#revision = revision(this.#revision + 1);
      names.bindRevision(own, this.#revision);
    }
    return this.#revision;
  }
}
