/** A bug that is planted in the simulator's source when a test loads it. */
import type { ServerConfig } from '../../src/api/config.ts';
import type { Ability } from '../../src/harness/schedule.ts';
import type { RuleId } from '../../src/model/index.ts';

/** Replaces text that occurs exactly once in a file of src/simulator. */
export interface Edit {
  readonly file: string;
  readonly search: string;
  readonly replace: string;
}

interface PlantedBug extends Edit {
  readonly id: string;
  /** What is wrong, in one sentence. */
  readonly note: string;
  /** Checks of the simulator's own that would speak first, or an import that the bug needs. */
  readonly also?: readonly Edit[];
}

/** A bug that the harness finds. */
export interface Mutant extends PlantedBug {
  /** The rules that may convict it. */
  readonly rules: readonly RuleId[];
  /** Settings under which it shows, where it does not under the default ones. */
  readonly config?: Partial<ServerConfig>;
  /** What has to be done to the server for it to show. */
  readonly abilities?: readonly Ability[];
}

/** A bug that the simulator's own invariants find. */
export interface CaughtMutant extends PlantedBug {
  /** What the broken invariant says. */
  readonly invariant: string;
}
