/**
 * Presents what a simulator did on a virtual clock as a history of a real one: several runs become
 * sessions of one server, with keys, ids and revisions of their own; turns go unseen; windows and
 * deliveries stretch. Whatever held of the runs holds of the history.
 */
import type { Token } from '../../../src/api/command.ts';
import type { Response, WatchEvent } from '../../../src/api/response.ts';
import { type Instant, instant, type Revision, revision } from '../../../src/api/units.ts';
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

type Seen = Entry & { kind: 'call' | 'return' | 'watch' };

/** An entry of one of the runs, on the common clock. */
interface Moment {
  readonly session: number;
  readonly entry: Seen;
}

/** Milliseconds between the starts of two sessions. */
const STAGGER = 7;

export function onARealClock(runs: readonly History[], options: Presentation): History {
  const server = new Server();
  const entries = merged(runs).map((moment) => server.retold(moment));
  const seen = stretched(entries, options.random, options.stretch);
  const last = seen.at(-1)?.at ?? instant(0);
  const { header } = runs[0] as History;
  return {
    header: { ...header, clock: 'real', lastTurn: null, exclusive: options.exclusive },
    entries: [...seen, { kind: 'end', at: last }],
  };
}

const merged = (runs: readonly History[]): readonly Moment[] =>
  runs
    .flatMap(({ entries }, session) =>
      entries.filter(isSeen).map((entry): Moment => {
        const at = instant(entry.at + session * STAGGER);
        return { session, entry: { ...entry, at } };
      }),
    )
    .sort((left, right) => left.entry.at - right.entry.at);

const isSeen = (entry: Entry): entry is Seen =>
  entry.kind === 'call' || entry.kind === 'return' || entry.kind === 'watch';

/** The one server on which the runs are said to have happened. */
class Server {
  #revision = revision(1);
  readonly #sessions = new Map<number, Renaming>();
  /** By token of the history: the session, and the server's revision when it was called. */
  readonly #calls = new Map<Token, { readonly client: number; readonly before: Revision }>();
  #granted = 0n;

  retold({ session, entry }: Moment): Seen {
    const names = this.#sessions.get(session) ?? new Renaming(session);
    this.#sessions.set(session, names);
    switch (entry.kind) {
      case 'call': {
        const command = names.command(entry.command);
        this.#calls.set(command.token, { client: entry.client, before: this.#revision });
        return { ...entry, session, command };
      }
      case 'return': {
        const token = names.token(entry.token);
        const { completion } = entry;
        if (completion.kind !== 'answered') return { ...entry, token };
        const response = this.#response(names, token, entry.token, completion.response);
        return { ...entry, token, completion: { ...completion, response } };
      }
      case 'watch': {
        const at = this.#see(names, entry.revision);
        const events = entry.events.map((event): WatchEvent => names.event(event));
        return { ...entry, session, revision: at, events };
      }
    }
  }

  #response(names: Renaming, token: Token, original: Token, response: Response): Response {
    if (response.kind === 'refused') return response;
    if (response.kind === 'granted' && names.choseId(original)) {
      this.#granted += 2n;
      names.bind(response.id, 0x10d7_0000_0000_0000n + this.#granted);
    }
    const renamed = names.response(response);
    if (response.kind === 'keptAlive') {
      const before = this.#calls.get(token)?.before ?? revision(1);
      const known = names.revision(response.revision) ?? revision(1);
      return { ...renamed, revision: revision(Math.max(before, known)) } as Response;
    }
    const own = this.#see(names, response.revision);
    const writes =
      response.kind === 'putDone' ||
      (response.kind === 'deleted' && response.deleted > 0) ||
      (response.kind === 'revoked' && names.isLatest(response.revision, own, this.#revision));
    return { ...renamed, revision: writes ? own : this.#revision } as Response;
  }

  /** The server's revision that a run's own revision became. */
  #see(names: Renaming, own: Revision): Revision {
    const known = names.revision(own);
    if (known !== undefined) return known;
    this.#revision = revision(this.#revision + 1);
    names.bindRevision(own, this.#revision);
    return this.#revision;
  }
}

export type { Instant };
