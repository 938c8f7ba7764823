/** What is told of a contract that a client breaks: for its maintainers, as it is. */
export interface ClientFinding {
  /** The name of its file in examples/findings. */
  readonly slug: string;
  /** As `leasehold fuzz` names it. */
  readonly client: string;
  /** The version of etcd, and of a client that comes with it; the usual one if absent. */
  readonly etcd?: string;
  readonly contract: string;
  readonly title: string;
  /** The shortest that shows it, without the two lines that every story begins with. */
  readonly story: string;
  /** How long it lasts. */
  readonly lasts: string;
  /** What it means for an application. */
  readonly consequence: string;
  /** Where in the client, and why. */
  readonly cause: string;
  /** What would help. */
  readonly remedy: string;
  /** What was seen on a real server on the real clock: by which test, how; null: it cannot be. */
  readonly confirmed: string | null;
}
