/** What any client of leases must keep, as a check of a trace. */
import type { Ability } from './adapter.ts';
import type { ClientStory } from './story.ts';
import type { Trace } from './trace.ts';

export interface Contract {
  /** Stable: `FUZZ-01`. */
  readonly id: string;
  /** One sentence: what holds. */
  readonly title: string;
  /**
   * `safety`: breaking it can hurt those who rely on the client; `quality`: it costs them time,
   * load or patience.
   */
  readonly weight: 'safety' | 'quality';
  /** Where it comes from: etcd's documentation, what the Go client does, or plain safety. */
  readonly source: string;
  readonly needs: readonly Ability[];
  /**
   * The first breach; null: it holds. `slack`: milliseconds by which what a client did may be told
   * later than it was, on a real clock; a breach is one whatever they were.
   */
  readonly check: (trace: Trace, slack?: number) => Breach | null;
  /** Judges a story beside another one that must not make a difference. */
  readonly twin?: Twin;
}

export interface Twin {
  /** Null: there is none to compare with. */
  readonly of: (story: ClientStory) => ClientStory | null;
  readonly compare: (trace: Trace, twin: Trace) => Breach | null;
}

export interface Breach {
  /** The entry of the trace that shows it, from 0. */
  readonly entry: number;
  /** One sentence with the figures. */
  readonly what: string;
  /** By how many milliseconds; a smaller story has to show a second of it, or as much. */
  readonly excess?: number;
  /** What is the same in two findings that are one: `lost reply, keep-alive`. */
  readonly shape: string;
}
