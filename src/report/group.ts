import type { Token } from '../api/command.ts';
import type { Instant } from '../api/units.ts';
import type { ScheduleStep } from '../harness/schedule.ts';

/** The requests of one step, told in one line of a timeline. */
export interface Group {
  readonly step: ScheduleStep | undefined;
  readonly what: string;
  readonly client: number;
  readonly at: Instant;
  /** Where its line is. */
  readonly line: number;
  /** What each request was answered. */
  readonly words: Map<Token, string>;
  readonly notes: Set<string>;
}
