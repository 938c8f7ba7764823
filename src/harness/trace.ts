/**
 * The canonical form of what clients saw: operations and watch events, with their instants. Two
 * runs are the same when their traces are. What a target did by itself is not in it, and what is
 * its free choice is taken out:
 *
 * - an id that the server chose is called by the order of the grants: `auto1`, `auto2`, …;
 * - the keys of a time-to-live (TTL-04) and the ids of a list (LIST-03 leaves ties free, and the
 *   order is the checker's affair) are sorted;
 * - which lease of a turn took which revision (EXP-06): their deletions are sorted by key, and
 *   share out the revisions in that order;
 * - which of leases that expire together a full turn takes (EXP-06) decides what is answered
 *   later, so there the trace ends; and where a promotion spreads equal leases (RESTART-04), and
 *   where a range reads a revision in the midst of those of one turn, or a watch begins there;
 * - the keys of a sorted range of many, where the order of those that are equal is free (KV-18);
 * - how a watch's events are shared out among responses, and when those of a watch come that begins
 *   in the past, and what is asked of such a watch's stream before it has caught up
 *   (`catching-up.ts`); and what is answered about progress while a watch has yet to begin (KV-27);
 * - when a watch is told its progress unasked (KV-29);
 * - the revision with which a keep-alive answers that had to wait (KA-06), and the order of the
 *   answers that one instant frees.
 */
import type { Command, LeaseId, RequestOp, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { type Instant, instant } from '../api/units.ts';
import { type Entry, hasFrom } from './history.ts';
import { TraceDeliveries } from './trace-deliveries.ts';
import { TraceWords } from './trace-words.ts';

/** The trace of one run, in canonical text. */
export function trace(entries: readonly Entry[]): string {
  const tracer = new Tracer();
  for (const entry of entries) tracer.take(entry);
  return tracer.end();
}

type Seen = Entry & { readonly kind: 'watch' };

class Tracer {
  #text = '';
  readonly #words = new TraceWords();
  readonly #choosing = new Set<Token>();
  readonly #revoking = new Map<Token, LeaseId>();
  readonly #deadlines = new Map<LeaseId, number>();
  /** A free choice has been made that cannot be taken out. */
  #ended = false;
  /** The call under way: what is answered while it is was not held. */
  #last: Token | null = null;
  #lastAt = instant(0);
  #freed: string[] = [];
  #deletions: Seen[] = [];
  readonly #deliveries = new TraceDeliveries(this.#words);
  /** Requests for ranges that are sorted by other than the key. */
  readonly #sorting = new Set<Token>();
  /** Requests whose answers are not told. */
  readonly #unsure = new Set<Token>();
  /** What is read of these revisions depends on which lease took which (EXP-06). */
  readonly #midst = new Set<bigint>();

  take(entry: Entry): void {
    if (this.#ended) return;
    switch (entry.kind) {
      case 'call':
        this.#flush(entry.at);
        this.#last = entry.command.token;
        this.#lastAt = entry.at;
        return this.#called(entry);
      case 'return':
        return this.#return(entry);
      case 'delivery':
        return this.#deliveries.delivered(entry.delivery);
      case 'watch':
        this.#deliveries.wrote(entry.revision, entry.at);
        if (entry.events.every(({ kind }) => kind === 'delete')) this.#deletions.push(entry);
        else this.#text += this.#watched(entry, entry.revision);
        return;
      case 'turn':
      case 'jump':
      case 'restart':
      case 'promote':
      case 'demote':
      case 'stall':
      case 'catchUp':
      case 'lost':
      case 'end':
        if (entry.kind === 'promote' && entry.order.length > 0) this.#endAt(entry.at);
        if (entry.kind === 'turn' && this.#tookSomeOfEqual(entry.revoked)) this.#endAt(entry.at);
        // A watch that is behind when the clock leaps catches up where it lands.
        this.#flush(hasFrom(entry) ? entry.from : entry.at);
        if (entry.kind === 'restart') this.#deliveries.restarted();
        // What is answered from here on has waited.
        this.#last = null;
    }
  }

  #called({ at, client, command }: Entry & { readonly kind: 'call' }): void {
    if (command.kind === 'grant' && command.id === 0n) this.#choosing.add(command.token);
    if (command.kind === 'revoke') this.#revoking.set(command.token, command.id);
    this.#deliveries.called(command, at);
    if (this.#deliveries.isUnsure(command)) {
      this.#unsure.add(command.token);
      this.#text += `C${at} ${client} ${command.kind} ?\n`;
      return;
    }
    this.#text += `C${at} ${client} ${this.#words.command(command)}\n`;
    if (sorts(command)) this.#sorting.add(command.token);
    if (this.#midst.size === 0) return;
    if (revisionsRead(command).some((revision) => this.#midst.has(revision))) this.#endAt(at);
  }

  /** Whether leases are left that expired together with one that was taken. */
  #tookSomeOfEqual(revoked: readonly LeaseId[]): boolean {
    let latest = -Infinity;
    for (const id of revoked) {
      latest = Math.max(latest, this.#deadlines.get(id) ?? -Infinity);
      this.#deadlines.delete(id);
    }
    if (revoked.length === 0) return false;
    for (const deadline of this.#deadlines.values()) if (deadline === latest) return true;
    return false;
  }

  #endAt(at: number): void {
    this.#deletions = [];
    this.#freed = [];
    this.#text += `T${at} one of several choices\n`;
    this.#ended = true;
  }

  #live(response: Response, at: number): void {
    const lives =
      response.kind === 'granted' || (response.kind === 'keptAlive' && response.ttl > 0);
    if (lives) this.#deadlines.set(response.id, at + response.ttl * 1000);
  }

  end(): string {
    this.#flush(this.#lastAt);
    return this.#text;
  }

  #return({ at, token, completion }: Entry & { readonly kind: 'return' }): void {
    if (completion.kind === 'unknown') {
      this.#freed.push(`R${at} ${token} ?\n`);
      return;
    }
    const { response } = completion;
    this.#live(response, at);
    this.#deliveries.answered(token, response, at);
    if (this.#unsure.has(token)) return;
    const revoked = this.#revoking.get(token);
    if (revoked !== undefined && response.kind === 'revoked') this.#deadlines.delete(revoked);
    if (this.#choosing.has(token) && response.kind === 'granted') {
      this.#words.names.set(response.id, `auto${this.#choosing.size}`);
    }
    const atOnce = token === this.#last && at === this.#lastAt;
    const isSorted = this.#sorting.has(token);
    if (atOnce) this.#text += `R${at} ${token} ${this.#words.response(response, isSorted)}\n`;
    else this.#freed.push(`R${at} ${token} ${this.#freedResponse(response)}\n`);
  }

  #freedResponse(response: Response): string {
    return response.kind === 'keptAlive'
      ? `- ${this.#words.id(response.id)} ${response.ttl}`
      : this.#words.response(response);
  }

  #flush(now: Instant): void {
    if (this.#ended) return;
    if (this.#deletions.length > 0) {
      const revisions = this.#deletions.map(({ revision }) => revision).sort(ascending);
      const firstKey = ({ events }: Seen): string => events[0]?.kv.key ?? '';
      const sorted = this.#deletions.sort((left, right) =>
        firstKey(left) < firstKey(right) ? -1 : 1,
      );
      for (const [index, watch] of sorted.entries()) {
        const revision = revisions[index] ?? watch.revision;
        this.#text += this.#watched(watch, revision);
        this.#deliveries.renamed(watch.revision, revision);
      }
      for (const revision of revisions.slice(0, -1)) this.#midst.add(BigInt(revision));
      this.#deletions = [];
    }
    this.#text += this.#freed.sort().join('');
    this.#freed = [];
    this.#text += this.#deliveries.flush(now);
  }

  #watched({ at, events }: Seen, revision: number): string {
    const words = events.map((event) => this.#words.event(event, revision));
    return `W${at} ${revision} ${words.join(' ')}\n`;
  }
}

/** The revisions whose keys a command shows, or from the one after which on it watches. */
const revisionsRead = (command: Command | RequestOp): readonly bigint[] => {
  switch (command.kind) {
    case 'range':
      return [command.view.revision];
    case 'watch':
      return [command.startRevision - 1n];
    case 'txn':
      return [...command.success, ...command.failure].flatMap(revisionsRead);
    default:
      return [];
  }
};

const sorts = (command: Command | RequestOp): boolean => {
  if (command.kind === 'range') return command.view.sortTarget !== 'key';
  return command.kind === 'txn' && (command.success.some(sorts) || command.failure.some(sorts));
};

const ascending = (left: number, right: number): number => left - right;
