/** The in-process simulator as a target: a server and a clock of its own for each session. */
import { NO_BYTES } from '../../api/bytes.ts';
import type { Command, LeaseId } from '../../api/command.ts';
import { after, type Instant } from '../../api/units.ts';
import { VirtualClock } from '../../clock/index.ts';
import { Simulator } from '../../simulator/index.ts';
import { SPREAD_FROM } from '../../model/index.ts';
import type { RestartOptions, Session, SessionOptions, Sink, Target } from '../target.ts';

export interface SimulatorTargetOptions {
  /** How many steps apart the simulator scans all of its invariants; default 1,000. */
  readonly scanEvery?: number;
  /** Another implementation with the simulator's face, such as one with a planted bug. */
  readonly implementation?: typeof Simulator;
}

export const simulatorTarget = (options: SimulatorTargetOptions = {}): Target => ({
  name: 'simulator',
  version: 'in process',
  clock: 'virtual',
  config: null,
  minimumTtl: null,
  exclusive: true,
  abilities: ['restart', 'leader', 'apply'],
  open: (session, sink) => new SimulatorSession(session, sink, options),
  close: () => {},
});

class SimulatorSession implements Session {
  readonly keyPrefix = NO_BYTES;
  readonly idMask = 0n;
  readonly #clock = new VirtualClock();
  readonly #simulator: Simulator;
  readonly #sink: Sink;

  constructor({ config }: SessionOptions, sink: Sink, options: SimulatorTargetOptions) {
    this.#sink = sink;
    const { implementation = Simulator, scanEvery = 1000 } = options;
    this.#simulator = new implementation({
      clock: this.#clock,
      config,
      scanEvery,
      onAnswer: (token, response) => sink.answered(token, { kind: 'answered', response }),
      onTurn: (revoked) => sink.turned(revoked),
      passOverIdleTurns: true,
      onDelivery: (delivery) => sink.delivered(delivery),
      onWatch: (revision, events) => sink.watched(revision, events),
    });
  }

  get now(): Instant {
    return this.#clock.now;
  }

  /** A digest of the server's state, to name the first step at which two runs differ. */
  get stateHash(): string {
    return this.#simulator.stateHash;
  }

  call(_client: number, command: Command): void {
    this.#simulator.submit(command);
  }

  advanceTo(to: Instant): void {
    this.#clock.advanceTo(to);
  }

  jumpTo(to: Instant): void {
    this.#clock.jumpTo(to);
  }

  restart({ down, config }: RestartOptions): void {
    this.#simulator.stop();
    this.#clock.advanceTo(after(this.#clock.now, down));
    this.#promoted(this.#simulator.start(config));
  }

  loseLeader(): void {
    this.#simulator.loseLeader();
  }

  regainLeader(): void {
    this.#simulator.regainLeader((leases) => this.#promoted(leases));
  }

  stall(): void {
    this.#simulator.stall();
  }

  catchUp(): void {
    this.#simulator.catchUp((chosen) => this.#sink.caughtUp?.(chosen));
  }

  #promoted(leases: readonly LeaseId[]): void {
    this.#sink.promoted?.(leases.length < SPREAD_FROM ? [] : leases);
  }

  close(): void {
    this.#simulator.close();
  }
}
