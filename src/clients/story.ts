/**
 * What happens to clients: plain data. Each step is something that a client is told to do, or a
 * fault, at an instant of virtual time. The text form is in `story-text.ts`, and reads aloud.
 */

export interface ClientStory {
  readonly steps: readonly StoryStep[];
  /** Milliseconds of virtual time that the story lasts; then faults end and clients are closed. */
  readonly lasts: number;
}

export interface StoryStep {
  /** Milliseconds from the beginning, whole. */
  readonly at: number;
  readonly act: Act | Fault;
}

/** What a client is told to do. */
export type Act =
  | { readonly kind: 'grant'; readonly client: number; readonly name: string; readonly ttl: number }
  | { readonly kind: 'revoke'; readonly client: number; readonly name: string }
  | { readonly kind: 'release'; readonly client: number; readonly name: string }
  | { readonly kind: 'put'; readonly client: number; readonly name: string; readonly key: string }
  | { readonly kind: 'lock'; readonly client: number; readonly name: string; readonly ttl: number }
  | { readonly kind: 'unlock'; readonly client: number; readonly name: string }
  | {
      readonly kind: 'campaign';
      readonly client: number;
      readonly name: string;
      readonly ttl: number;
    }
  | { readonly kind: 'resign'; readonly client: number; readonly name: string }
  | { readonly kind: 'close'; readonly client: number };

/** The calls of etcd that clients of leases make. */
export const CALLS = ['grant', 'revoke', 'keep-alive', 'put', 'range', 'txn', 'watch'] as const;
export type CallName = (typeof CALLS)[number];

/** Which messages a fault is for: the next `times` of that call by that client; null: of any. */
export interface Aim {
  readonly client: number | null;
  readonly call: CallName | null;
  readonly times: number;
  /**
   * The name of a lease: messages about that one alone, or calls and streams whose last request
   * was. What is refused has none.
   */
  readonly about?: string;
}

export type Side = 'request' | 'reply';

/** What goes wrong: a small closed vocabulary. Times are milliseconds. */
export type Fault =
  /** A lost reply is lost after the request took effect. */
  | { readonly kind: 'lose'; readonly side: Side; readonly aim: Aim }
  | { readonly kind: 'delay'; readonly side: Side; readonly by: number; readonly aim: Aim }
  | { readonly kind: 'duplicate'; readonly side: Side; readonly aim: Aim }
  /** The next message waits until another one has passed it, or two seconds. */
  | { readonly kind: 'overtake'; readonly side: Side; readonly aim: Aim }
  /** Open streams of that call end with a status; 0: well. */
  | { readonly kind: 'end'; readonly status: number; readonly aim: Aim }
  /** Open streams of that call are reset with an HTTP/2 code. */
  | { readonly kind: 'reset'; readonly code: number; readonly aim: Aim }
  /** The next calls are refused in trailers alone. */
  | { readonly kind: 'refuse'; readonly status: number; readonly aim: Aim }
  /** Open streams of that call stay open and are served no more. */
  | { readonly kind: 'abandon'; readonly aim: Aim }
  | { readonly kind: 'disconnect'; readonly client: number | null }
  | { readonly kind: 'goaway'; readonly client: number | null }
  /** Who connects in that time is refused, or never answered. */
  | {
      readonly kind: 'unreachable';
      readonly how: 'refused' | 'unanswered';
      readonly client: number | null;
      readonly for: number;
    }
  /** Nothing arrives in that time, in one direction or both, and nobody is told. */
  | {
      readonly kind: 'black-hole';
      readonly direction: 'in' | 'out' | 'both';
      readonly client: number | null;
      readonly for: number;
    }
  /** The server is gone for that time; all leases have their full TTL again after it. */
  | { readonly kind: 'restart'; readonly down: number }
  /** The server does nothing in that time, and its clock goes on. */
  | { readonly kind: 'pause server'; readonly for: number }
  | { readonly kind: 'no leader'; readonly for: number }
  /** Another leader: every lease has its full TTL and an election timeout. */
  | { readonly kind: 'new leader' }
  | { readonly kind: 'slow apply'; readonly for: number }
  /** The next keep-alives of that client are answered with TTL 0, though the lease is there. */
  | { readonly kind: 'ttl zero'; readonly aim: Aim }
  /** Somebody else revokes the lease. */
  | { readonly kind: 'revoke by another'; readonly name: string }
  /** The wall clock of the clients jumps; no other clock does. */
  | { readonly kind: 'wall clock'; readonly by: number }
  /** The wall clock of the clients gains so many parts in a thousand. */
  | { readonly kind: 'drift'; readonly perMille: number }
  /** The process of the clients stands still for that time. */
  | { readonly kind: 'pause client'; readonly for: number };

export const isFault = (act: Act | Fault): act is Fault => !ACTS.has(act.kind as Act['kind']);

const ACTS: ReadonlySet<Act['kind']> = new Set([
  'grant',
  'revoke',
  'release',
  'put',
  'lock',
  'unlock',
  'campaign',
  'resign',
  'close',
]);
