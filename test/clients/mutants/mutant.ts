/** A bug that is planted in the reference client when a test loads it. */
import type { Edit } from '../../mutants/mutant.ts';

export interface ClientMutant {
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly note: string;
  /** In files of src/clients/reference. */
  readonly edits: readonly Edit[];
  /** The contracts that may convict it. */
  readonly contracts: readonly string[];
}
