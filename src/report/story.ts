/** What a report is made of, and the timeline that is made of it first. */
import type { Instant } from '../api/units.ts';
import type { History } from '../harness/history.ts';
import type { Schedule } from '../harness/schedule.ts';
import type { Verdict } from '../harness/verdict.ts';

/** A schedule, what came of it and what was found. */
export interface Story {
  readonly schedule: Schedule;
  readonly history: History;
  readonly verdict: Verdict;
  /**
   * The session that ran the schedule, when others share the history; otherwise it is found out.
   */
  readonly session?: number;
}

export interface Timeline {
  readonly lines: readonly TimelineLine[];
  /** What each step of the schedule was answered; null when it asked for nothing. */
  readonly answers: readonly (string | null)[];
  /** Of a violation: what the rule demands and what was seen, with the names of the leases. */
  readonly expected: string | null;
  readonly observed: string | null;
}

export interface TimelineLine {
  readonly at: Instant;
  /** The client's number; 0 for what no client did. */
  readonly client: number;
  readonly what: string;
  readonly answer: string | null;
  /** What is worth knowing beside. */
  readonly note: string | null;
  /** Whether the violation was found here. */
  readonly broken: boolean;
}
