/** A system under test, behind one face: the simulator in process, or a real etcd behind gRPC. */
import type { Bytes } from '../api/bytes.ts';
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { MinorVersion, ServerConfig } from '../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import type { Instant, Milliseconds, Revision, Seconds } from '../api/units.ts';
import type { Ability } from './schedule.ts';

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
  /** The server leads again, after a restart or without one; `order` as in the history. */
  promoted?(order: readonly LeaseId[]): void;
  /** The server is about to apply all it has before it; `chosen` as in the history. */
  caughtUp?(chosen: readonly LeaseId[]): void;
  /** A watch over the session's keys delivered the events of one revision. */
  watched(revision: Revision, events: readonly WatchEvent[]): void;
  /** A watch of a client's delivered events, or the server ended it. */
  delivered(delivery: Delivery): void;
  /** The server went away in mid-run; whatever is unanswered completes as unknown. */
  lost(why: string): void;
}

/** One request to the HTTP side of a server; rejects when it does not answer. */
export type HttpExchange = (request: {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string;
  /** The version to be, for a target that is each of them. */
  readonly etcd?: MinorVersion;
  /** Hangs up after so many lines of the answer. */
  readonly lines?: number;
  /** Told when the first line of the answer is there. */
  readonly begun?: () => void;
}) => Promise<{ readonly status: number; readonly body: string }>;

/** Users of a server, where some can be made. */
export interface Users {
  /** Who makes them; null: the server has none yet, and takes the first from anybody. */
  readonly administrator: { readonly name: string; readonly password: string } | null;
  /** Requests as one of them, who logs in at the first; null: as nobody. */
  as(user: { readonly name: string; readonly password: string } | null): HttpExchange;
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
  /** What can be done to its server beyond requests and the passing of time; absent: nothing. */
  readonly abilities?: readonly Ability[];
  /** A session that restarts its server has one of its own, and may run beside others. */
  readonly restartsApart?: boolean;
  /** Time and requests are work for it: random schedules are to be brief, but for a few. */
  readonly timeIsDear?: boolean;
  /** Random schedules that restart it are to raise no alarms. */
  readonly alarmsForbidRestarts?: boolean;
  /** HTTP on its client port, where it has one. */
  readonly http?: HttpExchange;
  /** Absent: it has no users, or none that we could make. */
  readonly users?: Users;
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
  /** What will be done to the server. */
  readonly needs?: ReadonlySet<Ability>;
}

export interface RestartOptions {
  readonly kill: boolean;
  /** How far the clock moves from the end of the old process until the new one leads. */
  readonly down: Milliseconds;
  /** The flags of the new one. */
  readonly config: ServerConfig;
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
  /**
   * Ends the server's process, and starts another one on the same data; settles when that leads.
   * What the server held is never answered. There where the target has the ability.
   */
  restart?(options: RestartOptions): void | Promise<void>;
  /** The server loses its leader. There where the target has the ability. */
  loseLeader?(): void | Promise<void>;
  /** The server leads again, and the sink is told so. */
  regainLeader?(): void | Promise<void>;
  /** The server is busy with an entry of its log. There where the target has the ability. */
  stall?(): void | Promise<void>;
  /** The server applies all of its log, and the sink is told so first. */
  catchUp?(): void | Promise<void>;
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

/** The HTTP side of a server is there, and not for whoever asks as we do. */
export class GatewayClosed extends TargetError {}
