/**
 * Every bound of the project, in one place. Reaching one is said by name; nothing grows without
 * one.
 */
export const LIMITS = {
  /** Runs of one `check`. */
  runs: 10_000_000,
  /** Steps of one random schedule. */
  commands: 10_000,
  /** Steps of a schedule that is read. */
  steps: 100_000,
  /**
   * Milliseconds, 100 days, that a step may let pass: each turn on the way runs. A leap may be
   * longer.
   */
  advance: 100 * 86_400_000,
  /** Clients of one schedule. */
  clients: 64,
  /** Leases or keys of one group in a schedule. */
  group: 10_000,
  /** Transactions of a schedule within one another. */
  nesting: 100,
  /** Bytes of a file that is read as a schedule, history or counterexample. */
  fileBytes: 64 * 1024 * 1024,
  /** States that the checker holds at once for one component of a history. */
  states: 4_096,
  /** Candidates that a shrink tries. */
  shrinkAttempts: 20_000,
  /** Schedules side by side on one real server. */
  sessions: 200,
  /** Lines of a report in text form, and characters of each. */
  reportLines: 400,
  reportCharacters: 4_000,
  /** Leases, locks and elections of one story of clients. */
  leases: 1000,
  /** Milliseconds that a story of clients lasts. */
  storyTime: 86_400_000,
  /** Bytes of memory that a process may take in which a client of somebody's runs. */
  clientMemory: 2 ** 30,
  /** Worker threads, or processes. */
  jobs: 64,
} as const;
