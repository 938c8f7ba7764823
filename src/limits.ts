/**
 * Every bound of the project, in one place. Reaching one is said by name; nothing grows without
 * one.
 */
export const LIMITS = {
  /** Runs of one `check`. */
  runs: 10_000_000,
  /** Steps of one schedule. */
  commands: 100_000,
  /** Clients of one schedule. */
  clients: 64,
  /** Leases or keys of one group in a schedule. */
  group: 10_000,
  /** Bytes of a file that is read as a schedule, history or counterexample. */
  fileBytes: 64 * 1024 * 1024,
  /** States that the checker holds at once for one component of a history. */
  states: 4_096,
  /** Leases of one component that may be due at one observation. */
  undecidedLeases: 10,
  /** Candidates that a shrink tries. */
  shrinkAttempts: 20_000,
  /** Schedules side by side on one real server. */
  sessions: 200,
  /** Lines of a report in text form, and characters of each. */
  reportLines: 400,
  reportCharacters: 240,
  /** Worker threads. */
  jobs: 64,
} as const;
