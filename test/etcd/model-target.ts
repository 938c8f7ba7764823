/** The model as a target, so that its transcript can be laid beside those of servers. */
import { NO_BYTES } from '../../src/api/bytes.ts';
import type { Command, LeaseId } from '../../src/api/command.ts';
import type { Input } from '../../src/api/input.ts';
import type { WatchEvent } from '../../src/api/response.ts';
import { type Instant, instant } from '../../src/api/units.ts';
import type { Session, Sink, Target } from '../../src/harness/target.ts';
import { initialState, nextExpiry, type State, serverSteps, step } from '../../src/model/index.ts';
import type { ServerConfig } from '../../src/api/config.ts';

export const modelTarget = (): Target => ({
  name: 'model',
  version: 'in process',
  clock: 'virtual',
  config: null,
  minimumTtl: null,
  exclusive: true,
  open: ({ config }, sink) => new ModelSession(config, sink),
  close: () => {},
});

/** Far from what schedules ask for. */
const FIRST_ID = 2n ** 60n;

class ModelSession implements Session {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  now: Instant = instant(0);
  #state: State;
  readonly #sink: Sink;

  constructor(server: ServerConfig, sink: Sink) {
    this.#state = initialState({ server });
    this.#sink = sink;
  }

  call(_client: number, command: Command): void {
    if (command.kind === 'grant' && command.id === 0n) {
      const { lastAutoId } = this.#state;
      const above = lastAutoId > FIRST_ID ? lastAutoId : FIRST_ID;
      this.#step({ kind: 'assignId', id: above + 1n });
    }
    this.#step(command);
  }

  advanceTo(to: Instant): void {
    for (;;) {
      const due = nextExpiry(this.#state);
      if (due === null || due > to) break;
      this.now = due;
      this.#turn();
    }
    this.now = to;
  }

  jumpTo(to: Instant): void {
    const from = this.now;
    this.now = to;
    this.#step({ kind: 'jump', from });
    if (this.#state.landing) this.#turn();
  }

  close(): void {}

  #turn(): void {
    const due = serverSteps(this.#state, this.now).may.find(({ kind }) => kind === 'turn');
    const revoked: readonly LeaseId[] = due?.kind === 'turn' ? due.of.slice(0, due.count) : [];
    this.#step({ kind: 'turn', revoked });
    this.#sink.turned(revoked);
  }

  #step(input: Input): void {
    const { state, answers, events } = step(this.#state, input, this.now);
    this.#state = state;
    for (const same of byRevision(events)) {
      this.#sink.watched((same[0] as WatchEvent).kv.modRevision, same);
    }
    for (const { token, response } of answers) {
      this.#sink.answered(token, { kind: 'answered', response });
    }
  }
}

const byRevision = (events: readonly WatchEvent[]): WatchEvent[][] => {
  const groups = new Map<number, WatchEvent[]>();
  for (const event of events) {
    const group = groups.get(event.kv.modRevision);
    if (group === undefined) groups.set(event.kv.modRevision, [event]);
    else group.push(event);
  }
  return [...groups.values()];
};
