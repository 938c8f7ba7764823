/** All that can happen to a server: what clients ask, and what only the server itself may do. */
import type { Command, LeaseId, StreamId, WatchId } from './command.ts';
import type { ServerConfig } from './config.ts';
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

/**
 * The server's process ended at `from`, and another one is up on the same data, which leads once it
 * is promoted.
 */
export interface Restart {
  readonly kind: 'restart';
  readonly from: Instant;
  /** The flags of the new process. */
  readonly config: ServerConfig;
}

/** The server became the leader, and its leases count from now. */
export interface Promote {
  readonly kind: 'promote';
  /** What it lists then, the soonest first, where it had a choice (RESTART-04); else empty. */
  readonly order: readonly LeaseId[];
}

/** The server knows of no leader any more, and is none itself (RESTART-05). */
export interface Demote {
  readonly kind: 'demote';
}

/** What waits has its time: it looks for a leader (RESTART-07), or has waited for long enough. */
export interface Wake {
  readonly kind: 'wake';
}

/** A watch is told its progress, unasked (KV-29). */
export interface Notify {
  readonly kind: 'notify';
  readonly stream: StreamId;
  readonly watch: WatchId;
}

/** An entry of the log takes long to apply, and what comes behind it waits (CONST-10). */
export interface Stall {
  readonly kind: 'stall';
}

/** All that is committed is applied again. */
export interface CatchUp {
  readonly kind: 'catchUp';
  /** The ids it chose for grants whose clients had given up by then, in their order (CONST-14). */
  readonly chosen: readonly LeaseId[];
}

export type ServerStep =
  | Turn
  | AssignId
  | Jump
  | Restart
  | Promote
  | Demote
  | Wake
  | Stall
  | CatchUp
  | Notify;

export type Input = Command | ServerStep;

/** Compared one by one: asked at every step of the model, a set takes several times as long. */
export const isServerStep = (input: Input): input is ServerStep => {
  const { kind } = input;
  return (
    kind === 'turn' ||
    kind === 'assignId' ||
    kind === 'jump' ||
    kind === 'restart' ||
    kind === 'promote' ||
    kind === 'demote' ||
    kind === 'wake' ||
    kind === 'notify' ||
    kind === 'stall' ||
    kind === 'catchUp'
  );
};
