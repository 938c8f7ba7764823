/**
 * The model as a server: it takes its turns when they are due and revokes the soonest leases first.
 */
import type { Command } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import { after, type Instant, type Milliseconds } from '../api/units.ts';
import {
  initialState,
  nextExpiry,
  type ServerChoice,
  type State,
  type Step,
  serverSteps,
  step,
} from '../model/index.ts';
import { configAfter, type RestartAction } from './server-life.ts';

export class ModelServer {
  state: State;
  now: Instant;

  constructor(server: ServerConfig) {
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
      if (due === null || due > to) break;
      this.now = due;
      this.#turn();
    }
    this.now = to;
  }

  jump(by: Milliseconds): void {
    const from = this.now;
    this.now = after(from, by);
    this.state = step(this.state, { kind: 'jump', from }, this.now).state;
    if (this.state.landing) this.#turn();
  }

  get config(): ServerConfig {
    return this.state.settings.server;
  }

  restart(action: RestartAction): void {
    const from = this.now;
    this.now = after(from, action.down);
    const config = configAfter(this.config, action) ?? this.config;
    this.state = step(this.state, { kind: 'restart', from, config }, this.now).state;
    this.state = step(this.state, { kind: 'promote', order: [] }, this.now).state;
  }

  #turn(): void {
    const choice = serverSteps(this.state, this.now).may.find(isTurn);
    const revoked = choice === undefined ? [] : choice.of.slice(0, choice.count);
    this.state = step(this.state, { kind: 'turn', revoked }, this.now).state;
  }
}

const isTurn = (choice: ServerChoice): choice is ServerChoice & { kind: 'turn' } =>
  choice.kind === 'turn';
