/**
 * Turns the steps of a schedule into instants and commands: binds the names of leases to ids as
 * grants are answered, and knows of each lease what its client knows, so that an anchor such as
 * `A.deadline` has an instant.
 */
import { asBytes, type Bytes } from '../api/bytes.ts';
import type { Command, LeaseId, StreamId, Token, WatchId } from '../api/command.ts';
import type { MinorVersion, ServerConfig } from '../api/config.ts';
import type { Response } from '../api/response.ts';
import { after, type Instant, instant, type Seconds, secondsToMilliseconds } from '../api/units.ts';
import {
  electionExtension,
  firstTurnFrom,
  minimumTtl,
  phaseAfterTurn,
  turnAfter,
  turnUpTo,
} from '../model/index.ts';
import { ByToken } from './by-token.ts';
import { type Bindings, member, operationOf, putOf, rangeOf, requestOf } from './operations.ts';
import type { Action, LeaseRef, RevisionRef, ScheduleStep, WatchRef, When } from './schedule.ts';

export interface InterpreterOptions {
  readonly version: MinorVersion;
  /**
   * Put before each key, and exclusive-or-ed with each explicit id: what keeps sessions on one
   * server apart.
   */
  readonly keyPrefix?: Bytes;
  readonly idMask?: bigint;
  /** When the schedule began. */
  readonly start?: Instant;
  /** Names the next request. */
  readonly nextToken: () => Token;
  /** Sets the streams of this session's clients apart from those of others. */
  readonly firstStream?: number;
}

/** Streams that a client may have; the stream ids of a session's clients do not overlap. */
export const STREAMS_PER_CLIENT = 128;

/** And of all clients of a session. */
export const STREAMS_PER_SESSION = 16_384;

/** What is known of a lease. */
interface Known {
  readonly name: LeaseRef | undefined;
  ttl: Seconds;
  deadline: Instant;
}

export class Interpreter {
  readonly #options: Required<InterpreterOptions>;
  readonly #ids = new Map<LeaseRef, LeaseId>();
  readonly #leases = new Map<LeaseId, Known>();
  /** The names of grants that are not answered yet. */
  readonly #granting = new ByToken<LeaseRef>();
  readonly #watches = new Map<WatchRef, WatchId>();
  /** The names of watches that are asked for. */
  readonly #watching = new ByToken<WatchRef>();
  /** The highest revision that an answer showed. */
  #latest = 1;
  #lastTurn = instant(0);
  readonly #bindings: Bindings;

  constructor(options: InterpreterOptions) {
    this.#options = {
      keyPrefix: asBytes(''),
      idMask: 0n,
      firstStream: 0,
      start: instant(0),
      ...options,
    };
    this.#bindings = {
      keyPrefix: this.#options.keyPrefix,
      idOf: (lease) => this.idOf(lease),
      revisionOf: (revision) => this.revisionOf(revision),
    };
  }

  /** The instant of a step; never before `now`. */
  instantOf(when: When, now: Instant): Instant {
    const wanted = this.#wanted(when, now);
    return wanted < now ? now : wanted;
  }

  #wanted(when: When, now: Instant): Instant {
    if (when.from === 'start') return after(this.#options.start, when.offset);
    if (when.from === 'previous') return after(now, when.offset);
    const deadline = this.deadlineOf(this.idOf(when.lease));
    if (deadline === undefined) return now;
    const anchor = when.from === 'deadline' ? deadline : firstTurnFrom(this.#lastTurn, deadline);
    return after(anchor, when.offset);
  }

  /**
   * The id that a lease reference stands for; a name that was never granted stands for an id that
   * never exists.
   */
  idOf(lease: LeaseRef): LeaseId {
    if (lease.startsWith('#')) return this.#masked(BigInt(lease.slice(1)));
    return this.#ids.get(lease) ?? neverGranted(lease) ^ this.#options.idMask;
  }

  /** The latest revision that an answer showed. */
  get latest(): number {
    return this.#latest;
  }

  /** The revision that a reference stands for; one counted from the latest is never below 1. */
  revisionOf(revision: RevisionRef): bigint {
    // By far the most frequent: the current one.
    if (revision === '0') return 0n;
    if (!revision.startsWith('rev')) return BigInt(revision);
    const counted = BigInt(this.#latest) + BigInt(revision.slice('rev'.length));
    return counted < 1n ? 1n : counted;
  }

  /** The id that a watch reference stands for; a name without a watch for one that never exists. */
  watchOf(watch: WatchRef): WatchId {
    if (watch.startsWith('#')) return BigInt(watch.slice(1));
    return this.#watches.get(watch) ?? neverGranted(watch);
  }

  /** When a lease expires, as far as its client knows. */
  deadlineOf(id: LeaseId): Instant | undefined {
    return this.#leases.get(id)?.deadline;
  }

  /** What a lease is called in the schedule; its id when it has no name. */
  nameOf(id: LeaseId): LeaseRef {
    return this.#leases.get(id)?.name ?? `#${this.#masked(id)}`;
  }

  /** A key as the schedule spells it. */
  keyOf(key: Bytes): Bytes {
    return asBytes(key.slice(this.#options.keyPrefix.length));
  }

  /** Tells of an answer, so that the names and deadlines it settles are known. */
  learn(token: Token, response: Response, now: Instant): void {
    switch (response.kind) {
      case 'refused':
        return;
      case 'keptAlive': {
        // KA-06: the revision of one that waited may be one or another.
        if (response.ttl <= 0) return;
        const known = this.#leases.get(response.id);
        if (known === undefined) {
          this.#lives(response.id, undefined, response.ttl, now);
        } else {
          known.ttl = response.ttl;
          known.deadline = after(now, secondsToMilliseconds(response.ttl));
        }
        return;
      }
      case 'watchCreated': {
        const name = this.#watching.find(token);
        this.#watching.remove(token);
        if (name !== undefined) this.#watches.set(name, response.watch);
        break;
      }
      case 'granted': {
        const name = this.#granting.find(token);
        this.#granting.remove(token);
        this.#lives(response.id, name, response.ttl, now);
        if (name !== undefined) this.#bind(name, response.id);
        break;
      }
      default:
    }
    if (response.revision > this.#latest) this.#latest = response.revision;
  }

  #lives(id: LeaseId, name: LeaseRef | undefined, ttl: Seconds, now: Instant): void {
    this.#leases.set(id, { name, ttl, deadline: after(now, secondsToMilliseconds(ttl)) });
  }

  /**
   * Tells that the server leads again since `now`: as far as clients know (of checkpoints they do
   * not), every lease has its TTL again, and more (RESTART-02). After a restart turns count from
   * then.
   */
  promoted(config: ServerConfig, now: Instant, restarted: boolean): void {
    const minimum = minimumTtl(config);
    if (restarted) this.#lastTurn = now;
    for (const known of this.#leases.values()) {
      const least = secondsToMilliseconds(known.ttl < minimum ? minimum : known.ttl);
      known.deadline = after(after(now, least), electionExtension(config));
    }
  }

  /** Tells that the clock leapt. */
  leapt(from: Instant, to: Instant): void {
    const isDue = turnAfter(this.#lastTurn, from) <= to;
    this.#lastTurn = turnUpTo(this.#lastTurn, from);
    if (isDue) this.#lastTurn = phaseAfterTurn(this.#options.version, this.#lastTurn, to);
  }

  /** The `index`th command (from 0) of a step. */
  command(step: ScheduleStep, index: number): Command | null {
    const token = this.#options.nextToken();
    const { action } = step;
    switch (action.kind) {
      case 'grant': {
        this.#granting.add(token, member(action, index));
        const id =
          action.id === 0n ? 0n : this.#masked(BigInt.asIntN(64, action.id + BigInt(index)));
        return { kind: 'grant', token, id, ttl: action.ttl };
      }
      case 'revoke':
        return { kind: 'revoke', token, id: this.idOf(member(action, index)) };
      case 'keepAlive': {
        const stream = this.#stream(step.client, action.stream);
        return { kind: 'keepAlive', token, id: this.idOf(member(action, index)), stream };
      }
      case 'timeToLive': {
        const id = this.idOf(member(action, index));
        return { kind: 'timeToLive', token, id, keys: action.keys };
      }
      case 'leases':
        return { kind: 'leases', token };
      case 'put':
        return requestOf(token, putOf(action, index, this.#bindings));
      case 'range':
      case 'deleteRange':
      case 'txn':
        return requestOf(token, operationOf(action, this.#bindings));
      case 'compact': {
        const { physical } = action;
        return { kind: 'compact', token, revision: this.revisionOf(action.revision), physical };
      }
      case 'alarm':
        return { kind: 'alarm', token, action: action.action };
      case 'watch':
      case 'cancelWatch':
      case 'watchProgress':
        return this.#watch(action, this.#stream(step.client, action.stream), token);
      case 'wait':
      case 'jump':
      case 'restart':
      case 'leader':
      case 'apply':
      case 'turn':
        return null;
    }
  }

  #stream(client: number, stream: number): StreamId {
    return this.#options.firstStream + client * STREAMS_PER_CLIENT + stream;
  }

  #watch(action: WatchAction, stream: StreamId, token: Token): Command {
    switch (action.kind) {
      case 'watch': {
        const { name, id, startRevision, prevKv, noPut, noDelete } = action;
        const { progressNotify, fragment } = action;
        this.#watching.add(token, name);
        const flags = { prevKv, noPut, noDelete, progressNotify, fragment };
        const from = this.revisionOf(startRevision);
        const range = rangeOf(action, this.#bindings);
        return { kind: 'watch', token, stream, watch: id, ...range, startRevision: from, ...flags };
      }
      case 'cancelWatch':
        return { kind: 'cancelWatch', token, stream, watch: this.watchOf(action.watch) };
      case 'watchProgress':
        return { kind: 'watchProgress', token, stream };
    }
  }

  #masked(id: LeaseId): LeaseId {
    return id === 0n ? id : id ^ this.#options.idMask;
  }

  #bind(name: LeaseRef, id: LeaseId): void {
    this.#ids.set(name, id);
    // A group's own name stands for its first lease.
    if (name.endsWith('.1')) this.#ids.set(name.slice(0, -2), id);
  }
}

type WatchAction = Extract<Action, { readonly kind: 'watch' | 'cancelWatch' | 'watchProgress' }>;

/** A positive id above all that a server chooses or a schedule names. */
const neverGranted = (name: string): LeaseId => {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = (Math.imul(hash, 31) + name.charCodeAt(index)) >>> 0;
  }
  return 0x7e00_0000_0000_0000n + BigInt(hash);
};
