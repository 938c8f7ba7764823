/**
 * Judges a history recorded on a virtual clock: every call takes effect at its instant, turns run
 * when they must, and the model predicts each answer, each event and each instant exactly.
 */
import type { Command, LeaseId } from '../api/command.ts';
import type { CatchUp, Demote, Input, Promote, Stall, Wake } from '../api/input.ts';
import { type Delivery, isNotice } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import {
  breach,
  type Lease,
  nextExpiry,
  nextToGo,
  type RuleId,
  type State,
  type Step,
  step,
} from '../model/index.ts';
import {
  blameLate,
  blameLeftBehind,
  blameTurn,
  expectedOfTurn,
  leftBehind,
  shown,
} from './blame-expiry.ts';
import type { Coverage } from './coverage.ts';
import { explained, type Finding } from './finding.ts';
import { Ledger } from './ledger.ts';
import { isDone, wakeUpTo } from './leader-waits.ts';
import { type Entry, hasFrom, type History } from './history.ts';
import { answerAfter, beginningOf, commandOf, fateOf } from './history-lookups.ts';
import { Past } from './past.ts';
import { observe } from './sometimes.ts';
import { CONFORMANT, type Verdict, wentAway } from './verdict.ts';

/**
 * The first violation, in the order of the history; or that there is none. What happened before
 * matters only for the name of the rule, so only a history that fails is read with a memory.
 */
export function checkExact(history: History, coverage?: Coverage): Verdict {
  const verdict = judge(history, new Fold(history, coverage, null));
  return verdict.kind === 'violation' ? judge(history, new Fold(history)) : verdict;
}

const judge = (history: History, fold: Fold): Verdict => {
  const { entries } = history;
  for (let index = 0; index < entries.length; index += 1) {
    const entry = entries[index] as Entry;
    const verdict = fold.take(entry, index);
    if (verdict !== null) return verdict;
  }
  return CONFORMANT;
};

/** The model, led along a history. */
class Fold {
  readonly #history: History;
  readonly #coverage: Coverage | undefined;
  #state: State;
  #now: Instant;
  /** What is remembered; null: nothing is. */
  readonly #memory: Past | null;
  readonly #past: Past;
  readonly #ledger: Ledger;

  constructor(history: History, coverage?: Coverage, memory: Past | null = new Past()) {
    this.#memory = memory;
    this.#past = memory ?? NO_MEMORY;
    this.#ledger = new Ledger(history.header.config.etcd, this.#past, {
      command: (token) => commandOf(history, token),
      laterAnswer: (token, from) => answerAfter(history, token, from),
    });
    this.#history = history;
    this.#coverage = coverage;
    this.#state = beginningOf(history);
    this.#now = this.#state.now;
  }

  take(entry: Entry, index: number): Verdict | null {
    const { at, kind } = entry;
    // First: what was under way when the target went away says nothing.
    if (kind === 'lost') return wentAway(entry);
    if (at > this.#now || isDone(kind)) this.#wake();
    if (at > this.#now) {
      const verdict =
        this.#settle(index) ?? this.#wakeBefore(entry, index) ?? this.#passTo(entry, index);
      if (verdict !== null) return verdict;
      this.#now = at;
      if (isDone(kind) && !hasFrom(entry)) this.#wake();
    }
    switch (kind) {
      case 'call':
        return this.#call(entry.command, index);
      case 'return':
        return this.#return(entry, index);
      case 'watch':
        this.#ledger.watched(entry);
        return null;
      case 'delivery':
        return this.#delivery(entry.delivery, index);
      case 'turn':
        return this.#turn(entry.revoked, index);
      case 'jump':
      case 'restart':
        if (kind === 'restart') this.#ledger.watches.restarted();
        this.#apply(entry);
        return null;
      case 'demote':
      case 'promote':
      case 'stall':
      case 'catchUp':
        return this.#change(entry, index);
      case 'end':
        return this.#overdueTurn(entry.at, index, true) ?? this.#settle(index);
    }
  }

  /** The server loses its leader, leads again, is slow to apply or has applied all. */
  #change(input: Change, index: number): Verdict | null {
    const verdict = this.#overdueTurn(this.#now, index, true) ?? this.#settleEvents(index);
    if (verdict !== null) return verdict;
    const rule = breach(this.#state, input, this.#now);
    const ids = { expected: 'positive ids that rise', observed: 'others' };
    if (rule !== null) return this.#judge({ entry: index, rule, ...ids });
    this.#free(input);
    return null;
  }

  /** What is due now of what waits for a leader. */
  #wake(): void {
    if (wakeUpTo(this.#state, this.#now) !== null) this.#free({ kind: 'wake' });
  }

  /** … and on the way to an entry; what is due then has its time later. */
  #wakeBefore(entry: Entry, index: number): Verdict | null {
    const to = hasFrom(entry) ? entry.from : entry.at;
    for (;;) {
      const due = wakeUpTo(this.#state, to);
      if (due === null || (due === to && !hasFrom(entry))) return null;
      const verdict = this.#overdueTurn(due, index, true);
      if (verdict !== null) return verdict;
      this.#now = due;
      this.#wake();
      if (due === to) return null;
      const settled = this.#settle(index);
      if (settled !== null) return settled;
    }
  }

  #free(input: Change | Wake): void {
    const before = this.#state;
    const writer = input.kind === 'catchUp' || input.kind === 'stall' ? 'log' : 'leader';
    this.#ledger.expect(writer, [], this.#apply(input), before, this.#now);
  }

  #settleEvents(index: number): Verdict | null {
    const ledger = this.#ledger;
    return this.#judge(
      ledger.settleEvents(index) ?? ledger.watches.settle(this.#state, this.#now, index),
    );
  }

  #call(command: Command, index: number): Verdict | null {
    const ledger = this.#ledger;
    const verdict = this.#overdueTurn(this.#now, index, true) ?? this.#settleEvents(index);
    if (verdict !== null) return verdict;
    if (command.kind === 'grant' && command.id === 0n) {
      const broken = this.#assign(command, index);
      if (broken !== null) return broken;
    }
    const before = this.#state;
    ledger.watches.called(command, this.#now);
    const revoked = command.kind === 'revoke' ? [command.id] : [];
    ledger.expect(command, revoked, this.#apply(command), before, this.#now);
    return null;
  }

  /** CONST-14: the server's choice of an id is learnt from its answer. */
  #assign(command: Command, index: number): Verdict | null {
    const response = answerAfter(this.#history, command.token, index);
    if (response?.kind !== 'granted') return null;
    const assign = { kind: 'assignId', id: response.id } as const;
    const rule = breach(this.#state, assign, this.#now);
    if (rule !== null) {
      const expected = 'a positive id above the last one chosen';
      return this.#judge({ entry: index, rule, expected, observed: `${assign.id}` });
    }
    this.#state = step(this.#state, assign, this.#now).state;
    return null;
  }

  #return({ token, completion }: Entry & { kind: 'return' }, index: number): Verdict | null {
    if (completion.kind === 'unknown') {
      return { kind: 'inconclusive', why: `a request has no answer: ${completion.why}` };
    }
    const { response } = completion;
    this.#ledger.watches.answered(token, response, this.#now);
    return this.#judge(this.#ledger.answered(token, response, this.#state, index));
  }

  #delivery(delivery: Delivery, index: number): Verdict | null {
    const { watches } = this.#ledger;
    if (!isNotice(delivery)) return this.#judge(watches.seen(delivery, index));
    const notify = { kind: 'notify', stream: delivery.stream, watch: delivery.watch } as const;
    const finding = watches.noticed(delivery, this.#state, this.#now, index);
    if (finding === null) this.#apply(notify);
    return this.#judge(finding);
  }

  #turn(revoked: readonly LeaseId[], index: number): Verdict | null {
    const before = this.#state;
    const broken = breach(before, { kind: 'turn', revoked }, this.#now);
    if (broken !== null) return this.#brokenTurn(broken, revoked, index);
    // CONST-10: while it is slow to apply, a turn takes nothing away.
    const taken = before.backlog === null ? revoked : [];
    this.#ledger.expect('turn', taken, this.#apply({ kind: 'turn', revoked }), before, this.#now);
    return null;
  }

  #brokenTurn(broken: RuleId, revoked: readonly LeaseId[], entry: number): Verdict | null {
    const state = this.#state;
    const left = leftBehind(state, revoked, this.#now);
    if (broken === 'EXP-04' && left !== undefined) {
      return this.#late(left, this.#now, entry, revoked.length > 0, (late) =>
        blameLeftBehind(late, revoked, state, this.#now),
      );
    }
    const blamed = blameTurn(broken, revoked, state, this.#now, this.#past);
    const rule = state.leads ? blamed : 'RESTART-07';
    const expected = expectedOfTurn(rule, revoked, state, this.#now);
    return this.#judge({ entry, rule, expected, observed: `a turn revoked ${shown(revoked)}` });
  }

  /** Applies an input to the model. */
  #apply(input: Input): Step {
    const before = this.#state;
    const result = step(before, input, this.#now);
    this.#state = result.state;
    this.#memory?.note(input, before, result, this.#now);
    if (this.#coverage !== undefined) {
      this.#coverage.entered(result.rules);
      observe(before, input, this.#now, result, this.#coverage.saw);
    }
    return result;
  }

  #settle(index: number): Verdict | null {
    const ledger = this.#ledger;
    return this.#judge(
      ledger.settle(this.#state, index) ?? ledger.watches.settle(this.#state, this.#now, index),
    );
  }

  /** EXP-02: the clock does not pass a turn that has something to do. */
  #passTo(entry: Entry, index: number): Verdict | null {
    return hasFrom(entry)
      ? this.#overdueTurn(entry.from, index, true)
      : this.#overdueTurn(entry.at, index, false, entry);
  }

  #overdueTurn(to: Instant, index: number, reached: boolean, entry?: Entry): Verdict | null {
    const due = nextExpiry(this.#state, to);
    if (due === null) return null;
    // What happens at the turn's own instant happens after it; its answers and events are seen
    // before it is.
    if (due === to && !reached && entry !== undefined && entry.kind !== 'call') return null;
    const lease = nextToGo(this.#state);
    if (lease === undefined) {
      const expected = `a turn at ${due} ms`;
      return this.#judge({ entry: index, rule: 'CONST-04', expected, observed: 'none' });
    }
    return this.#late(lease, due, index, false);
  }

  /** A lease stays beyond the turn in which it was due. */
  #late(
    lease: Lease,
    due: Instant,
    entry: number,
    tookOthers: boolean,
    refine: (rule: RuleId) => RuleId = (rule) => rule,
  ): Verdict | null {
    const fate = fateOf(this.#history.entries.slice(entry), lease.id, this.#now);
    const [state, past] = [this.#state, this.#past];
    const rule = refine(blameLate({ state, lease, due, past, tookOthers, ...fate }));
    const observed = fate.gone === null ? 'it stayed' : `it went at ${fate.gone} ms`;
    const expected = `lease ${lease.id} goes in the turn at ${due} ms`;
    return this.#judge({ entry, rule, expected, observed });
  }

  #judge(finding: Finding | null): Verdict | null {
    if (finding === null) return null;
    return { kind: 'violation', explanation: explained(finding, this.#now), ...finding };
  }
}

/** Nobody reads what is marked in it. */
const NO_MEMORY = new Past();
type Change = Promote | Demote | Stall | CatchUp;
