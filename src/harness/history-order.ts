/**
 * What the entries of a history have to do with one another, wherever it comes from: the clock
 * never goes back, an answer belongs to a call and is of its kind, and a server does what servers
 * can.
 */
import { DecodeError, unexpected } from '../api/codec.ts';
import type { Command, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { type Instant, instant } from '../api/units.ts';
import { type Entry, hasFrom, type History, type HistoryHeader } from './history.ts';
import { ServerOrder } from './server-order.ts';
import type { Completion } from './target.ts';

/** Throws `DecodeError`, which names the entry, where a history is one that nobody can record. */
export const expectPossible = ({ entries, header }: History): void => {
  const order = new HistoryOrder(header);
  for (let index = 0; index < entries.length; index += 1) {
    try {
      order.take(entries[index] as Entry);
    } catch (error) {
      throw error instanceof DecodeError ? error.within(`entries[${index}]`) : error;
    }
  }
  expectEnd(entries);
};

/** Throws `DecodeError` when a history is cut off. */
export const expectEnd = (entries: readonly Entry[]): void => {
  // On a real clock what was unanswered returns, as unknown, after the end.
  if (entries.some(({ kind }) => kind === 'end')) return;
  const last = entries.at(-1)?.kind ?? 'nothing';
  throw new DecodeError(
    `the history is cut off: it ends with ${last}, expected an entry of kind end`,
  );
};

/** Looks at the entries one after the other. */
export class HistoryOrder {
  readonly #isVirtual: boolean;
  readonly #calls = new Map<Token, Command['kind']>();
  readonly #returned = new Set<Token>();
  readonly #server = new ServerOrder();
  #now: Instant;

  constructor({ clock, lastTurn }: HistoryHeader) {
    this.#isVirtual = clock === 'virtual';
    this.#now = lastTurn ?? instant(0);
  }

  /** Takes the next entry. Throws `DecodeError` where it cannot come now. */
  take(entry: Entry): void {
    this.#passTo(entry);
    if (this.#isVirtual) this.#server.take(entry);
    if (entry.kind === 'call') this.#call(entry.command);
    if (entry.kind === 'return') this.#return(entry.token, entry.completion);
  }

  #passTo(entry: Entry): void {
    const starts = hasFrom(entry) ? 'from' : 'at';
    const from = hasFrom(entry) ? entry.from : entry.at;
    if (from < this.#now) {
      throw unexpected(from, `no less than ${this.#now}, where the clock was before`).within(
        starts,
      );
    }
    if (entry.at < from) throw unexpected(entry.at, `no less than from, ${from}`).within('at');
    if (this.#isVirtual && !(Number.isSafeInteger(from) && Number.isSafeInteger(entry.at))) {
      throw unexpected(entry.at, 'whole milliseconds on a virtual clock').within('at');
    }
    this.#now = entry.at;
  }

  #call(command: Command): void {
    if (this.#calls.has(command.token)) {
      throw unexpected(command.token, 'a token of its own for each call').within('command.token');
    }
    this.#calls.set(command.token, command.kind);
  }

  #return(token: Token, completion: Completion): void {
    const kind = this.#calls.get(token);
    if (kind === undefined) throw unexpected(token, 'the token of an earlier call').within('token');
    if (this.#returned.has(token)) {
      throw unexpected(token, 'the token of a call that has not returned').within('token');
    }
    this.#returned.add(token);
    if (completion.kind === 'unknown') return;
    const answer = completion.response.kind;
    if (answer === 'refused' || answer === ANSWERS[kind]) return;
    const wanted = `${ANSWERS[kind]} or refused, the answers to ${kind}`;
    throw unexpected(answer, wanted).within('completion.response.kind');
  }
}

/** What each command is answered with, unless it is refused. */
const ANSWERS: Readonly<Record<Command['kind'], Response['kind']>> = {
  grant: 'granted',
  revoke: 'revoked',
  keepAlive: 'keptAlive',
  timeToLive: 'remainingTtl',
  leases: 'leaseList',
  put: 'putDone',
  range: 'rangeResult',
  deleteRange: 'deleted',
  txn: 'txnResult',
  compact: 'compacted',
  alarm: 'alarms',
  watch: 'watchCreated',
  cancelWatch: 'watchCanceled',
  watchProgress: 'progress',
};
