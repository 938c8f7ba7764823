/** What a simulator is given, and to whom it reports. */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';

/**
 * What a simulator reports comes in the order in which it happens: the watch events of a write, the
 * answer to the request that made it, the answers to the keep-alives it frees; the turn in which
 * that happens comes last.
 */
export interface SimulatorOptions {
  /**
   * Whose passing lets leases expire. Only its owner moves it, and never from within one of the
   * callbacks.
   */
  readonly clock: VirtualClock;
  readonly config: ServerConfig;
  /**
   * Receives each answer: while `submit` runs or, of a keep-alive that is held (KA-04, KA-05),
   * later.
   */
  readonly onAnswer: (token: Token, response: Response) => void;
  /** Receives what nobody is answered: the effects of a log that was slow to apply (CONST-10). */
  readonly onLate?: (late: Late) => void;
  /**
   * Receives the leases that a turn revoked, or set out to revoke while the server is slow to
   * apply, in that order, after each turn, also when there were none.
   */
  readonly onTurn?: (revoked: readonly LeaseId[]) => void;
  /**
   * Whether turns that find nothing to do are passed over while the clock advances, which shows in
   * `onTurn` alone and takes less time; default: no.
   */
  readonly passOverIdleTurns?: boolean;
  /**
   * Receives the events of one revision: one put, or all deletes of one request or one lease
   * (REVOKE-02), or all that a transaction changed.
   */
  readonly onWatch?: (revision: Revision, events: readonly WatchEvent[]) => void;
  /** Receives what the watch streams deliver. */
  readonly onDelivery?: (delivery: Delivery) => void;
  /** The first turn of the expiry loop (CONST-04); otherwise 500 ms from now. */
  readonly firstTurn?: Instant;
  /**
   * All invariants are checked every so many commands and turns. Otherwise every 1,000, and with
   * more leases, keys and revisions than that every so many, so that the cost of a step stays the
   * same.
   */
  readonly scanEvery?: number;
  /** The member id, of which automatic lease ids carry 16 bits (CONST-14). */
  readonly memberId?: bigint;
  /**
   * The wall-clock instant of the server's start for automatic lease ids, in milliseconds since
   * 1970 (CONST-14).
   */
  readonly startedAt?: number;
}

/** A lease that has expired, or a request whose client had given up. */
export type Late =
  | { readonly kind: 'expired'; readonly lease: LeaseId }
  | { readonly kind: 'done'; readonly command: Command; readonly response: Response };
