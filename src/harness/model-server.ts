/**
 * The model as a server: it takes its turns when they are due and revokes the soonest leases first.
 */
import type { ServerConfig } from '../api/config.ts';
import type { Input, ServerStep } from '../api/input.ts';
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
import {
  type ApplyAction,
  configAfter,
  type LeaderAction,
  type RestartAction,
} from './server-life.ts';

export class ModelServer {
  state: State;
  now: Instant;
  readonly #onStep: (input: Input, step: Step) => void;

  /** `onStep` hears of every input, also of those that the server takes by itself. */
  constructor(server: ServerConfig, onStep: (input: Input, step: Step) => void = () => {}) {
    this.state = initialState({ server, lastAutoId: FAR });
    this.now = this.state.now;
    this.#onStep = onStep;
  }

  submit(input: Input): Step {
    const result = step(this.state, input, this.now);
    this.state = result.state;
    this.#onStep(input, result);
    return result;
  }

  advanceTo(to: Instant): void {
    for (;;) {
      const due = nextExpiry(this.state, to);
      const wake = nextWake(this.state);
      const next = Math.min(due ?? Infinity, wake ?? Infinity) as Instant;
      if (next > to) break;
      this.now = next;
      if (next === due) this.#turn();
      else this.submit(WAKE);
    }
    this.now = to;
  }

  jump(by: Milliseconds): void {
    const from = this.now;
    this.now = after(from, by);
    this.submit({ kind: 'jump', from });
    if (this.state.landing) this.#turn();
    this.submit(WAKE);
  }

  get config(): ServerConfig {
    return this.state.settings.server;
  }

  restart(action: RestartAction): void {
    this.apply('caught up');
    const from = this.now;
    this.now = after(from, action.down);
    const config = configAfter(this.config, action) ?? this.config;
    this.submit({ kind: 'restart', from, config });
    this.submit(PROMOTE);
  }

  leader(change: LeaderAction['change']): void {
    const leads = change === 'back';
    if (!leads) this.apply('caught up');
    if (leads !== this.state.leads) this.submit(leads ? PROMOTE : { kind: 'demote' });
  }

  apply(change: ApplyAction['change']): void {
    const isSlow = change === 'slow';
    if (isSlow === (this.state.backlog !== null) || !this.state.leads) return;
    this.submit(isSlow ? { kind: 'stall' } : CATCH_UP);
  }

  #turn(): void {
    const choice = serverSteps(this.state, this.now).may.find(isTurn);
    const revoked = choice === undefined ? [] : choice.of.slice(0, choice.count);
    this.submit({ kind: 'turn', revoked });
  }
}

/** As a real server's, its ids are none that schedules name. */
const FAR = 0x6000_0000_0000_0000n;

const PROMOTE: ServerStep = { kind: 'promote', order: [] };

const CATCH_UP: ServerStep = { kind: 'catchUp', chosen: [] };

const WAKE: ServerStep = { kind: 'wake' };

const isTurn = (choice: ServerChoice): choice is ServerChoice & { kind: 'turn' } =>
  choice.kind === 'turn';
