/**
 * A recorded history as a schedule: what its clients did, at the same instants, for a replay to do
 * again, and what they were answered as expectations. What the server did by itself becomes `turn`
 * lines, which a replay leaves to the server.
 */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { CancelWatch, LeaseId, Token, Watch } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import type { ServerConfig } from '../api/config.ts';
import { between, type Instant, instant, milliseconds, revision } from '../api/units.ts';
import { changedFlags, type LeaderAction } from './server-life.ts';
import { type Answered, answersOf, freedBy } from './answers.ts';
import { WAITS, wordResponse } from './describe.ts';
import type { Entry, History } from './history.ts';
import { type Call, Clients } from './recorded-clients.ts';
import {
  type RecordedWords,
  recordedOp,
  recordedRange,
  unprefixed,
} from './recorded-operations.ts';
import type {
  Action,
  LeaseRef,
  RevisionRef,
  Schedule,
  ScheduleStep,
  WatchRef,
  When,
} from './schedule.ts';

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
  readonly #words: RecordedWords;
  /** The settings since the last restart. */
  #config: ServerConfig;
  /** The instant of the last step, or where it leapt to. */
  #now: Instant;
  /** A promotion belongs to a restart. */
  #isRestarting = false;
  #ends: Instant;
  readonly #names = new Map<LeaseId, LeaseRef>();
  /** Where a call's step is, and what a grant's lease is to be called. */
  readonly #places = new Map<Token, number>();
  readonly #granting = new Map<Token, LeaseRef>();
  /** What a watch is called, when it is asked for and when it is there. */
  readonly #watching = new Map<Token, WatchRef>();
  readonly #watches = new Map<string, WatchRef>();
  readonly #streams = new Map<Token, Watch>();
  #latest = revision(1);

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
      keyOf: unprefixed(keyPrefix),
      keyPrefix,
      revisionOf: (revision) => this.#revision(revision),
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
      case 'promote':
        if (!this.#isRestarting) this.#leader(entry.at, 'back');
        this.#isRestarting = false;
        return;
      case 'demote':
        return this.#leader(entry.at, 'lost');
      case 'stall':
        return this.#add(entry.at, 0, { kind: 'apply', change: 'slow' }, null);
      case 'catchUp':
        return this.#add(entry.at, 0, { kind: 'apply', change: 'caught up' }, null);
      case 'watch':
      case 'delivery':
      case 'lost':
        return;
    }
  }

  #restart({ at, from, kill, config }: Entry & { kind: 'restart' }): void {
    this.#isRestarting = true;
    const flags = changedFlags(this.#config, config);
    this.#config = config;
    this.#add(from, 0, { kind: 'restart', kill, down: between(from, at), flags }, null);
    this.#now = at;
  }

  #leader(at: Instant, change: LeaderAction['change']): void {
    this.#add(at, 0, { kind: 'leader', change }, null);
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
    this.#learn(token, response);
    const name = this.#granting.get(token);
    if (response.kind === 'granted' && name !== undefined) this.#names.set(response.id, name);
    const step = this.#steps[index] as ScheduleStep;
    if (step.expect === null) this.#steps[index] = { ...step, expect: this.#worded(response) };
  }

  #learn(token: Token, response: Response): void {
    if ('revision' in response && response.kind !== 'keptAlive') {
      this.#latest = revision(Math.max(this.#latest, response.revision));
    }
    const asked = this.#streams.get(token);
    if (asked === undefined || response.kind !== 'watchCreated') return;
    const name = this.#watching.get(token) as WatchRef;
    this.#watches.set(watchName({ stream: asked.stream, watch: response.watch }), name);
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
      case 'range':
      case 'deleteRange':
      case 'txn':
        return recordedOp(command, this.#words);
      case 'compact': {
        const revision = this.#revision(command.revision);
        return { kind: 'compact', revision, physical: command.physical };
      }
      case 'alarm':
        return { kind: 'alarm', action: command.action };
      case 'watch':
        return this.#watch({ ...entry, command });
      case 'cancelWatch': {
        const watch = this.#watches.get(watchName(command)) ?? `#${command.watch}`;
        return { kind: 'cancelWatch', watch, stream: this.#clients.streamOf(entry) };
      }
      case 'watchProgress':
        return { kind: 'watchProgress', stream: this.#clients.streamOf(entry) };
    }
  }

  #watch(entry: Call & { readonly command: Watch }): Action {
    const { token, watch: id, startRevision, prevKv, noPut, noDelete, ...rest } = entry.command;
    const { progressNotify, fragment } = rest;
    const name = `w${this.#watching.size + 1}`;
    this.#watching.set(token, name);
    this.#streams.set(token, entry.command);
    const flags = { prevKv, noPut, noDelete, progressNotify, fragment };
    const stream = this.#clients.streamOf(entry);
    const from = this.#words.revisionOf(startRevision);
    const range = recordedRange(entry.command, this.#words);
    return { kind: 'watch', name, ...range, startRevision: from, ...flags, stream, id };
  }

  /** On a server that others write to, revisions count from the latest that was answered. */
  #revision(revision: bigint): RevisionRef {
    const isShared = this.#isShared && this.#history.header.clock === 'real';
    if (revision <= 0n || !isShared) return String(revision);
    const ahead = revision - BigInt(this.#latest);
    return ahead === 0n ? 'rev' : `rev${ahead > 0n ? '+' : ''}${ahead}`;
  }
}

const watchName = ({ stream, watch }: Pick<CancelWatch, 'stream' | 'watch'>): string =>
  `${stream}/${watch}`;

/** A to Z, then A1 to Z1, … */
const leaseName = (index: number): LeaseRef => {
  const round = Math.floor(index / 26);
  return `${String.fromCharCode(65 + (index % 26))}${round === 0 ? '' : round}`;
};
