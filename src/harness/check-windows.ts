/**
 * Judges a history recorded on a real clock. Each call took effect at some instant between its call
 * and its return, both included; nobody saw the turns. A violation counts only if no choice of
 * instants and no order explains what was seen.
 *
 * Sessions that share neither leases nor keys are judged one by one; a set of explanations is
 * carried from entry to entry. Revisions are judged over all of them.
 */
import type { Command, LeaseId, Token } from '../api/command.ts';
import { type Instant, instant } from '../api/units.ts';
import { initialState, keysOf, RULES, type RuleId, TURN_INTERVAL } from '../model/index.ts';
import { LIMITS } from '../limits.ts';
import { checkRevisions } from './check-revisions.ts';
import { type Component, components } from './components.ts';
import type { Coverage } from './coverage.ts';
import { expire, takeEffect } from './effects.ts';
import {
  type Call,
  type Evidence,
  type Explanation,
  isReason,
  type Reason,
} from './explanation.ts';
import type { Entry, History } from './history.ts';
import { observe } from './sometimes.ts';
import { CONFORMANT, type Verdict } from './verdict.ts';

export function checkWindows(history: History, coverage?: Coverage): Verdict {
  let inconclusive: Verdict | null = null;
  for (const component of components(history)) {
    const verdict = new Judge(history, component, coverage).judge();
    if (verdict.kind === 'violation') return verdict;
    if (verdict.kind === 'inconclusive') inconclusive ??= verdict;
  }
  return inconclusive ?? checkRevisions(history);
}

/** What one entry obliges an explanation to have accounted for. */
type Goal = (explanation: Explanation) => boolean;

class Judge {
  readonly #component: Component;
  readonly #evidence: Evidence;
  readonly #coverage: Coverage | undefined;
  #explanations: readonly Explanation[];
  #delivered = 0;

  constructor(history: History, component: Component, coverage: Coverage | undefined) {
    const { config, minimumTtl } = history.header;
    this.#component = component;
    this.#coverage = coverage;
    this.#evidence = { ...component, lag: longestLag(history) };
    const state = initialState({
      server: config,
      turns: 'free',
      ...(minimumTtl === null ? {} : { minimumTtl }),
    });
    const none = { open: [], answered: new Set<Token>(), delivered: 0, effects: [] };
    this.#explanations = [{ state, deadlines: new Map(), gone: new Map(), ...none }];
  }

  judge(): Verdict {
    for (const { index, entry } of this.#component.entries) {
      const verdict = this.#take(entry, index);
      if (verdict !== null) return verdict;
      this.#countEffects();
    }
    return CONFORMANT;
  }

  #take(entry: Entry, index: number): Verdict | null {
    switch (entry.kind) {
      case 'call': {
        const call = this.#evidence.calls.get(entry.command.token);
        if (call === undefined) return { kind: 'inconclusive', why: silence(entry.command) };
        this.#explanations = this.#explanations.map((explanation) => ({
          ...explanation,
          open: [...explanation.open, call],
        }));
        return null;
      }
      case 'return':
        return (
          this.#require(({ answered }) => answered.has(entry.token), entry, index) ??
          this.#forget(entry.token)
        );
      case 'watch': {
        this.#delivered += 1;
        const count = this.#delivered;
        return this.#require(({ delivered }) => delivered >= count, entry, index);
      }
      case 'lost':
        return { kind: 'inconclusive', why: `the target went away: ${entry.why}` };
      case 'turn':
      case 'jump':
      case 'end':
        return null;
    }
  }

  /** Keeps the explanations that reach `goal`, by whatever effects in whatever order. */
  #require(goal: Goal, entry: Entry, index: number): Verdict | null {
    let frontier = this.#explanations;
    const reached = new Map<string, Explanation>();
    let first: Reason | null = null;
    while (frontier.length > 0) {
      const next = new Map<string, Explanation>();
      for (const explanation of frontier) {
        if (goal(explanation)) {
          reached.set(signature(explanation), explanation);
          continue;
        }
        for (const result of this.#successors(explanation, entry)) {
          if (isReason(result)) first ??= result;
          else next.set(signature(result), result);
        }
      }
      if (next.size + reached.size > LIMITS.states) {
        return {
          kind: 'inconclusive',
          why: `more than ${LIMITS.states} explanations at one entry`,
        };
      }
      frontier = [...next.values()];
    }
    if (reached.size === 0) return violation(index, entry, first ?? this.#unexplained(entry));
    this.#explanations = [...reached.values()];
    return null;
  }

  /** A call that has returned is done with. */
  #forget(token: Token): null {
    this.#explanations = this.#explanations.map((explanation) => {
      const answered = new Set(explanation.answered);
      answered.delete(token);
      return { ...explanation, answered };
    });
    return null;
  }

  /**
   * All that can have happened next. The entry's own call first, so that its reason is the one that
   * is told.
   */
  *#successors(explanation: Explanation, entry: Entry): Generator<Explanation | Reason> {
    const own = entry.kind === 'return' ? entry.token : null;
    for (const call of explanation.open) {
      if (call.command.token === own || mayComeFirst(call, explanation)) {
        yield this.#effect(explanation, call, entry.at);
      }
    }
    const delivery = this.#evidence.deliveries[explanation.delivered];
    const gone = delivery?.events.every((event) => event.kind === 'delete') === true;
    const lease = gone ? delivery?.events[0]?.prevKv?.lease : undefined;
    if (delivery !== undefined && lease !== undefined && explanation.deadlines.has(lease)) {
      const limit = instant(Math.min(delivery.at, entry.at));
      yield expire(explanation, lease, limit, this.#evidence);
    }
  }

  /**
   * Lets a call take effect, after leases without keys have gone, which nobody sees: those that its
   * answer does not know any more, and those that must have gone by then (EXP-02).
   */
  #effect(explanation: Explanation, call: Call, at: Instant): Explanation | Reason {
    let current = explanation;
    const limit = instant(Math.min(call.returned, at));
    const { lag } = this.#evidence;
    const late = [...explanation.deadlines].filter(([, deadline]) => deadline.to + lag < call.at);
    for (const id of new Set([...absentFor(call, explanation), ...late.map(([one]) => one)])) {
      if (keysOf(current.state, id).length > 0) continue;
      const expired = expire(current, id, limit, this.#evidence);
      if (isReason(expired)) return expired;
      current = expired;
    }
    return takeEffect(current, call, limit, this.#evidence);
  }

  #unexplained(entry: Entry): Reason {
    if (entry.kind === 'watch') {
      const keys = entry.events.map((event) => `${event.kind} ${event.kv.key}`).join(', ');
      return { rule: 'EXP-03', expected: 'no event', observed: keys };
    }
    return { rule: 'KA-04', expected: 'no answer yet', observed: 'an answer' };
  }

  #countEffects(): void {
    const coverage = this.#coverage;
    const [explanation] = this.#explanations;
    if (coverage !== undefined && explanation !== undefined) {
      for (const { before, input, now, step } of explanation.effects) {
        coverage.entered(step.rules);
        observe(before, input, now, step, coverage.saw);
      }
    }
    this.#explanations = this.#explanations.map((one) => ({ ...one, effects: [] }));
  }
}

/**
 * Whether it matters that a call took effect before the one that returns. A keep-alive that
 * answered 0 changes nothing; the requests of a stream take effect in the order in which they were
 * sent (KA-01).
 */
const mayComeFirst = ({ command, response }: Call, { open }: Explanation): boolean => {
  if (command.kind !== 'keepAlive' || response.kind !== 'keptAlive') return true;
  const first = open.find(
    (other) => other.command.kind === 'keepAlive' && other.command.stream === command.stream,
  );
  return response.ttl > 0 && first?.command.token === command.token;
};

/** Two explanations with the same signature explain the same futures. */
const signature = (explanation: Explanation): string => {
  const { state, deadlines, open, answered, delivered } = explanation;
  const tokens = `${open.map((call) => call.command.token).join()} ${[...answered].join()}`;
  const lives = [...deadlines].map(([id, { from, to }]) => `${id}:${from}-${to}`).sort();
  const kvs = state.kvs.all().map((kv) => `${kv.key}@${kv.modRevision}/${kv.version}/${kv.lease}`);
  return `${tokens}|${delivered}|${state.revision}|${lives.join()}|${kvs.join()}`;
};

/** The leases whose absence the answer to a call shows. */
const absentFor = ({ command, response }: Call, { deadlines }: Explanation): readonly LeaseId[] => {
  const one = (id: LeaseId): readonly LeaseId[] => (deadlines.has(id) ? [id] : []);
  const notFound = response.kind === 'refused' && response.reason === 'lease-not-found';
  switch (command.kind) {
    case 'grant':
      return response.kind === 'granted' ? one(command.id) : [];
    case 'revoke':
      return notFound ? one(command.id) : [];
    case 'put':
      return notFound ? one(command.lease) : [];
    case 'timeToLive':
      return response.kind === 'remainingTtl' && response.grantedTtl === 0 ? one(command.id) : [];
    case 'leases':
      return response.kind === 'leaseList'
        ? [...deadlines.keys()].filter((id) => !response.ids.includes(id))
        : [];
    case 'keepAlive':
      return response.kind === 'keptAlive' && response.ttl === 0 ? one(command.id) : [];
    case 'range':
    case 'deleteRange':
      return [];
  }
};

/**
 * EXP-02: one turn, one more for each 500 leases that could be ahead, and what calls took at worst,
 * twice: a busy machine delays the server as it delays its clients.
 */
const longestLag = ({ entries }: History): number => {
  const called = new Map<Token, { at: Instant; kind: Command['kind'] }>();
  let slowest = 0;
  let grants = 0;
  for (const entry of entries) {
    if (entry.kind === 'call') {
      called.set(entry.command.token, { at: entry.at, kind: entry.command.kind });
      if (entry.command.kind === 'grant') grants += 1;
    } else if (entry.kind === 'return') {
      const call = called.get(entry.token);
      if (call !== undefined && call.kind !== 'keepAlive') {
        slowest = Math.max(slowest, entry.at - call.at);
      }
    }
  }
  return TURN_INTERVAL * (1 + Math.floor(grants / 500)) + SLACK + 2 * slowest;
};

/** Milliseconds granted to commit, apply and delivery. */
const SLACK = 1000;

const silence = (command: Command): string => `a ${command.kind} was never answered`;

const violation = (entry: number, { at }: Entry, reason: Reason): Verdict => {
  const { rule, expected, observed } = reason;
  const sentence = RULES[rule satisfies RuleId];
  const explanation = `${sentence}: by ${Math.round(at)} ms expected ${expected}, saw ${observed}`;
  return { kind: 'violation', rule, entry, explanation, expected, observed };
};
