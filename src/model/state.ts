/** What the model knows of a server: plain data, never changed. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { LeaseId, StreamId, Watch, WatchId } from '../api/command.ts';
import { DEFAULT_CONFIG, isLegalConfig, type ServerConfig } from '../api/config.ts';
import type { KeyValue, WatchEvent } from '../api/response.ts';
import {
  ceilSeconds,
  type Instant,
  instant,
  milliseconds,
  type Revision,
  revision,
  type Seconds,
} from '../api/units.ts';
import { invariant } from '../invariant.ts';
import { type Order, SortedTable } from './sorted-table.ts';
import type { Backlog, Held, Waiting } from './waits.ts';

/** A lease that exists, be it expired or not. */
export interface Lease {
  readonly id: LeaseId;
  /** The TTL the grant answered with; constant over the lease's life. */
  readonly granted: Seconds;
  /** When it expires, unless it is renewed; never, while nobody leads. */
  readonly deadline: Instant;
  /** The remaining TTL of its last checkpoint; 0: none, or cleared since (CKPT-02, CKPT-04). */
  readonly remaining: Seconds;
  /** Both as they are on disk, from where a restart has them (RESTART-03, CKPT-03). */
  readonly savedTtl: Seconds;
  readonly savedRemaining: Seconds;
}

/** A lease whose remaining TTL is to be written down at the first turn from then on (CKPT-02). */
export interface Checkpoint {
  readonly id: LeaseId;
  readonly due: Instant;
}

/** That a key is attached to a lease. */
export interface Attachment {
  readonly lease: LeaseId;
  readonly key: Bytes;
}

/** A revision that wrote something. Old states of the keys follow from going back over these. */
export interface Moment {
  readonly revision: Revision;
  readonly events: readonly WatchEvent[];
  /** The one before, as far as it is kept (KV-20). */
  readonly before: Moment | null;
}

/** A watch that was created and not cancelled by its client. */
export interface Watcher {
  readonly id: WatchId;
  readonly command: Watch;
  /** What it delivers begins here (KV-23). */
  readonly from: Revision;
  /** The server has ended it, but its id is still in use (KV-17). */
  readonly ended: boolean;
  /** When it is told its progress, if it asked for that (KV-29). */
  readonly notice: Notice;
}

/** Bounds of an instant that the server chooses. */
export interface Notice {
  /** When it was last told, or delivered events; never. */
  readonly at: Instant;
  /** Not before this instant, but at `at`. */
  readonly after: Instant;
  /** By then at the latest. */
  readonly by: Instant;
}

/** A Watch stream of a client. */
export interface WatchStream {
  readonly stream: StreamId;
  /** Where the server's search for an id begins (KV-25). */
  readonly nextId: WatchId;
  readonly watchers: readonly Watcher[];
  /** Of the ticker by which its watches are told their progress (KV-29). */
  readonly ticked: Notice;
}

/**
 * When turns run. `exact`: each 500 ms, as on a virtual clock. `free`: whenever a history says so,
 * as on a real clock, where nobody sees them; whoever checks such a history bounds them.
 */
export type TurnRule = 'exact' | 'free';

/** What does not change while a process runs; a restart may change it. */
export interface Settings {
  readonly server: ServerConfig;
  readonly turns: TurnRule;
  /** CONST-02 */
  readonly minimumTtl: Seconds;
}

export interface State {
  readonly settings: Settings;
  /** The instant of the last change. */
  readonly now: Instant;
  /** An instant at which a turn ran; the turns after it follow from the turn rule. */
  readonly lastTurn: Instant;
  /** A turn came due while the clock leapt, and runs where it landed. */
  readonly landing: boolean;
  readonly revision: Revision;
  readonly leases: SortedTable<Lease, LeaseId>;
  /** The same leases, the one that expires first in front. */
  readonly queue: SortedTable<Lease, Lease>;
  readonly kvs: SortedTable<KeyValue, Bytes>;
  /** By lease, then by key: the keys of a lease stand together, in byte order. */
  readonly attachments: SortedTable<Attachment, Attachment>;
  /** The latest revision that wrote something, and those before it. */
  readonly past: Moment | null;
  /** Older revisions are gone (KV-20); -1 before the first compaction. */
  readonly compacted: Revision;
  /** The NOSPACE alarm is raised (GRANT-09). */
  readonly noSpace: boolean;
  readonly streams: readonly WatchStream[];
  /** In the order in which they came. */
  readonly waiting: readonly Waiting[];
  /** The last id that the server chose; 0 before the first (CONST-14). */
  readonly lastAutoId: LeaseId;
  /** The id that the server has chosen for the next grant that leaves it the choice. */
  readonly assignedId: LeaseId | null;
  /** In the order in which they are due. */
  readonly checkpoints: readonly Checkpoint[];
  /** False while it knows of no leader. */
  readonly leads: boolean;
  /** In the order in which they came. */
  readonly held: readonly Held[];
  /** Null while it applies what it commits at once. */
  readonly backlog: Backlog | null;
}

export interface InitialState {
  readonly server?: ServerConfig;
  readonly turns?: TurnRule;
  /** For servers whose flags are not known; otherwise it follows from them (CONST-02). */
  readonly minimumTtl?: Seconds;
  readonly now?: Instant;
  /** A turn ran then; default: `now`. */
  readonly lastTurn?: Instant;
  /** What the server chooses comes after this id (CONST-14); default: 0. */
  readonly lastAutoId?: LeaseId;
}

/** A server as it is after its first start: no leases, no keys, revision 1. */
export const initialState = (options: InitialState = {}): State => {
  const server = options.server ?? DEFAULT_CONFIG;
  const now = options.now ?? instant(0);
  const state: State = {
    settings: {
      server,
      turns: options.turns ?? 'exact',
      minimumTtl: options.minimumTtl ?? minimumTtl(server),
    },
    now,
    lastTurn: options.lastTurn ?? now,
    landing: false,
    revision: revision(1),
    leases: SortedTable.empty<Lease, LeaseId>(byId),
    queue: SortedTable.empty(byDeadline),
    kvs: SortedTable.empty(byKey),
    attachments: SortedTable.empty(byLeaseAndKey),
    past: null,
    compacted: revision(-1),
    noSpace: false,
    streams: [],
    waiting: [],
    lastAutoId: options.lastAutoId ?? 0n,
    assignedId: null,
    checkpoints: [],
    leads: true,
    held: [],
    backlog: null,
  };
  // CONST-03
  invariant(isLegalConfig(server), 'the settings are such as etcd accepts', { ...server });
  invariant(state.lastTurn <= now, 'the last turn is not in the future', { now });
  return state;
};

/**
 * CONST-02: ⌈⌊3·E/2⌋ · H / 1000⌉ seconds, where E is the election timeout in whole heartbeats of H
 * ms.
 */
export const minimumTtl = ({ heartbeat, election }: ServerConfig): Seconds => {
  const electionTicks = Math.floor(election / heartbeat);
  const minimumTicks = Math.floor((3 * electionTicks) / 2);
  return ceilSeconds(milliseconds(minimumTicks * heartbeat));
};

/** EXP-01: a lease is expired from its deadline on, the deadline included. */
export const isOverdue = (lease: Lease, now: Instant): boolean => now >= lease.deadline;

/** The keys of a lease, in byte order. */
export const keysOf = (state: State, lease: LeaseId): Bytes[] =>
  attachmentsOf(state, lease).map(({ key }) => key);

export const attachmentsOf = ({ attachments }: State, lease: LeaseId): Attachment[] =>
  attachments.takeFrom({ lease, key: NO_BYTES }, (attachment) => attachment.lease === lease);

/*
 * Each order of a class of its own, so that V8 can tell them apart where a table compares, and
 * compares there instead of calling.
 */

class ById implements Order<{ readonly id: LeaseId }, LeaseId> {
  before(record: { readonly id: LeaseId }, id: LeaseId): boolean {
    return record.id < id;
  }

  same(record: { readonly id: LeaseId }, id: LeaseId): boolean {
    return record.id === id;
  }
}

class ByDeadline implements Order<Lease, Lease> {
  before(left: Lease, right: Lease): boolean {
    return (
      left.deadline < right.deadline || (left.deadline === right.deadline && left.id < right.id)
    );
  }

  same(left: Lease, right: Lease): boolean {
    return left.deadline === right.deadline && left.id === right.id;
  }
}

class ByKey implements Order<KeyValue, Bytes> {
  before(kv: KeyValue, key: Bytes): boolean {
    return kv.key < key;
  }

  same(kv: KeyValue, key: Bytes): boolean {
    return kv.key === key;
  }
}

class ByLeaseAndKey implements Order<Attachment, Attachment> {
  before(left: Attachment, right: Attachment): boolean {
    return left.lease < right.lease || (left.lease === right.lease && left.key < right.key);
  }

  same(left: Attachment, right: Attachment): boolean {
    return left.lease === right.lease && left.key === right.key;
  }
}

/** Leases, and what else has the id of one. */
export const byId = new ById();
/** The order of the queue. */
export const byDeadline = new ByDeadline();
const byKey = new ByKey();
const byLeaseAndKey = new ByLeaseAndKey();
