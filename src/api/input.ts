/** All that can happen to a server: what clients ask, and what only the server itself may do. */
import type { Command, LeaseId } from './command.ts';
import type { Instant } from './units.ts';

/**
 * One pass of the expiry loop (CONST-04), with the leases it revoked, in the order it revoked them.
 */
export interface Turn {
  readonly kind: 'turn';
  readonly revoked: readonly LeaseId[];
}

/** The server's choice of an id for the next grant that leaves the choice to it (CONST-14). */
export interface AssignId {
  readonly kind: 'assignId';
  readonly id: LeaseId;
}

/** The server's clock leapt; whatever came due meanwhile happens where it landed. */
export interface Jump {
  readonly kind: 'jump';
  readonly from: Instant;
}

export type ServerStep = Turn | AssignId | Jump;

export type Input = Command | ServerStep;
