/** The turns of an etcd on a virtual clock: when they run, and which of them matter. */
import type { MinorVersion } from '../../api/config.ts';
import { type Instant, instant } from '../../api/units.ts';
import { firstTurnFrom, phaseAfterTurn, turnAfter, turnUpTo } from '../../model/index.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';

/**
 * Moves the server so that each turn that has something to do runs at its own instant. Turns at
 * which no lease can be due are leapt over, onto the instant of the last of them, so that those
 * that follow keep their phase.
 */
export class VirtualTurns {
  readonly #server: VirtualEtcd;
  readonly #version: MinorVersion;
  /** On the server's clock, an instant at which a turn ran. */
  #lastTurn: Instant;

  /** The longest leap onto a turn, in milliseconds, for other tickers that are to miss no tick. */
  stride = Infinity;

  constructor(server: VirtualEtcd, version: MinorVersion) {
    this.#server = server;
    this.#version = version;
    this.#lastTurn = instant(server.now);
  }

  get now(): Instant {
    return instant(this.#server.now);
  }

  /** The server was restarted, and a turn runs now. */
  restarted(): void {
    this.#lastTurn = this.now;
  }

  /** Moves to the next instant at which a turn runs. */
  async toNextTurn(): Promise<void> {
    await this.#turnAt(turnAfter(this.#lastTurn, this.now));
  }

  /**
   * Moves to `to`. `soonest` tells the earliest deadline of a lease, if there is one; `ran` is
   * told, and awaited, after each turn at which a lease was due.
   */
  async advanceTo(
    to: Instant,
    soonest: () => Instant | undefined,
    ran: () => Promise<void>,
  ): Promise<void> {
    for (;;) {
      const deadline = soonest();
      if (deadline === undefined) break;
      const due = firstTurnFrom(this.#lastTurn, deadline > this.now ? deadline : this.now);
      if (due > to) break;
      await this.#turnAt(due);
      await ran();
    }
    const last = turnUpTo(this.#lastTurn, to);
    if (last > this.now) await this.#turnAt(last);
    await this.#leapTo(to);
  }

  /** Leaps to `to` at once; true when a turn ran where it landed. */
  async leapTo(to: Instant): Promise<boolean> {
    const from = this.now;
    const isDue = turnAfter(this.#lastTurn, from) <= to;
    this.#lastTurn = turnUpTo(this.#lastTurn, from);
    await this.#leapTo(to);
    if (isDue) this.#lastTurn = phaseAfterTurn(this.#version, this.#lastTurn, to);
    return isDue;
  }

  async #turnAt(at: Instant): Promise<void> {
    while (at - this.now > this.stride) {
      await this.#leapTo(turnUpTo(this.#lastTurn, instant(this.now + this.stride)));
    }
    await this.#leapTo(at);
    this.#lastTurn = at;
  }

  async #leapTo(to: Instant): Promise<void> {
    if (to > this.now) await this.#server.leap(to - this.now);
  }
}
