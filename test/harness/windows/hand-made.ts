/**
 * Histories of a real clock, made by hand: each request with its window and its answer, each
 * delivery with its instant. Entries come in the order of their instants.
 */
import { asBytes, NO_BYTES } from '../../../src/api/bytes.ts';
import { type Command, type LeaseId, type Token, PLAIN_VIEW } from '../../../src/api/command.ts';
import { DEFAULT_CONFIG } from '../../../src/api/config.ts';
import type { Reason } from '../../../src/api/refusal.ts';
import type { Delivery, KeyValue, Response, WatchEvent } from '../../../src/api/response.ts';
import { instant, revision, seconds } from '../../../src/api/units.ts';
import { check } from '../../../src/harness/check.ts';
import {
  type Entry,
  HISTORY_SCHEMA,
  type History,
  type HistoryHeader,
} from '../../../src/harness/history.ts';
import type { Completion } from '../../../src/harness/target.ts';
import type { Verdict } from '../../../src/harness/verdict.ts';

/** When a request was made, and when its answer came. */
export type Spread = readonly [from: number, to: number];

export interface Who {
  readonly session?: number;
  readonly client?: number;
  readonly stream?: number;
  /** The member of the cluster that answered. */
  readonly member?: string;
}

export type Asked = Command extends infer Each
  ? Each extends Command
    ? Omit<Each, 'token'>
    : never
  : never;

export class HandMade {
  readonly #entries: Entry[] = [];
  #token: Token = 0;
  /** The last revision of a write, in the order in which all this is told. */
  #revision = revision(1);

  /** A request and its answer. */
  asked(when: Spread, command: Asked, response: Response, who: Who = {}): this {
    const { member } = who;
    const header = member === undefined ? {} : { header: { member, term: '2' } };
    return this.ended(when, command, { kind: 'answered', response, ...header }, who);
  }

  /** A request and what came of it. */
  ended([from, to]: Spread, command: Asked, completion: Completion, who: Who = {}): this {
    this.#token += 1;
    const token = this.#token;
    const { session = 0, client = 1 } = who;
    const full = { ...command, token };
    this.#entries.push(
      { kind: 'call', at: instant(from), session, client, command: full },
      { kind: 'return', at: instant(to), token, completion },
    );
    return this;
  }

  watched(at: number, events: readonly WatchEvent[], session = 0): this {
    const shown = (events[0] as WatchEvent).kv.modRevision;
    this.#revision = shown;
    this.#entries.push({ kind: 'watch', at: instant(at), session, revision: shown, events });
    return this;
  }

  /** What a client's watch is told. */
  delivered(at: number, delivery: Delivery, session = 0): this {
    this.#entries.push({ kind: 'delivery', at: instant(at), session, delivery });
    return this;
  }

  lost(at: number): this {
    this.#entries.push({ kind: 'lost', at: instant(at), why: 'it died' });
    return this;
  }

  history(header: Partial<HistoryHeader> = {}): History {
    const entries = this.#entries.toSorted((left, right) => left.at - right.at);
    const at = entries.at(-1)?.at ?? instant(0);
    return { header: { ...HEADER, ...header }, entries: [...entries, { kind: 'end', at }] };
  }

  verdict(header: Partial<HistoryHeader> = {}): Verdict {
    return check(this.history(header));
  }

  /** The rule that is broken, or how the verdict is called. */
  rule(header: Partial<HistoryHeader> = {}): string {
    const verdict = this.verdict(header);
    return verdict.kind === 'violation' ? verdict.rule : verdict.kind;
  }

  // What is asked most often, with its answer. Revisions that do not matter are the last one told.

  granted(when: Spread, id: LeaseId, ttl: number, who: Who = {}): this {
    const command = { kind: 'grant', id, ttl: BigInt(ttl) } as const;
    return this.asked(when, command, grantedAnswer(id, ttl, this.#revision), who);
  }

  /** `granted` 0: there is no such lease. */
  remains(when: Spread, id: LeaseId, ttl: number, granted: number, who: Who = {}): this {
    const command = { kind: 'timeToLive', id, keys: false } as const;
    const response = {
      kind: 'remainingTtl',
      revision: this.#revision,
      id,
      ttl: seconds(ttl),
      grantedTtl: seconds(granted),
      keys: [],
    } as const;
    return this.asked(when, command, response, who);
  }

  /** `ttl` 0: not renewed. */
  kept(when: Spread, id: LeaseId, ttl: number, who: Who = {}): this {
    const command = { kind: 'keepAlive', id, stream: who.stream ?? 1 } as const;
    const response = {
      kind: 'keptAlive',
      revision: this.#revision,
      id,
      ttl: seconds(ttl),
    } as const;
    return this.asked(when, command, response, who);
  }

  listed(when: Spread, ids: readonly LeaseId[], who: Who = {}): this {
    const response = { kind: 'leaseList', revision: this.#revision, ids } as const;
    return this.asked(when, { kind: 'leases' }, response, who);
  }

  revoked(when: Spread, id: LeaseId, at: number, who: Who = {}): this {
    this.#revision = revision(at);
    const response = { kind: 'revoked', revision: this.#revision } as const;
    return this.asked(when, { kind: 'revoke', id }, response, who);
  }

  /** A put at revision `at`. */
  put(when: Spread, key: string, lease: LeaseId, at: number, who: Who = {}): this {
    this.#revision = revision(at);
    const response = { kind: 'putDone', revision: this.#revision, prevKv: null } as const;
    return this.asked(when, putCommand(key, lease), response, who);
  }

  /** A put, and its event as soon as it returns. */
  putSeen(when: Spread, kv: KeyValue, prevKv: KeyValue | null = null, who: Who = {}): this {
    this.put(when, kv.key, kv.lease, kv.modRevision, who);
    return this.watched(when[1], [{ kind: 'put', kv, prevKv }], who.session);
  }

  found(when: Spread, key: string, kvs: readonly KeyValue[], at: number, who: Who = {}): this {
    const response = {
      kind: 'rangeResult',
      revision: revision(at),
      kvs,
      more: false,
      count: kvs.length,
    } as const;
    const range = { key: asBytes(key), rangeEnd: NO_BYTES, view: PLAIN_VIEW };
    const command = { kind: 'range', ...range } as const;
    return this.asked(when, command, response, who);
  }

  refused(when: Spread, command: Asked, reason: Reason, who: Who = {}): this {
    return this.asked(when, command, { kind: 'refused', reason }, who);
  }
}

export const grantedAnswer = (id: LeaseId, ttl: number, at = 1): Response => ({
  kind: 'granted',
  revision: revision(at),
  id,
  ttl: seconds(ttl),
});

export const putCommand = (key: string, lease: LeaseId): Asked => ({
  kind: 'put',
  key: asBytes(key),
  value: NO_BYTES,
  lease,
  ignoreLease: false,
  ignoreValue: false,
  prevKv: false,
});

/** A key as it is after its first put, or after a later one. */
export const kv = (key: string, at: number, lease: LeaseId, first = at, version = 1): KeyValue => ({
  key: asBytes(key),
  value: NO_BYTES,
  createRevision: revision(first),
  modRevision: revision(at),
  version,
  lease,
});

/** The event of a key that went. */
export const deleted = (prevKv: KeyValue, at: number): WatchEvent => {
  const tombstone = { createRevision: revision(0), modRevision: revision(at), version: 0 };
  return { kind: 'delete', kv: { ...prevKv, value: NO_BYTES, lease: 0n, ...tombstone }, prevKv };
};

const HEADER: HistoryHeader = {
  schema: HISTORY_SCHEMA,
  versions: {},
  target: 'by hand',
  config: DEFAULT_CONFIG,
  clock: 'real',
  lastTurn: null,
  minimumTtl: null,
  exclusive: true,
};
