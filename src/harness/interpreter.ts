/**
 * Turns the steps of a schedule into instants and commands: binds the names of leases to ids as
 * grants are answered, and knows of each lease what its client knows, so that an anchor such as
 * `A.deadline` has an instant.
 */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../api/bytes.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
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
import type { Action, LeaseRef, ScheduleStep, When } from './schedule.ts';

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

export class Interpreter {
  readonly #options: Required<InterpreterOptions>;
  readonly #ids = new Map<LeaseRef, LeaseId>();
  readonly #names = new Map<LeaseId, LeaseRef>();
  readonly #deadlines = new Map<LeaseId, Instant>();
  readonly #ttls = new Map<LeaseId, Seconds>();
  /** The names of grants that are not answered yet. */
  readonly #granting = new Map<Token, LeaseRef>();
  #lastTurn = instant(0);

  constructor(options: InterpreterOptions) {
    this.#options = {
      keyPrefix: asBytes(''),
      idMask: 0n,
      firstStream: 0,
      start: instant(0),
      ...options,
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
    const deadline = this.#deadlines.get(this.idOf(when.lease));
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

  /** When a lease expires, as far as its client knows. */
  deadlineOf(id: LeaseId): Instant | undefined {
    return this.#deadlines.get(id);
  }

  /** What a lease is called in the schedule; its id when it has no name. */
  nameOf(id: LeaseId): LeaseRef {
    const literal = id === 0n ? id : id ^ this.#options.idMask;
    return this.#names.get(id) ?? `#${literal}`;
  }

  /** A key as the schedule spells it. */
  keyOf(key: Bytes): Bytes {
    return asBytes(key.slice(this.#options.keyPrefix.length));
  }

  /** Tells of an answer, so that the names and deadlines it settles are known. */
  learn(command: Command, response: Response, now: Instant): void {
    if (response.kind === 'granted') {
      const name = this.#granting.get(command.token);
      if (name !== undefined) this.#bind(name, response.id);
      this.#lives(response.id, response.ttl, now);
    } else if (response.kind === 'keptAlive' && response.ttl > 0) {
      this.#lives(response.id, response.ttl, now);
    }
  }

  #lives(id: LeaseId, ttl: Seconds, now: Instant): void {
    this.#ttls.set(id, ttl);
    this.#deadlines.set(id, after(now, secondsToMilliseconds(ttl)));
  }

  /**
   * Tells that the server leads again since `now`: as far as clients know (of checkpoints they do
   * not), every lease has its TTL again, and more (RESTART-02).
   */
  promoted(config: ServerConfig, now: Instant): void {
    const minimum = minimumTtl(config);
    this.#lastTurn = now;
    for (const [id, granted] of this.#ttls) {
      const ttl = secondsToMilliseconds(granted < minimum ? minimum : granted);
      this.#deadlines.set(id, after(after(now, ttl), electionExtension(config)));
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
        this.#granting.set(token, member(action, index));
        const id =
          action.id === 0n ? 0n : this.#masked(BigInt.asIntN(64, action.id + BigInt(index)));
        return { kind: 'grant', token, id, ttl: action.ttl };
      }
      case 'revoke':
        return { kind: 'revoke', token, id: this.idOf(member(action, index)) };
      case 'keepAlive': {
        const stream = this.#options.firstStream + step.client * STREAMS_PER_CLIENT + action.stream;
        return { kind: 'keepAlive', token, id: this.idOf(member(action, index)), stream };
      }
      case 'timeToLive': {
        const id = this.idOf(member(action, index));
        return { kind: 'timeToLive', token, id, keys: action.keys };
      }
      case 'leases':
        return { kind: 'leases', token };
      case 'put':
        return this.#put(action, index, token);
      case 'range':
        return { kind: 'range', token, ...this.#range(action) };
      case 'deleteRange':
        return { kind: 'deleteRange', token, ...this.#range(action), prevKv: action.prevKv };
      case 'wait':
      case 'jump':
      case 'restart':
      case 'turn':
        return null;
    }
  }

  #put(action: Action & { kind: 'put' }, index: number, token: Token): Command {
    const { value, ignoreLease, ignoreValue, prevKv } = action;
    const name = action.count === 1 ? action.key : asBytes(`${action.key}${index + 1}`);
    const key = this.#prefixed(name);
    let lease = 0n;
    if (action.lease !== null) {
      const { count, spread } = action;
      lease = this.idOf(member({ lease: action.lease, count: spread ? count : 1 }, index));
    }
    return { kind: 'put', token, key, value, lease, ignoreLease, ignoreValue, prevKv };
  }

  #range({ key, rangeEnd }: { key: Bytes; rangeEnd: Bytes }): { key: Bytes; rangeEnd: Bytes } {
    const { keyPrefix } = this.#options;
    if (keyPrefix === '') return { key, rangeEnd };
    // On a shared server «from here on» ends where the session's keys end.
    const end = rangeEnd === FROM_KEY ? prefixEnd(keyPrefix) : this.#prefixed(rangeEnd);
    return { key: this.#prefixed(key), rangeEnd: end };
  }

  /** The empty key stays empty: it is there to be refused. */
  #prefixed(key: Bytes): Bytes {
    return key === '' ? key : asBytes(this.#options.keyPrefix + key);
  }

  #masked(id: LeaseId): LeaseId {
    return id === 0n ? id : id ^ this.#options.idMask;
  }

  #bind(name: LeaseRef, id: LeaseId): void {
    this.#ids.set(name, id);
    this.#names.set(id, name);
    // A group's own name stands for its first lease.
    if (name.endsWith('.1')) this.#ids.set(name.slice(0, -2), id);
  }
}

const member = ({ lease, count }: { lease: LeaseRef; count: number }, index: number): LeaseRef =>
  count === 1 ? lease : `${lease}.${index + 1}`;

/** A positive id above all that a server chooses or a schedule names. */
const neverGranted = (name: string): LeaseId => {
  let hash = 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = (Math.imul(hash, 31) + name.charCodeAt(index)) >>> 0;
  }
  return 0x7e00_0000_0000_0000n + BigInt(hash);
};
