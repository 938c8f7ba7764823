/** A system under test, behind one face: the simulator in process, or a real etcd behind gRPC. */
import type { Bytes } from '../api/bytes.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import type { Instant, Revision, Seconds } from '../api/units.ts';

/** How a call ended. `unknown`: it may or may not have taken effect, now or later. */
export type Completion =
  | { readonly kind: 'answered'; readonly response: Response; readonly header?: Header }
  | { readonly kind: 'unknown'; readonly why: string };

/** The part of etcd's response header that says who answered. */
export interface Header {
  readonly member: string;
  readonly term: string;
}

/** Where a session reports what it sees, at the instant it sees it. */
export interface Sink {
  answered(token: Token, completion: Completion): void;
  /** A turn of the expiry loop ran; only targets that can see their turns report them. */
  turned(revoked: readonly LeaseId[]): void;
  /** A watch over the session's keys delivered the events of one revision. */
  watched(revision: Revision, events: readonly WatchEvent[]): void;
  /** A watch of a client's delivered events, or the server ended it. */
  delivered(delivery: Delivery): void;
  /** The server went away in mid-run; whatever is unanswered completes as unknown. */
  lost(why: string): void;
}

/** A system under test that is up. */
export interface Target {
  readonly name: string;
  readonly version: string;
  readonly clock: 'virtual' | 'real';
  /** The settings it runs under; null: it takes those of each schedule. */
  readonly config: ServerConfig | null;
  /**
   * What the server raises small TTLs to, where that does not follow from its settings; else null.
   */
  readonly minimumTtl: Seconds | null;
  /** True when nobody else writes to the server. */
  readonly exclusive: boolean;
  /**
   * Begins a session of its own keys and leases. On a real clock sessions share the server; on a
   * virtual one each has its own.
   */
  open(session: SessionOptions, sink: Sink): Session | Promise<Session>;
  /** Ends what it started and removes what it wrote. Safe to call twice. */
  close(): void | Promise<void>;
}

export interface SessionOptions {
  /**
   * Tells the sessions of a target apart; keys and explicit ids on a shared server are derived
   * from it.
   */
  readonly index: number;
  readonly config: ServerConfig;
  readonly clients: number;
}

export interface Session {
  /** The session's clock. On a real clock it moves by itself. */
  readonly now: Instant;
  /** What the session's keys begin with on a server it shares; empty on one of its own. */
  readonly keyPrefix: Bytes;
  /**
   * What explicit lease ids are exclusive-or-ed with on a server it shares (the sign is kept); 0
   * on one of its own.
   */
  readonly idMask: bigint;
  /**
   * Sends a command as the client numbered `client` (from 0). Its completion goes to the sink,
   * during the call or later. On a virtual clock a promise settles when the answer has come, or
   * the server is known to hold the request.
   */
  call(client: number, command: Command): void | Promise<void>;
  /** Lets time pass until `to`, or waits for it. */
  advanceTo(to: Instant): void | Promise<void>;
  /** Lets time leap to `to`. Refused by real clocks. */
  jumpTo(to: Instant): void | Promise<void>;
  /** Ends the session; whatever is still unanswered completes as unknown. */
  close(): void | Promise<void>;
}

/**
 * The system under test went away, or could not be had: the run cannot go on. `message` says what
 * to do.
 */
export class TargetError extends Error {
  override readonly name = 'TargetError';
}
