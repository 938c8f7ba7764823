import type { Progress } from './terminal.ts';

/** What a check was asked to do. */
export interface CheckRequest {
  readonly seed: bigint;
  /** Whether the seed is said before anything else is. */
  readonly saysSeed: boolean;
  /** The numbers of the runs of this shard, in order. */
  readonly runs: readonly number[];
  /** Of all shards together. */
  readonly allRuns: number;
  readonly commands: number;
  readonly clients: number;
  readonly jobs: number;
  readonly out: string;
  readonly stopped: () => boolean;
  /** Calls back when the user wants to stop. */
  readonly onStop: (react: () => void) => void;
  readonly progress: Progress;
  /** The options that repeat this check, but for the seed. */
  readonly repeat: string;
}
