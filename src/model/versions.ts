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
}

/** The rule under which docs/SEMANTICS.md tells of each difference. */
export const DIFFERENCES: Readonly<Record<keyof Profile, RuleId>> = {
  afterLateTurn: 'CONST-04',
  checkpointsPersist: 'CKPT-06',
};

const UP_TO_3_5: Profile = { afterLateTurn: 'from that turn', checkpointsPersist: 'when told' };
const FROM_3_6: Profile = { afterLateTurn: 'as before', checkpointsPersist: 'always' };

export const PROFILES: Readonly<Record<MinorVersion, Profile>> = {
  '3.4': UP_TO_3_5,
  '3.5': UP_TO_3_5,
  '3.6': FROM_3_6,
  '3.7': FROM_3_6,
};
