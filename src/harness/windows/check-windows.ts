/**
 * Judges a history recorded on a real clock. Each call took effect at some instant between its call
 * and its return, both included; nobody saw the turns. A violation counts only if no choice of
 * instants and no order explains what was seen.
 *
 * Sessions that share neither leases nor keys are judged one by one; a set of explanations is
 * carried from entry to entry. Streams and revisions are judged over all of them.
 */
import type { Token } from '../../api/command.ts';
import { initialState, RULES } from '../../model/index.ts';
import { LIMITS } from '../../limits.ts';
import { checkDeliveries } from './check-deliveries.ts';
import { checkRevisions } from './check-revisions.ts';
import { checkStreams } from './check-streams.ts';
import { type Component, components } from './components.ts';
import type { Coverage } from '../coverage.ts';
import { wordEvents } from './explained-step.ts';
import { type Explanation, isReason, type Reason, reason } from './explanation.ts';
import type { Entry, History } from '../history.ts';
import { observe } from '../sometimes.ts';
import { isJudged } from './judged.ts';
import { neverAnswered } from './never-answered.ts';
import { successors } from './successors.ts';
import { CONFORMANT, type Verdict, wentAway } from '../verdict.ts';
import { widest } from './widest.ts';

export function checkWindows(history: History, coverage?: Coverage): Verdict {
  let inconclusive: Verdict | null = null;
  const parts = components(history);
  for (const part of parts) {
    const verdict = new Judge(history, part, coverage).judge();
    if (verdict.kind === 'violation') return verdict;
    if (verdict.kind === 'inconclusive') inconclusive ??= verdict;
  }
  const streams = checkStreams(history);
  if (streams.kind === 'violation') return streams;
  const deliveries = checkDeliveries(history);
  if (deliveries.kind === 'violation') return deliveries;
  if (inconclusive === null) return checkRevisions(history, parts);
  // What was under way when the target went away has no answer.
  const lost = history.entries.find((entry) => entry.kind === 'lost');
  return lost === undefined ? inconclusive : wentAway(lost);
}

/** What one entry obliges an explanation to have accounted for. */
type Goal = (explanation: Explanation) => boolean;

class Judge {
  readonly #header: History['header'];
  readonly #component: Component;
  readonly #coverage: Coverage | undefined;
  #explanations: readonly Explanation[];

  constructor(history: History, component: Component, coverage: Coverage | undefined) {
    const { config, minimumTtl } = history.header;
    this.#header = history.header;
    this.#component = component;
    this.#coverage = coverage;
    const state = initialState({
      server: config,
      turns: 'free',
      ...(minimumTtl === null ? {} : { minimumTtl }),
    });
    this.#explanations = [
      {
        state,
        deadlines: new Map(),
        pastLives: new Map(),
        freeUntil: new Map(),
        open: [],
        answered: new Set(),
        delivered: 0,
        effects: [],
      },
    ];
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
    const { calls, deliveries } = this.#component.evidence;
    switch (entry.kind) {
      case 'call': {
        const { command } = entry;
        const call = calls.get(command.token);
        if (call === undefined) {
          if (command.kind === 'cancelWatch' || command.kind === 'watchProgress') return null;
          return { kind: 'inconclusive', why: neverAnswered(command) };
        }
        if (!isJudged(command, call.response, this.#header)) return null;
        this.#explanations = this.#explanations.map((explanation) => ({
          ...explanation,
          open: [...explanation.open, call],
        }));
        return null;
      }
      case 'return': {
        const call = calls.get(entry.token);
        // Without one: what a session left unanswered on a watch stream when it was over.
        if (call === undefined) return null;
        if (!isJudged(call.command, call.response, this.#header)) return null;
        return (
          this.#require(({ answered }) => answered.has(entry.token), entry, index) ??
          this.#forget(entry.token)
        );
      }
      case 'watch': {
        const isDone: Goal = ({ delivered }) =>
          (deliveries[delivered - 1]?.revision ?? 0) >= entry.revision;
        return this.#require(isDone, entry, index);
      }
      case 'lost':
        return wentAway(entry);
      case 'delivery':
      case 'turn':
      case 'jump':
      case 'restart':
      case 'promote':
      case 'demote':
      case 'stall':
      case 'catchUp':
      case 'end':
        return null;
    }
  }

  /** Keeps the explanations that reach `goal`, by whatever effects in whatever order. */
  #require(goal: Goal, entry: Entry, index: number): Verdict | null {
    let frontier = this.#explanations;
    let reached: readonly Explanation[] = [];
    let why: Reason | null = null;
    while (frontier.length > 0) {
      const next: Explanation[] = [];
      for (const explanation of frontier) {
        if (goal(explanation)) continue;
        for (const result of successors(explanation, entry, this.#component.evidence)) {
          if (!isReason(result)) next.push(result);
          else if (why === null || (why.isOrder && !result.isOrder)) why = result;
        }
      }
      reached = widest([...reached, ...frontier.filter(goal)]);
      frontier = widest(next);
      if (frontier.length + reached.length > LIMITS.states) {
        const what = `more than ${LIMITS.states} explanations at one entry`;
        return { kind: 'inconclusive', why: what };
      }
    }
    if (reached.length === 0) return violation(index, entry, why ?? unexplained(entry));
    this.#explanations = reached;
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

  #countEffects(): void {
    const coverage = this.#coverage;
    const [explanation] = this.#explanations;
    if (coverage !== undefined && explanation !== undefined) {
      for (const { before, input, now, step } of explanation.effects) {
        coverage.entered(step.rules);
        observe(before, input, now, step, coverage.saw);
        // The model itself holds none here: what waited is told by what came of it.
        const waited = input.kind === 'keepAlive' && step.rules.includes('KA-04');
        if (waited) coverage.saw('a waiting keep-alive was freed');
      }
    }
    this.#explanations = this.#explanations.map((one) => ({ ...one, effects: [] }));
  }
}

/** Nothing that is under way can be behind the entry. */
const unexplained = (entry: Entry): Reason =>
  entry.kind === 'watch'
    ? reason('KV-05', 'no event', wordEvents(entry.events))
    : reason('KA-04', 'no answer yet', 'an answer');

const violation = (entry: number, { at }: Entry, why: Reason): Verdict => {
  const { rule, expected, observed } = why;
  const when = Math.round(at);
  const explanation = `${RULES[rule]}: by ${when} ms expected ${expected}, saw ${observed}`;
  return { kind: 'violation', rule, entry, explanation, expected, observed };
};
