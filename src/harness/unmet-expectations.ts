/**
 * Compares what a schedule says must come of its steps with what came of them.
 *
 * An expectation stands behind the arrow of a line, in the words of `describe.ts`:
 *
 * - `ttl=5`, `0 of 5`, `refused lease-exists`: the answer.
 * - `waits`: there was no answer at that instant. `waits, then ttl=0`: and later this one.
 * - Of a group (`grant B*501 ttl=5`) each answer must be as expected; a member is called by the
 *   group's name (`B ttl=5`). Answers that differ are counted: `500 × ok, 1 × refused …`.
 * - Of a `turn` or a `jump`: what the turn did that ran at that instant, or where the clock landed:
 *   `revoked A` or `revoked 500 leases`, `frees c2: ttl=0`, both with a comma between, `nothing`.
 * - Of a restart, of a leader that is lost or back, and of a log that is slow or catches up: `ok`.
 * - Behind `wait` stands a comment.
 *
 * On a real clock a remaining TTL may be a second lower, the leases of others in a list do not
 * count, how long a request waits is the server's affair, and nobody sees its turns: there `waits`
 * always holds, and so does what is said of a turn.
 */
import type { LeaseId, Token } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { after } from '../api/units.ts';
import { type Answered, answersOf, freedBy } from './answers.ts';
import { type Names, WAITS, wordResponse } from './describe.ts';
import type { Entry, History } from './history.ts';
import type { RunResult, StepResult } from './run.ts';
import { isServerSide, type LeaseRef, type ScheduleStep } from './schedule.ts';
import { printSteps } from './schedule-text.ts';
import type { Trial } from './trial.ts';

/** An expectation that does not hold. */
export interface UnmetExpectation {
  /** The line of the schedule, as text. */
  readonly line: string;
  readonly expected: string;
  readonly observed: string;
}

/** In the order of the schedule; a step that was not reached has not met its expectation. */
export function unmetExpectations({
  history,
  result,
  schedule,
}: Pick<Trial, 'history' | 'result' | 'schedule'>): readonly UnmetExpectation[] {
  const reader = new Reader(history, result);
  return schedule.steps.flatMap((step, index): UnmetExpectation[] => {
    const { expect } = step;
    if (expect === null || step.action.kind === 'wait') return [];
    const reached = result.steps[index];
    const observed = reached === undefined ? 'not reached' : reader.unlike(reached, expect);
    return observed === null ? [] : [{ line: line(step), expected: expect, observed }];
  });
}

class Reader {
  readonly #entries: readonly Entry[];
  readonly #isReal: boolean;
  readonly #answers: ReadonlyMap<Token, Answered>;
  readonly #clients = new Map<Token, number>();
  /** What was answered, in words. */
  readonly #said = new Map<Token, string>();
  /** The leases that turns revoked, by the turn's entry. */
  readonly #revoked = new Map<number, readonly LeaseRef[]>();

  constructor(history: History, result: RunResult) {
    this.#entries = history.entries;
    this.#isReal = history.header.clock === 'real';
    this.#answers = answersOf(history);
    this.#read(result);
  }

  /** An id can be granted again under another name, so things are named as they were then. */
  #read({ interpreter, steps }: RunResult): void {
    const granting = new Map(steps.flatMap(grantsOf));
    const names = new Map<LeaseId, LeaseRef>();
    const words: Names = {
      nameOf: (id) => names.get(id) ?? interpreter.nameOf(id),
      keyOf: (key) => interpreter.keyOf(key),
    };
    for (const [index, entry] of this.#entries.entries()) {
      if (entry.kind === 'call') this.#clients.set(entry.command.token, entry.client);
      if (entry.kind === 'turn') this.#revoked.set(index, entry.revoked.map(words.nameOf));
      if (entry.kind !== 'return') continue;
      const { completion, token } = entry;
      if (completion.kind === 'unknown') {
        this.#said.set(token, `unknown: ${completion.why}`);
        continue;
      }
      const { response } = completion;
      const grant = granting.get(token);
      if (response.kind === 'granted' && grant !== undefined) names.set(response.id, grant.name);
      this.#said.set(token, wordResponse(this.#ownOf(response, names), words));
      if (response.kind === 'granted' && grant !== undefined && grant.group !== null) {
        this.#said.set(token, `${grant.group} ttl=${response.ttl}`);
      }
    }
  }

  /** A list without the leases of others. */
  #ownOf(response: Response, names: ReadonlyMap<LeaseId, LeaseRef>): Response {
    if (!this.#isReal || response.kind !== 'leaseList') return response;
    return { ...response, ids: response.ids.filter((id) => names.has(id)) };
  }

  /** What came of a step instead of what was expected; null when it is that. */
  unlike(reached: StepResult, expected: string): string | null {
    const { action } = reached.step;
    if (action.kind === 'turn' || action.kind === 'jump') {
      return this.#isReal ? null : this.#unlikeTurn(reached, expected);
    }
    if (isServerSide(action)) return expected === 'ok' ? null : 'ok';
    const observed = reached.commands.map(({ token }) => this.#words(token));
    if (observed.every((words) => this.#holds(expected, words))) return null;
    const counted = tally(observed.map(({ atOnce }) => atOnce));
    return counted === expected ? null : counted;
  }

  #holds(expected: string, { atOnce, atLast }: Words): boolean {
    if (!expected.startsWith(WAITS)) return this.#isSame(expected, this.#isReal ? atLast : atOnce);
    if (!this.#isReal && atOnce !== WAITS) return false;
    const later = /^waits, then (.+)$/.exec(expected)?.[1];
    return later === undefined || this.#isSame(later, atLast);
  }

  #isSame(expected: string, observed: string): boolean {
    if (expected === observed) return true;
    const wanted = REMAINING.exec(expected);
    if (!this.#isReal || wanted === null) return false;
    const [, ttl, rest] = wanted;
    return observed === `${Number(ttl) - 1}${rest}`;
  }

  /** What was answered at once, and at last. */
  #words(token: Token): Words {
    const atLast = this.#said.get(token) ?? 'no answer';
    const answer = this.#answers.get(token);
    const waits = answer === undefined || answer.held;
    return { atOnce: waits ? WAITS : atLast, atLast };
  }

  #unlikeTurn({ at, step }: StepResult, expected: string): string | null {
    const { action } = step;
    const when = action.kind === 'jump' ? after(at, action.by) : at;
    const index = this.#entries.findIndex((entry) => entry.kind === 'turn' && entry.at === when);
    const turn = this.#entries[index];
    if (turn?.kind !== 'turn') return expected === 'nothing' ? null : 'nothing';
    const names = this.#revoked.get(index) ?? [];
    const few = names.length <= 5 ? names.join(',') : `${names.length} leases`;
    const revoked = names.length === 0 ? 'nothing' : `revoked ${few}`;
    const freed = freedBy(index, this.#entries, this.#answers).map(
      ({ token }) => `c${this.#clients.get(token)}: ${this.#said.get(token)}`,
    );
    const frees = freed.length === 0 ? '' : `frees ${freed.join(', ')}`;
    const whole = frees === '' ? revoked : `${revoked}, ${frees}`;
    const named =
      action.kind === 'turn' && action.leases.length > 0 ? action.leases.join(',') : few;
    const said = [whole, revoked, frees].includes(expected);
    return said && named === few ? null : whole;
  }
}

/** What is said of a request at once, and at last. */
interface Words {
  readonly atOnce: string;
  readonly atLast: string;
}

/** A remaining TTL, and what follows it. */
const REMAINING = /^(-?\d+)( of \d+.*)$/;

const line = (step: ScheduleStep): string => printSteps([step])[0] as string;

/** The name that each grant of a step gives, and that of their group. */
const grantsOf = ({ commands, step }: StepResult): [Token, Grant][] => {
  const { action } = step;
  if (action.kind !== 'grant') return [];
  const { count, lease } = action;
  return commands.map(({ token }, index) => [
    token,
    count === 1 ? { name: lease, group: null } : { name: `${lease}.${index + 1}`, group: lease },
  ]);
};

interface Grant {
  readonly name: LeaseRef;
  readonly group: LeaseRef | null;
}

/** `ok`, or how often each was said: `500 × ok, 1 × refused lease-exists`. */
const tally = (words: readonly string[]): string => {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  if (counts.size === 1) return words[0] ?? '';
  return [...counts].map(([word, count]) => `${count} × ${word}`).join(', ');
};
