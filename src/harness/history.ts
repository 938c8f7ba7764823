/**
 * What was done to a target and what it answered, in the order in which it was seen.
 *
 * As a file a history is JSON Lines: the header, then one entry a line. Bigints are decimal
 * strings, bytes are strings of one character per byte. Intervals between call and return are
 * closed: an operation took effect at some instant t with call ≤ t ≤ return; when one returns at
 * the instant at which another is called, either may have come first.
 */
import type { Command, LeaseId, Token } from '../api/command.ts';
import type { ServerConfig } from '../api/config.ts';
import type { Delivery, WatchEvent } from '../api/response.ts';
import { type Instant, instant, type Revision, type Seconds } from '../api/units.ts';
import { VERSION } from '../version.ts';
import type { Completion, Target } from './target.ts';

export const HISTORY_SCHEMA = 'leasehold-history/1';

export interface HistoryHeader {
  readonly schema: typeof HISTORY_SCHEMA;
  readonly versions: Readonly<Record<string, string>>;
  readonly target: string;
  readonly config: ServerConfig;
  readonly clock: 'virtual' | 'real';
  /**
   * Virtual clock: an instant at which a turn ran, so that the others are known. Null when nobody
   * knows.
   */
  readonly lastTurn: Instant | null;
  /** What the server raises small TTLs to, where that is not as its configuration has it. */
  readonly minimumTtl: Seconds | null;
  /**
   * True when nobody else wrote to the server: then the history's writes account for every
   * revision.
   */
  readonly exclusive: boolean;
}

export type Entry =
  | {
      readonly kind: 'call';
      readonly at: Instant;
      /** The session on a shared server, from 0. */
      readonly session: number;
      readonly client: number;
      readonly command: Command;
    }
  | {
      readonly kind: 'return';
      readonly at: Instant;
      readonly token: Token;
      readonly completion: Completion;
    }
  | {
      readonly kind: 'watch';
      readonly at: Instant;
      readonly session: number;
      readonly revision: Revision;
      readonly events: readonly WatchEvent[];
    }
  /** What a watch that a client asked for delivered; `watch` is what our own one does. */
  | {
      readonly kind: 'delivery';
      readonly at: Instant;
      readonly session: number;
      readonly delivery: Delivery;
    }
  /** A turn of the expiry loop that revoked something, or that ran where the clock landed. */
  | { readonly kind: 'turn'; readonly at: Instant; readonly revoked: readonly LeaseId[] }
  /** The clock leapt from `from` to `at`. */
  | { readonly kind: 'jump'; readonly at: Instant; readonly from: Instant }
  /** The server went down at `from`; at `at` another process is up, under `config`. */
  | {
      readonly kind: 'restart';
      readonly at: Instant;
      readonly from: Instant;
      readonly kill: boolean;
      readonly config: ServerConfig;
    }
  /** The server leads; `order` is what it lists, where that was its choice (RESTART-04). */
  | { readonly kind: 'promote'; readonly at: Instant; readonly order: readonly LeaseId[] }
  /** The server has lost its leader, and none leads. */
  | { readonly kind: 'demote'; readonly at: Instant }
  /** The server is busy with an entry of its log, and applies nothing. */
  | { readonly kind: 'stall'; readonly at: Instant }
  /** It has applied all; `chosen` are the ids of grants whose clients had given up (CONST-14). */
  | { readonly kind: 'catchUp'; readonly at: Instant; readonly chosen: readonly LeaseId[] }
  /** The target went away. */
  | { readonly kind: 'lost'; readonly at: Instant; readonly why: string }
  /** Nothing was seen after this. */
  | { readonly kind: 'end'; readonly at: Instant };

export interface History {
  readonly header: HistoryHeader;
  readonly entries: readonly Entry[];
}

/** True for what takes a while: it begins at `from`. */
export const hasFrom = (entry: Entry): entry is Entry & { readonly kind: 'jump' | 'restart' } =>
  entry.kind === 'jump' || entry.kind === 'restart';

/** The header of what `target` does under `config`, or under the settings it has itself. */
export const historyHeader = (target: Target, config: ServerConfig): HistoryHeader => ({
  schema: HISTORY_SCHEMA,
  versions: { leasehold: VERSION, node: process.version, target: target.version },
  target: target.name,
  config: target.config ?? config,
  clock: target.clock,
  lastTurn: target.clock === 'virtual' ? instant(0) : null,
  minimumTtl: target.minimumTtl,
  exclusive: target.exclusive,
});
