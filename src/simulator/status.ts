/** What a server says about itself, for status requests and metrics. */
import type { Refused } from '../api/response.ts';
import type { Revision } from '../api/units.ts';
import type { Server } from './server.ts';
import { hashUpTo } from './store-hash.ts';

export interface Status {
  readonly revision: Revision;
  /** -1 before the first compaction. */
  readonly compactRevision: Revision;
  readonly keys: number;
  readonly leases: number;
  readonly watches: number;
  readonly watchStreams: number;
  /** Requests that were put to the log of raft. */
  readonly applied: number;
  /** About what the kept versions of all keys take. */
  readonly bytes: number;
  readonly noSpace: boolean;
}

export interface HashResult {
  readonly kind: 'hash';
  readonly hash: number;
  readonly revision: Revision;
  readonly compactRevision: Revision;
}

export const statusOf = ({ ids, lessor, space, store, watches }: Server): Status => ({
  revision: store.revision,
  compactRevision: store.history.floor,
  keys: store.size,
  leases: lessor.size,
  watches: watches.size,
  watchStreams: watches.streams,
  applied: ids.taken,
  bytes: store.history.bytes,
  noSpace: space.isExhausted,
});

/**
 * HashKV: the hash of all keys up to a revision; 0: the current one. Of the compacted revision
 * itself etcd tells, from 3.5 on, the hash of what there was before that compaction, which is not
 * kept here.
 */
export const hashOf = ({ etcd, store }: Server, asked: bigint): HashResult | Refused => {
  const { history, revision } = store;
  if (asked > revision) return { kind: 'refused', reason: 'future-revision' };
  // Up to 3.4 the compacted revision itself has no hash either.
  const isGone = asked < history.floor || (asked <= history.floor && etcd === '3.4');
  if (asked > 0n && isGone) return { kind: 'refused', reason: 'compacted' };
  const hash = hashUpTo(history, asked === 0n ? revision : Number(asked));
  return { kind: 'hash', hash, revision, compactRevision: history.floor };
};
