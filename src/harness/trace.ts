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
 * - which of leases that expire together a full turn takes (EXP-06) decides what is answered later,
 *   so there the trace ends; and where a promotion spreads equal leases (RESTART-04);
 * - the revision with which a keep-alive answers that had to wait (KA-06), and the order of the
 *   answers that one instant frees.
 */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { KeyValue, Response, WatchEvent } from '../api/response.ts';
import type { Revision } from '../api/units.ts';
import type { Entry } from './history.ts';

/** The trace of one run, in canonical text. */
export function trace(entries: readonly Entry[]): string {
  const tracer = new Tracer();
  for (const entry of entries) tracer.take(entry);
  return tracer.end();
}

type Watch = Entry & { readonly kind: 'watch' };

class Tracer {
  #text = '';
  readonly #names = new Map<LeaseId, string>();
  readonly #choosing = new Set<Token>();
  readonly #revoking = new Map<Token, LeaseId>();
  readonly #deadlines = new Map<LeaseId, number>();
  /** A free choice has been made that cannot be taken out. */
  #ended = false;
  /** The call under way: what is answered while it is was not held. */
  #last: Token | null = null;
  #lastAt = 0;
  #freed: string[] = [];
  #deletions: Watch[] = [];

  take(entry: Entry): void {
    if (this.#ended) return;
    if (entry.kind === 'call') {
      this.#flush();
      this.#last = entry.command.token;
      this.#lastAt = entry.at;
      this.#text += `C${entry.at} ${entry.client} ${this.#command(entry.command)}\n`;
    } else if (entry.kind === 'return') {
      this.#return(entry);
    } else if (entry.kind === 'watch') {
      if (entry.events.every(({ kind }) => kind === 'delete')) this.#deletions.push(entry);
      else this.#text += this.#watched(entry, entry.revision);
    } else {
      if (entry.kind === 'promote' && entry.order.length > 0) this.#endAt(entry.at);
      if (entry.kind === 'turn' && this.#tookSomeOfEqual(entry.revoked)) this.#endAt(entry.at);
      this.#flush();
      // What is answered from here on has waited.
      this.#last = null;
    }
  }

  /** Whether leases are left that expired together with one that was taken. */
  #tookSomeOfEqual(revoked: readonly LeaseId[]): boolean {
    let latest = -Infinity;
    for (const id of revoked) {
      latest = Math.max(latest, this.#deadlines.get(id) ?? -Infinity);
      this.#deadlines.delete(id);
    }
    return revoked.length > 0 && [...this.#deadlines.values()].includes(latest);
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
    this.#flush();
    return this.#text;
  }

  #return({ at, token, completion }: Entry & { readonly kind: 'return' }): void {
    if (completion.kind === 'unknown') {
      this.#freed.push(`R${at} ${token} ?\n`);
      return;
    }
    const { response } = completion;
    this.#live(response, at);
    const revoked = this.#revoking.get(token);
    if (revoked !== undefined && response.kind === 'revoked') this.#deadlines.delete(revoked);
    if (this.#choosing.has(token) && response.kind === 'granted') {
      this.#names.set(response.id, `auto${this.#choosing.size}`);
    }
    const atOnce = token === this.#last && at === this.#lastAt;
    if (atOnce) this.#text += `R${at} ${token} ${this.#response(response)}\n`;
    else this.#freed.push(`R${at} ${token} ${this.#freedResponse(response)}\n`);
  }

  #freedResponse(response: Response): string {
    return response.kind === 'keptAlive'
      ? `- ${this.#id(response.id)} ${response.ttl}`
      : this.#response(response);
  }

  #flush(): void {
    if (this.#deletions.length > 0) {
      const revisions = this.#deletions.map(({ revision }) => revision).sort(ascending);
      const firstKey = ({ events }: Watch): string => events[0]?.kv.key ?? '';
      const sorted = this.#deletions.sort((left, right) =>
        firstKey(left) < firstKey(right) ? -1 : 1,
      );
      for (const [index, watch] of sorted.entries()) {
        this.#text += this.#watched(watch, revisions[index] ?? watch.revision);
      }
      this.#deletions = [];
    }
    if (this.#freed.length > 0) this.#text += this.#freed.sort().join('');
    this.#freed = [];
  }

  #watched({ at, events }: Watch, revision: number): string {
    return `W${at} ${revision} ${events.map((event) => this.#event(event, revision)).join(' ')}\n`;
  }

  #event({ kind, kv, prevKv }: WatchEvent, revision: number): string {
    if (kind === 'put') return `put ${this.#kv(kv)} ${this.#kv(prevKv)}`;
    const tombstone = { ...kv, modRevision: revision as Revision };
    return `delete ${this.#kv(tombstone)} ${this.#kv(prevKv)}`;
  }

  #id(id: LeaseId): string {
    return this.#names.get(id) ?? String(id);
  }

  #kv(kv: KeyValue | null): string {
    if (kv === null) return '-';
    const { createRevision, modRevision, version } = kv;
    const lease = this.#id(kv.lease);
    return `${text(kv.key)}=${text(kv.value)}/${createRevision}/${modRevision}/${version}/${lease}`;
  }

  #command(command: Command): string {
    switch (command.kind) {
      case 'grant':
        if (command.id === 0n) this.#choosing.add(command.token);
        return `grant ${command.id} ${command.ttl}`;
      case 'revoke':
        this.#revoking.set(command.token, command.id);
        return `revoke ${this.#id(command.id)}`;
      case 'keepAlive':
        return `keepAlive ${this.#id(command.id)} ${command.stream}`;
      case 'timeToLive':
        return `timeToLive ${this.#id(command.id)} ${command.keys}`;
      case 'leases':
        return 'leases';
      case 'put': {
        const flags = `${command.ignoreLease} ${command.ignoreValue} ${command.prevKv}`;
        const pair = `${text(command.key)} ${text(command.value)}`;
        return `put ${pair} ${this.#id(command.lease)} ${flags}`;
      }
      case 'range':
        return `range ${text(command.key)} ${text(command.rangeEnd)}`;
      case 'deleteRange':
        return `delete ${text(command.key)} ${text(command.rangeEnd)} ${command.prevKv}`;
    }
  }

  #response(response: Response): string {
    switch (response.kind) {
      case 'granted':
      case 'keptAlive':
        return `${response.revision} ${this.#id(response.id)} ${response.ttl}`;
      case 'revoked':
        return `${response.revision}`;
      case 'remainingTtl': {
        const { revision, ttl, grantedTtl, keys } = response;
        const sorted = keys.length < 2 ? keys : [...keys].sort();
        return `${revision} ${ttl} ${grantedTtl} ${sorted.map(text).join()}`;
      }
      case 'leaseList': {
        const ids = response.ids.map((id) => this.#id(id)).sort();
        return `${response.revision} ${ids.join()}`;
      }
      case 'putDone':
        return `${response.revision} ${this.#kv(response.prevKv)}`;
      case 'rangeResult':
        return `${response.revision} ${response.kvs.map((kv) => this.#kv(kv)).join()}`;
      case 'deleted': {
        const before = response.prevKvs.map((kv) => this.#kv(kv)).join();
        return `${response.revision} ${response.deleted} ${before}`;
      }
      case 'refused':
        return `refused ${response.reason}`;
    }
  }
}

const ascending = (left: number, right: number): number => left - right;

/**
 * Keys and values are mostly plain; the others are quoted, so that no two of them read the same.
 */
const text = (bytes: string): string => (PLAIN.test(bytes) ? bytes : JSON.stringify(bytes));

const PLAIN = /^[A-Za-z0-9]+$/;
