/**
 * What the model predicted and what was seen of it: answers by their tokens, and watch events. Both
 * sides are kept until they meet; what does not match is a finding, with the rule it breaks.
 */
import type { Command, KeepAlive, LeaseId, Token } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { RemainingTtl, Response, WatchEvent } from '../api/response.ts';
import { between, type Instant } from '../api/units.ts';
import { mismatch, type RuleId, type State, type Step, sameEvent } from '../model/index.ts';
import { appended } from './appending.ts';
import { ByToken } from './by-token.ts';
import { blame, blameEvents, blameSilence } from './blame.ts';
import { ruleOfWait } from './blame-leader.ts';
import { ruleOfLog } from './blame-log.ts';
import { wordDifference, wordPlace, wordResponse } from './describe.ts';
import type { Finding } from './finding.ts';
import type { Entry } from './history.ts';
import type { Past } from './past.ts';
import { WatchLedger } from './watch-ledger.ts';

/** An answer that the model gave and nobody has seen yet. */
interface Predicted {
  readonly token: Token;
  readonly response: Response;
  /** Before the step that gave it. */
  readonly state: State;
  readonly at: Instant;
}

/** What wrote last. */
interface Writer {
  /** `leader`: one came, or was looked for. `log`: it was applied. */
  readonly command: Command | 'turn' | 'leader' | 'log';
  readonly revoked: readonly LeaseId[];
}

/** What the ledger asks of the history, once something does not match. */
export interface Lookup {
  readonly command: (token: Token) => Command;
  /** The answer that a request got from an entry on. */
  readonly laterAnswer: (token: Token, from: number) => Response | undefined;
}

export class Ledger {
  readonly watches: WatchLedger;
  readonly #past: Past;
  readonly #lookup: Lookup;
  /** In the order in which the model gave them. */
  readonly #predicted = new ByToken<Predicted>();
  /** Seen before the step that explains them: what a turn frees is seen before the turn. */
  readonly #early = new Map<Token, { readonly response: Response; readonly entry: number }>();
  #expectedEvents: WatchEvent[] = [];
  #seenEvents: WatchEvent[] = [];
  #writer: Writer = { command: 'turn', revoked: [] };
  /** Leases have expired since an answer last carried the right revision. */
  #expired = false;

  constructor(etcd: MinorVersion, past: Past, lookup: Lookup) {
    this.watches = new WatchLedger(etcd);
    this.#past = past;
    this.#lookup = lookup;
  }

  /** Keeps what a step of the model predicts. `revoked`: the leases that it took away. */
  expect(
    command: Command | 'turn' | 'leader' | 'log',
    revoked: readonly LeaseId[],
    { answers, deliveries, events }: Step,
    state: State,
    at: Instant,
  ): void {
    for (const { token, response } of answers) {
      this.#predicted.add(token, { token, response, state, at });
    }
    if (deliveries.length > 0) this.watches.expect(deliveries);
    if (command === 'turn' && revoked.length > 0) this.#expired = true;
    // While the log waits nothing is written.
    if (events.length === 0 && revoked.length === 0 && command !== 'log') return;
    this.#expectedEvents = appended(this.#expectedEvents, events);
    this.#writer = { command, revoked };
  }

  watched({ at, revision, events }: Entry & { readonly kind: 'watch' }): void {
    this.watches.wrote(revision, at);
    this.#seenEvents = appended(this.#seenEvents, events);
  }

  answered(token: Token, response: Response, state: State, entry: number): Finding | null {
    if (this.watches.hasUnsure && this.watches.isUnsureOf(token)) {
      this.#predicted.remove(token);
      return null;
    }
    const predicted = this.#predicted.find(token);
    if (predicted !== undefined) return this.#meet(predicted, response, state, entry);
    this.#early.set(token, { response, entry });
    return null;
  }

  /**
   * At the end of an instant everything predicted has been seen, and everything seen was predicted.
   */
  settle(state: State, entry: number): Finding | null {
    if (this.watches.hasUnsure) this.#forgetUnsure();
    if (this.#early.size > 0) {
      const finding = this.#meetEarly(state);
      if (finding !== null) return finding;
    }
    return this.#silence(entry) ?? this.settleEvents(entry);
  }

  #meetEarly(state: State): Finding | null {
    for (const [token, early] of this.#early) {
      const predicted = this.#predicted.find(token);
      const finding =
        predicted === undefined
          ? this.#premature(token, early.response, state, early.entry)
          : this.#meet(predicted, early.response, state, early.entry);
      if (finding !== null) return finding;
    }
    this.#early.clear();
    return null;
  }

  /** What a watch stream answers that nobody can be sure of. */
  #forgetUnsure(): void {
    for (const { token } of this.#predicted.all()) {
      if (this.watches.isUnsureOf(token)) this.#predicted.remove(token);
    }
  }

  /**
   * The first answer that was due and has not been seen. `refused`: the state before a step that
   * the target refused to do; what that step would have freed is silent for this reason.
   */
  #silence(entry: number, refused?: State): Finding | null {
    if (this.#predicted.size === 0) return null;
    for (const { token, response, state } of this.#predicted.all()) {
      if (this.#early.has(token) || state === refused) continue;
      const later = this.#lookup.laterAnswer(token, entry);
      const isOfLeader =
        !state.leads || state.held.some(({ command: { token: of } }) => of === token);
      const command = this.#lookup.command(token);
      const rule =
        ruleOfLog(state, command) ??
        (isOfLeader ? ruleOfWait(command) : blameSilence(token, response, later, state));
      return { entry, rule, expected: wordResponse(response), observed: 'no answer' };
    }
    return null;
  }

  settleEvents(entry: number): Finding | null {
    const [expected, seen] = [this.#expectedEvents, this.#seenEvents];
    if (expected.length === 0 && seen.length === 0) return null;
    if (!areSame(expected, seen)) {
      const { command, revoked } = this.#writer;
      const rule = blameEvents(command, expected, seen, this.#past, revoked);
      return { entry, rule, expected: wordEvents(expected), observed: wordEvents(seen) };
    }
    this.#expectedEvents = [];
    this.#seenEvents = [];
    // Their revisions were right.
    this.#expired = false;
    return null;
  }

  /** A prediction and an observation of one request. */
  #meet(
    { token, response, state: before, at }: Predicted,
    observed: Response,
    state: State,
    entry: number,
  ): Finding | null {
    const { kind } = observed;
    const mayOvertake = kind === 'keptAlive' || kind === 'refused';
    const overtaken = mayOvertake ? this.#overtaken(token, entry) : null;
    this.#predicted.remove(token);
    const field = mismatch(state, response, observed);
    if (field === null && overtaken === null) {
      if (kind !== 'refused') this.#expired = false;
      if (kind === 'remainingTtl') this.#noteTruncation(observed, before, at);
      return null;
    }
    const [expected, seen] = wordDifference(response, observed);
    if (field === null) return { entry, ...overtaking(overtaken, before), observed: seen };
    // What was not done before tells more, and events tell what was done, an answer only what was
    // said about it.
    // Of a transaction that took the other branch what it did there is no surprise.
    const isByEvents = field === 'revision' && !tookOtherBranch(response, observed);
    const isRefused = observed.kind === 'refused' && response.kind !== 'refused';
    const silence = this.#silence(entry, isRefused ? before : undefined);
    const cause = silence ?? (isByEvents ? this.settleEvents(entry) : null);
    if (cause !== null) return cause;
    const command = this.#lookup.command(token);
    const mismatched = { state: before, now: at, command, predicted: response, observed, field };
    // Not of one that a turn has freed, whose revision is older than the turn.
    const isOfExpiry = field === 'revision' && this.#expired && !this.#early.has(token);
    const rule = isOfExpiry ? 'EXP-07' : blame({ ...mismatched, past: this.#past });
    return { entry, rule, expected, observed: seen };
  }

  /** TTL-01 has been seen to hold where it shows. */
  #noteTruncation({ id }: RemainingTtl, { leases }: State, now: Instant): void {
    const lease = leases.find(id);
    const left = lease === undefined ? 0 : between(now, lease.deadline) % 1000;
    if (left >= 500) this.#past.sawTruncation = true;
  }

  /** The earlier keep-alive on its stream that should have been answered before. */
  #overtaken(token: Token, entry: number): KeepAlive | null {
    if (this.#predicted.size < 2) return null;
    const command = this.#lookup.command(token);
    if (command.kind !== 'keepAlive') return null;
    for (const { token: other } of this.#predicted.all()) {
      if (other === token) return null;
      const earlier = this.#lookup.command(other);
      const seen = this.#early.get(other)?.entry ?? Infinity;
      if (seen > entry && isOnStream(earlier, command)) return earlier;
    }
    return null;
  }

  /** An answer to a request that the model still holds. */
  #premature(token: Token, response: Response, state: State, entry: number): Finding {
    const { kind } = this.#lookup.command(token);
    const expected = 'no answer yet';
    const ofLog = ruleOfLog(state, { kind, token });
    if (ofLog !== null) {
      return { entry, rule: ofLog, expected, observed: wordResponse(response) };
    }
    if (state.held.some(({ command }) => command.token === token)) {
      return { entry, rule: ruleOfWait({ kind }), expected, observed: wordResponse(response) };
    }
    if (kind === 'cancelWatch' || kind === 'watchProgress') {
      const rule = kind === 'cancelWatch' ? 'KV-26' : 'KV-27';
      return { entry, rule, expected: 'no answer', observed: wordResponse(response) };
    }
    const held = state.waiting.find((waiting) => waiting.command.token === token);
    const lease = held === undefined ? undefined : state.leases.find(held.command.id);
    const isRenewed = response.kind === 'keptAlive' && response.ttl > 0;
    const isHead = held !== undefined && held.revision !== null;
    const isAtDeadline = isHead && isRenewed && lease?.deadline === state.now;
    const isAbsent = isHead && !isRenewed && this.#past.hasLostKeys(held.command.id);
    const rule = isAtDeadline ? 'EXP-01' : isAbsent ? 'KV-06' : isHead ? 'KA-04' : 'KA-05';
    return { entry, rule, expected, observed: wordResponse(response) };
  }
}

/** One keep-alive was answered before another that is ahead of it. */
const overtaking = (
  ahead: KeepAlive | null,
  { waiting }: State,
): { readonly rule: RuleId; readonly expected: string } => {
  const held = waiting.find(({ command }) => command.token === ahead?.token);
  // The server held that one for its lease, and those behind with it; or it mixed those up.
  const rule = held !== undefined && held.revision !== null ? 'KA-05' : 'KA-01';
  return { rule, expected: `an answer to the keep-alive on lease ${ahead?.id} first` };
};

const isOnStream = (command: Command, other: KeepAlive): command is KeepAlive =>
  command.kind === 'keepAlive' && command.stream === other.stream;

const areSame = (expected: readonly WatchEvent[], seen: readonly WatchEvent[]): boolean =>
  expected.length === seen.length &&
  expected.every((event, at) => sameEvent(event, seen[at] as WatchEvent));

const wordEvents = (events: readonly WatchEvent[]): string =>
  events.length === 0 ? 'no event' : events.slice(0, 5).map(wordPlace).join(', ');

const tookOtherBranch = (predicted: Response, observed: Response): boolean =>
  predicted.kind === 'txnResult' &&
  observed.kind === 'txnResult' &&
  predicted.succeeded !== observed.succeeded;
