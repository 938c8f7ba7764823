/** What a server has not answered, or not applied, yet: plain data, never changed. */
import type { Command, KeepAlive, LeaseId } from '../api/command.ts';
import type { Instant, Revision } from '../api/units.ts';
import type { GrowingList } from './growing-list.ts';
import type { SortedTable } from './sorted-table.ts';

/** A keep-alive that the server has not answered yet (KA-04, KA-05). */
export interface Waiting {
  readonly command: KeepAlive;
  /**
   * The revision when the server began to serve it; null while another one of its stream is ahead
   * (KA-06).
   */
  readonly revision: Revision | null;
}

/** A request that waits for a leader (RESTART-07), or for the log (CONST-10). */
export interface Held {
  readonly command: Command;
  /** When it is refused; never, of what stands behind another one. */
  readonly until: Instant;
  /** When it next looks whether there is a leader; never, of what is told. */
  readonly look: Instant;
  /** The revision when the server began to serve it. */
  readonly revision: Revision;
}

/** An entry that is committed and not applied. */
export type Committed =
  /** `until`: when its client is refused. */
  | { readonly kind: 'asked'; readonly command: Command; readonly until: Instant }
  | { readonly kind: 'expired'; readonly id: LeaseId };

/** Leases of one turn, to be revoked as soon as others of it are, or have been given up. */
export interface Batch {
  readonly ids: readonly LeaseId[];
  readonly next: Instant;
}

/** A lease whose revocation has begun, and when it begins again (CONST-08). */
export interface Begun {
  readonly id: LeaseId;
  readonly again: Instant;
}

/** What a server has before it that is busy with an entry of its log (CONST-10). */
export interface Backlog {
  /** In the order of the log, in which their clients are refused, too. */
  readonly log: GrowingList<Committed>;
  /** How many entries have nobody any more who waits for them. */
  readonly givenUp: number;
  /** What waits for the log to be applied, in the order in which it came. */
  readonly readers: readonly Held[];
  readonly batches: readonly Batch[];
  /** When the first of what waits has waited for long enough, or has its turn; or never. */
  readonly end: Instant;
  readonly begun: SortedTable<Begun, LeaseId>;
}
