/** A simulator on the real clock, as a target: what a server of somebody else's looks like. */
import { asBytes } from '../../src/api/bytes.ts';
import type { Command } from '../../src/api/command.ts';
import { DEFAULT_CONFIG, type ServerConfig } from '../../src/api/config.ts';
import { type Instant, instant } from '../../src/api/units.ts';
import { VirtualClock } from '../../src/clock/index.ts';
import type { Session, SessionOptions, Sink, Target } from '../../src/harness/target.ts';
import type { Simulator } from '../../src/simulator/index.ts';

/** Each session has a server of its own: what goes wrong in one story is not seen in others. */
export const realTimeTarget = (
  implementation: typeof Simulator,
  etcd: ServerConfig['etcd'],
): Target => ({
  name: 'simulator',
  version: 'on the real clock',
  clock: 'real',
  config: { ...DEFAULT_CONFIG, etcd },
  minimumTtl: null,
  exclusive: true,
  open: (session, sink) => new RealTimeSession(session, sink, implementation),
  close: () => {},
});

class RealTimeSession implements Session {
  readonly keyPrefix = asBytes('');
  readonly idMask = 0n;
  readonly #began = performance.now();
  readonly #clock = new VirtualClock();
  readonly #simulator: Simulator;
  #timer: NodeJS.Timeout | undefined;

  constructor({ config }: SessionOptions, sink: Sink, implementation: typeof Simulator) {
    this.#simulator = new implementation({
      clock: this.#clock,
      config,
      onAnswer: (token, response) => sink.answered(token, { kind: 'answered', response }),
      onWatch: (revision, events) => sink.watched(revision, events),
      onDelivery: (delivery) => sink.delivered(delivery),
    });
    this.#wind();
  }

  /** Whole milliseconds, as its server's clock has them: both say the same of an instant. */
  get now(): Instant {
    return instant(Math.floor(performance.now() - this.#began));
  }

  call(_client: number, command: Command): void {
    this.#catchUp();
    this.#simulator.submit(command);
    this.#wind();
  }

  async advanceTo(to: Instant): Promise<void> {
    while (this.now < to) {
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, to - this.now)));
    }
  }

  jumpTo(): void {
    throw new Error('a real clock does not leap');
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#simulator.close();
  }

  #catchUp(): void {
    this.#clock.advanceTo(this.now);
  }

  /** The server's next turn runs when it is due, or a bit later. */
  #wind(): void {
    clearTimeout(this.#timer);
    const { next } = this.#clock;
    if (next === undefined) return;
    this.#timer = setTimeout(
      () => {
        this.#catchUp();
        this.#wind();
      },
      Math.max(1, next - this.now),
    );
  }
}
