/**
 * A recorded history as a schedule: what its clients did, at the same instants, for a replay to do
 * again, and what they were answered as expectations. What the server did by itself becomes `turn`
 * lines, which a replay leaves to the server.
 */
import { asBytes, type Bytes, FROM_KEY, NO_BYTES, prefixEnd } from '../api/bytes.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { between, type Instant, instant, milliseconds } from '../api/units.ts';
import type { ServerConfig } from '../api/config.ts';
import { changedFlags } from './server-life.ts';
import { LIMITS } from '../limits.ts';
import { type Answered, answersOf, freedBy } from './answers.ts';
import { type Names, WAITS, wordResponse } from './describe.ts';
import type { Entry, History } from './history.ts';
import { STREAMS_PER_CLIENT } from './interpreter.ts';
import type { Action, LeaseRef, Schedule, ScheduleStep, When } from './schedule.ts';

export interface RecordedOptions {
  /**
   * Takes the calls of this session alone, as if it had had the server to itself; otherwise those
   * of all.
   */
  readonly session?: number;
  /** What the keys of that session begin with, to be cut off. */
  readonly keyPrefix?: Bytes;
  /** What its explicit lease ids were exclusive-or-ed with. */
  readonly idMask?: bigint;
}

/**
 * Leases are named A, B, … in the order in which they were asked for; a lease that was not granted
 * here is `#id`. Instants count from the turn that the header knows of, so that turns fall as they
 * did; without one, from the first entry.
 */
export const scheduleOfHistory = (history: History, options: RecordedOptions = {}): Schedule => {
  const recording = new Recording(history, options);
  for (const [index, entry] of history.entries.entries()) recording.take(entry, index);
  return recording.end();
};

class Recording {
  readonly #steps: ScheduleStep[] = [];
  readonly #history: History;
  readonly #options: Required<Omit<RecordedOptions, 'session'>>;
  /** Whether there may be leases of other sessions. */
  readonly #isShared: boolean;
  readonly #isTaken: (session: number) => boolean;
  readonly #answers: ReadonlyMap<Token, Answered>;
  readonly #clients: Clients;
  readonly #origin: Instant;
  readonly #words: Names;
  /** The instant of the last step, or where it leapt to. */
  #config: ServerConfig;
  #now: Instant;
  #ends: Instant;
  readonly #names = new Map<LeaseId, LeaseRef>();
  /** Where a call's step is, and what a grant's lease is to be called. */
  readonly #places = new Map<Token, number>();
  readonly #granting = new Map<Token, LeaseRef>();

  constructor(history: History, { session, ...options }: RecordedOptions) {
    this.#history = history;
    this.#options = { keyPrefix: NO_BYTES, idMask: 0n, ...options };
    this.#isShared = session !== undefined;
    this.#isTaken = (each) => session === undefined || each === session;
    this.#answers = answersOf(history);
    const calls = history.entries.filter((entry) => entry.kind === 'call');
    const taken = calls.filter((call) => this.#isTaken(call.session));
    this.#clients = new Clients(taken);
    this.#config = history.header.config;
    this.#origin = history.header.lastTurn ?? taken[0]?.at ?? instant(0);
    this.#now = this.#origin;
    this.#ends = this.#origin;
    const { keyPrefix, idMask } = this.#options;
    this.#words = {
      nameOf: (id) => this.#names.get(id) ?? `#${id === 0n ? id : id ^ idMask}`,
      keyOf: (key) => (key.startsWith(keyPrefix) ? asBytes(key.slice(keyPrefix.length)) : key),
    };
  }

  take(entry: Entry, index: number): void {
    switch (entry.kind) {
      case 'call':
        if (this.#isTaken(entry.session)) this.#call(entry);
        return;
      case 'return':
        this.#return(entry);
        return;
      case 'turn':
        this.#turn(entry, index);
        return;
      case 'jump': {
        const by = between(entry.from, entry.at);
        this.#add(entry.from, 0, { kind: 'jump', by }, null);
        this.#now = entry.at;
        return;
      }
      case 'restart':
        this.#restart(entry);
        return;
      case 'end':
        this.#ends = entry.at;
        return;
      case 'watch':
      case 'promote':
      case 'lost':
        return;
    }
  }

  #restart({ at, from, kill, config }: Entry & { kind: 'restart' }): void {
    const flags = changedFlags(this.#config, config);
    this.#config = config;
    this.#add(from, 0, { kind: 'restart', kill, down: between(from, at), flags }, null);
    this.#now = at;
  }

  /** What came after the last step came of time alone. */
  end(): Schedule {
    if (this.#ends > this.#now) this.#add(this.#ends, 0, { kind: 'wait' }, null);
    return { config: this.#history.header.config, steps: this.#steps };
  }

  #add(at: Instant, client: number, action: Action, expect: string | null): void {
    this.#steps.push({ at: this.#when(at), client, action, expect });
    this.#now = at;
  }

  /** In whole milliseconds, also where the clock was a real one. */
  #when(at: Instant): When {
    const offset = Math.max(0, Math.round(between(this.#origin, at)));
    return { from: 'start', offset: milliseconds(offset) };
  }

  #call(entry: Call): void {
    const { command } = entry;
    const answer = this.#answers.get(command.token);
    const isHeld = answer === undefined ? command.kind === 'keepAlive' : answer.held;
    this.#places.set(command.token, this.#steps.length);
    this.#add(entry.at, this.#clients.of(entry), this.#action(entry), isHeld ? WAITS : null);
  }

  #return({ token, completion }: Entry & { kind: 'return' }): void {
    const index = this.#places.get(token);
    if (index === undefined || completion.kind !== 'answered') return;
    const { response } = completion;
    const name = this.#granting.get(token);
    if (response.kind === 'granted' && name !== undefined) this.#names.set(response.id, name);
    const step = this.#steps[index] as ScheduleStep;
    if (step.expect === null) this.#steps[index] = { ...step, expect: this.#worded(response) };
  }

  /**
   * Of a list, what this schedule's leases have in it: those of others are not there in a replay.
   */
  #worded(response: Response): string {
    if (response.kind !== 'leaseList') return wordResponse(response, this.#words);
    const { ids } = response;
    return wordResponse({ ...response, ids: this.#own(ids) }, this.#words);
  }

  #own(ids: readonly LeaseId[]): readonly LeaseId[] {
    return this.#isShared ? ids.filter((id) => this.#names.has(id)) : ids;
  }

  #turn({ at, revoked }: Entry & { kind: 'turn' }, index: number): void {
    const own = this.#own(revoked);
    if (own.length === 0 && revoked.length > 0) return;
    const freed = freedBy(index, this.#history.entries, this.#answers).flatMap((each) => {
      const step = this.#steps[this.#places.get(each.token) ?? -1];
      if (step === undefined || each.completion.kind !== 'answered') return [];
      return [`c${step.client}: ${this.#worded(each.completion.response)}`];
    });
    const expect = freed.length === 0 ? null : `frees ${freed.join(', ')}`;
    this.#add(at, 0, { kind: 'turn', leases: own.map(this.#words.nameOf) }, expect);
  }

  #action(entry: Call): Action {
    const { command } = entry;
    switch (command.kind) {
      case 'grant': {
        const lease = leaseName(this.#granting.size);
        this.#granting.set(command.token, lease);
        const id = command.id === 0n ? 0n : command.id ^ this.#options.idMask;
        return { kind: 'grant', lease, count: 1, ttl: command.ttl, id };
      }
      case 'revoke':
        return { kind: 'revoke', lease: this.#words.nameOf(command.id), count: 1 };
      case 'keepAlive': {
        const lease = this.#words.nameOf(command.id);
        return { kind: 'keepAlive', lease, count: 1, stream: this.#clients.streamOf(entry) };
      }
      case 'timeToLive': {
        const lease = this.#words.nameOf(command.id);
        return { kind: 'timeToLive', lease, count: 1, keys: command.keys };
      }
      case 'leases':
        return { kind: 'leases' };
      case 'put':
        return this.#put(command);
      case 'range':
        return { kind: 'range', ...this.#range(command) };
      case 'deleteRange':
        return { kind: 'deleteRange', ...this.#range(command), prevKv: command.prevKv };
    }
  }

  #put(command: Command & { kind: 'put' }): Action {
    const { value, ignoreLease, ignoreValue, prevKv } = command;
    const key = this.#words.keyOf(command.key);
    const lease = command.lease === 0n ? null : this.#words.nameOf(command.lease);
    const group = { count: 1, spread: false };
    return { kind: 'put', key, ...group, value, lease, ignoreLease, ignoreValue, prevKv };
  }

  #range({ key, rangeEnd }: { key: Bytes; rangeEnd: Bytes }): { key: Bytes; rangeEnd: Bytes } {
    const { keyPrefix } = this.#options;
    const isFromKey = keyPrefix !== '' && rangeEnd === prefixEnd(keyPrefix);
    return {
      key: this.#words.keyOf(key),
      rangeEnd: isFromKey ? FROM_KEY : this.#words.keyOf(rangeEnd),
    };
  }
}

/**
 * The clients of a history under their numbers in a schedule, and their streams likewise: as our
 * own runs count them where that is how, or else by order of use. Clients beyond the most that a
 * schedule may have share numbers with the first ones, but not streams.
 */
class Clients {
  readonly #numbers = new Map<string, number>();
  /** By client's number: its streams, and their numbers. */
  readonly #streams = new Map<number, Map<string, number>>();

  constructor(calls: readonly Call[]) {
    const [first] = calls;
    const isPlain = calls.every(
      ({ session, client }) => session === first?.session && client <= LIMITS.clients,
    );
    for (const call of calls) {
      const name = `${call.session}/${call.client}`;
      if (!this.#numbers.has(name)) {
        const next = 1 + (this.#numbers.size % LIMITS.clients);
        this.#numbers.set(name, isPlain ? call.client : next);
      }
      const stream = streamName(call);
      if (stream === null) continue;
      const streams = this.#streams.get(this.of(call)) ?? new Map<string, number>();
      if (!streams.has(stream)) streams.set(stream, 1 + (streams.size % MAX_STREAMS));
      this.#streams.set(this.of(call), streams);
    }
    for (const streams of this.#streams.values()) numberAsOurs(streams);
  }

  of({ session, client }: Call): number {
    return this.#numbers.get(`${session}/${client}`) ?? 1;
  }

  streamOf(call: Call): number {
    return this.#streams.get(this.of(call))?.get(streamName(call) ?? '') ?? 1;
  }
}

/** As many streams of one client have a text form. */
const MAX_STREAMS = 100;

const streamName = ({ session, client, command }: Call): string | null =>
  command.kind === 'keepAlive' ? `${session}/${client}/${command.stream}` : null;

const numberAsOurs = (streams: Map<string, number>): void => {
  const numbers = [...streams.keys()].map(
    (name) => Number(name.split('/')[2]) % STREAMS_PER_CLIENT,
  );
  const isOurs = numbers.every((number) => number >= 1 && number <= MAX_STREAMS);
  if (!isOurs || new Set(numbers).size < numbers.length) return;
  for (const [index, name] of [...streams.keys()].entries()) {
    streams.set(name, numbers[index] as number);
  }
};

type Call = Entry & { readonly kind: 'call' };

/** A to Z, then A1 to Z1, … */
const leaseName = (index: number): LeaseRef => {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round === 0 ? '' : round}`;
};
