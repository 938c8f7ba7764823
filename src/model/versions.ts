/** In what the minor versions of etcd differ, as far as the model carries it: data, no branches. */
import type { MinorVersion } from '../api/config.ts';
import type { RuleId } from './rules.ts';

/** What one version does; each field is one difference. */
export interface Profile {
  /**
   * From where turns count after one that ran late: from that turn, since the loop sleeps after its
   * work; or as before, since a ticker keeps the grid.
   */
  readonly afterLateTurn: 'from that turn' | 'as before';
  /** Whether checkpoints outlive a restart only when a switch says so, or always. */
  readonly checkpointsPersist: 'when told' | 'always';
  /** Whether a range of keys only, not sorted by value, still shows leases. */
  readonly keysOnly: 'with lease' | 'without lease';
  /** Whether puts in nested transactions count when there is no space. */
  readonly nestedPuts: 'need no space' | 'need space';
  /** What a transaction checks first: all its puts, or its operations one by one. */
  readonly txnChecks: 'puts first' | 'in order';
  /** What a transaction checks first of a put: that the key exists, or that the lease does. */
  readonly putInTxn: 'key first' | 'lease first';
  /** Whether compaction at a revision leaves the deletions of that very revision to watches. */
  readonly compaction: 'drops deletions' | 'keeps deletions';
  /** Whether a watch may ask for a revision below 0. */
  readonly negativeStart: 'taken' | 'refused';
  /** When a request for progress is answered. */
  readonly progress: 'always' | 'when all are there';
  /** Whether the answer to an alarm request has a header. */
  readonly alarmHeader: 'none' | 'there';
  /** Which keep-alives wait until the log is applied. */
  readonly keepAliveWaits: 'all' | 'on unknown leases';
}

/** The rule under which docs/SEMANTICS.md tells of each difference. */
export const DIFFERENCES: Readonly<Record<keyof Profile, RuleId>> = {
  afterLateTurn: 'CONST-04',
  checkpointsPersist: 'CKPT-06',
  keysOnly: 'KV-12',
  nestedPuts: 'GRANT-09',
  txnChecks: 'KV-08',
  putInTxn: 'KV-05',
  compaction: 'KV-20',
  negativeStart: 'KV-23',
  progress: 'KV-27',
  alarmHeader: 'KV-21',
  keepAliveWaits: 'KA-15',
};

const V3_4: Profile = {
  afterLateTurn: 'from that turn',
  checkpointsPersist: 'when told',
  keysOnly: 'with lease',
  nestedPuts: 'need no space',
  txnChecks: 'puts first',
  putInTxn: 'key first',
  compaction: 'drops deletions',
  negativeStart: 'taken',
  progress: 'always',
  alarmHeader: 'none',
  keepAliveWaits: 'all',
};

const V3_5: Profile = {
  ...V3_4,
  compaction: 'keeps deletions',
  negativeStart: 'refused',
  progress: 'when all are there',
  alarmHeader: 'there',
};

const V3_6: Profile = {
  ...V3_5,
  afterLateTurn: 'as before',
  checkpointsPersist: 'always',
  nestedPuts: 'need space',
  txnChecks: 'in order',
};

const V3_7: Profile = {
  ...V3_6,
  keysOnly: 'without lease',
  putInTxn: 'lease first',
  keepAliveWaits: 'on unknown leases',
};

export const PROFILES: Readonly<Record<MinorVersion, Profile>> = {
  '3.4': V3_4,
  '3.5': V3_5,
  '3.6': V3_6,
  '3.7': V3_7,
};
