/**
 * The model as a server: it takes its turns when they are due and revokes the soonest leases first.
 */
import type { Command } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { ServerStep } from '../api/input.ts';
import type { Answer } from '../api/response.ts';
import { after, type Instant, type Milliseconds } from '../api/units.ts';
import {
  initialState,
  nextExpiry,
  nextWake,
  type ServerChoice,
  type State,
  type Step,
  serverSteps,
  step,
} from '../model/index.ts';
import { configAfter, type LeaderAction, type RestartAction } from './server-life.ts';

export class ModelServer {
  state: State;
  now: Instant;

  readonly #answered: (answer: Answer, now: Instant) => void;

  /** `answered` hears of answers that come late. */
  constructor(server: ServerConfig, answered: (answer: Answer, now: Instant) => void = () => {}) {
    this.#answered = answered;
    this.state = initialState({ server });
    this.now = this.state.now;
  }

  submit(command: Command): Step {
    const result = step(this.state, command, this.now);
    this.state = result.state;
    return result;
  }

  advanceTo(to: Instant): void {
    for (;;) {
      const due = nextExpiry(this.state);
      const wake = nextWake(this.state);
      const next = Math.min(due ?? Infinity, wake ?? Infinity) as Instant;
      if (next > to) break;
      this.now = next;
      if (next === due) this.#turn();
      else this.#wake();
    }
    this.now = to;
  }

  jump(by: Milliseconds): void {
    const from = this.now;
    this.now = after(from, by);
    this.state = step(this.state, { kind: 'jump', from }, this.now).state;
    if (this.state.landing) this.#turn();
    this.#wake();
  }

  get config(): ServerConfig {
    return this.state.settings.server;
  }

  restart(action: RestartAction): void {
    const from = this.now;
    this.now = after(from, action.down);
    const config = configAfter(this.config, action) ?? this.config;
    this.state = step(this.state, { kind: 'restart', from, config }, this.now).state;
    this.state = step(this.state, PROMOTE, this.now).state;
  }

  leader(change: LeaderAction['change']): void {
    const leads = change === 'back';
    if (leads !== this.state.leads) this.#free(leads ? PROMOTE : { kind: 'demote' });
  }

  #wake(): void {
    this.#free({ kind: 'wake' });
  }

  /** Answers what has waited for a leader. */
  #free(input: ServerStep): void {
    const { answers, state } = step(this.state, input, this.now);
    this.state = state;
    for (const answer of answers) this.#answered(answer, this.now);
  }

  #turn(): void {
    const choice = serverSteps(this.state, this.now).may.find(isTurn);
    const revoked = choice === undefined ? [] : choice.of.slice(0, choice.count);
    this.state = step(this.state, { kind: 'turn', revoked }, this.now).state;
  }
}

const PROMOTE: ServerStep = { kind: 'promote', order: [] };

const isTurn = (choice: ServerChoice): choice is ServerChoice & { kind: 'turn' } =>
  choice.kind === 'turn';
