import type { Stopper } from './stopper.ts';
import type { Progress } from './terminal.ts';

/** What a check was asked to do. */
export interface CheckRequest {
  readonly seed: bigint;
  /** The numbers of the runs of this shard, in order. */
  readonly runs: readonly number[];
  /** Of all shards together. */
  readonly allRuns: number;
  readonly commands: number;
  readonly clients: number;
  readonly jobs: number;
  readonly out: string;
  readonly stop: Stopper;
  readonly progress: Progress;
  /** The command that repeats this check. */
  readonly repeat: string;
}
