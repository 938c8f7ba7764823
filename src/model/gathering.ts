/** A step that is put together of many: of what waited and is served, or refused, together. */
import type { Command, Token } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { Answer, Delivery, WatchEvent } from '../api/response.ts';
import type { Instant } from '../api/units.ts';
import type { Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { changed, copyOfBacklog, heldWith } from './changes.ts';
import type { State } from './state.ts';
import type { Backlog, Held, Waiting } from './waits.ts';

export type Serve = (state: State, command: Command, now: Instant) => Step;

export class Gathering {
  state: State;
  readonly #answers: Answer[];
  readonly #events: WatchEvent[];
  readonly #deliveries: Delivery[];
  readonly #rules: Set<RuleId>;

  constructor({ state, answers, events, deliveries, rules }: Step) {
    this.state = state;
    this.#answers = [...answers];
    this.#events = [...events];
    this.#deliveries = [...deliveries];
    this.#rules = new Set(rules);
  }

  step(): Step {
    const [answers, events, deliveries] = [this.#answers, this.#events, this.#deliveries];
    return { state: this.state, answers, events, deliveries, rules: [...this.#rules] };
  }

  note(rules: readonly RuleId[]): void {
    for (const rule of rules) this.#rules.add(rule);
  }

  /** Takes over a step; without the answer to `mute`, whom nobody listens for. */
  add({ state, answers, events, deliveries, rules }: Step, mute: Token | null = null): void {
    this.state = state;
    for (const answer of answers) if (answer.token !== mute) this.#answers.push(answer);
    this.#events.push(...events);
    this.#deliveries.push(...deliveries);
    this.note(rules);
  }

  serve({ command, revision }: Held, serve: Serve, now: Instant, rules: readonly RuleId[]): void {
    const served = serve(this.state, command, now);
    // KA-04, KA-06: it may have to wait on, and its header is as old as ever.
    const isIt = (each: Waiting | Held): boolean =>
      each.command === command && each.revision !== null;
    const state = changed(served.state, {
      waiting: served.state.waiting.map((each) =>
        isIt(each) ? { command: each.command, revision } : each,
      ),
      backlog: withReaders(served.state.backlog, (each) =>
        isIt(each) ? heldWith(each, { revision }) : each,
      ),
    });
    const answers = served.answers.map(({ token, response }) => {
      const isOwn = token === command.token && response.kind === 'keptAlive';
      return { token, response: isOwn ? { ...response, revision } : response };
    });
    this.add({ ...served, state, answers });
    this.note(rules);
  }

  refuse(token: Token, reason: Reason, rules: readonly RuleId[]): void {
    this.#answers.push({ token, response: { kind: 'refused', reason } });
    this.note(rules);
  }
}

const withReaders = (backlog: Backlog | null, old: (each: Held) => Held): Backlog | null => {
  if (backlog === null) return null;
  const next = copyOfBacklog(backlog);
  next.readers = backlog.readers.map(old);
  return next;
};
