/** The model as a target, so that its transcript can be laid beside those of servers. */
import { NO_BYTES } from '../../src/api/bytes.ts';
import type { Command } from '../../src/api/command.ts';
import type { ServerConfig } from '../../src/api/config.ts';
import type { Input } from '../../src/api/input.ts';
import type { WatchEvent } from '../../src/api/response.ts';
import { type Instant, milliseconds } from '../../src/api/units.ts';
import { ModelServer } from '../../src/harness/model-server.ts';
import type { Session, Sink, Target } from '../../src/harness/target.ts';
import type { Step } from '../../src/model/index.ts';

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
  readonly #server: ModelServer;
  readonly #sink: Sink;

  constructor(config: ServerConfig, sink: Sink) {
    this.#server = new ModelServer(config, (input, step) => this.#report(input, step));
    this.#sink = sink;
  }

  get now(): Instant {
    return this.#server.now;
  }

  call(_client: number, command: Command): void {
    if (command.kind === 'grant' && command.id === 0n) {
      const { lastAutoId } = this.#server.state;
      const above = lastAutoId > FIRST_ID ? lastAutoId : FIRST_ID;
      this.#server.submit({ kind: 'assignId', id: above + 1n });
    }
    this.#server.submit(command);
  }

  advanceTo(to: Instant): void {
    this.#server.advanceTo(to);
  }

  jumpTo(to: Instant): void {
    this.#server.jump(milliseconds(to - this.now));
  }

  close(): void {}

  #report(input: Input, { answers, events, deliveries }: Step): void {
    for (const same of byRevision(events)) {
      this.#sink.watched((same[0] as WatchEvent).kv.modRevision, same);
    }
    for (const { token, response } of answers) {
      this.#sink.answered(token, { kind: 'answered', response });
    }
    for (const delivery of deliveries) this.#sink.delivered(delivery);
    if (input.kind === 'turn') this.#sink.turned(input.revoked);
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
