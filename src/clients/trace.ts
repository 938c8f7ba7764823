/**
 * What was seen in a run, on one clock: what clients were told and said, what came to the server
 * and left it, what became of leases there. Contracts judge this and nothing else.
 */
import type { Act, CallName, Fault } from './story.ts';
import type { ClientEvent } from './adapter.ts';

export type TraceEntry = { readonly at: number } & (
  | { readonly kind: 'told'; readonly client: number; readonly call: number; readonly act: Act }
  /** A call that a client was told to make is done. */
  | {
      readonly kind: 'settled';
      readonly client: number;
      readonly call: number;
      readonly error: string | null;
    }
  | { readonly kind: 'said'; readonly client: number; readonly event: ClientEvent }
  /** Nobody caught it. */
  | { readonly kind: 'uncaught'; readonly error: string }
  | { readonly kind: 'fault'; readonly fault: Fault }
  /** A fault that waits for messages has met one, or a call, of that client. */
  | {
      readonly kind: 'struck';
      readonly fault: Fault;
      readonly client: number;
      readonly stream: number;
    }
  /** A fault that lasts is over; one that waits for messages met its last one, or is called off. */
  | { readonly kind: 'healed'; readonly fault: Fault }
  /** A connection reached the server, or was refused. */
  | { readonly kind: 'connected'; readonly client: number; readonly connection: number }
  | { readonly kind: 'disconnected'; readonly client: number; readonly connection: number }
  | { readonly kind: 'refused'; readonly client: number }
  /** A call, or a stream, of a client has begun at the server, or ended there. */
  | {
      readonly kind: 'opened';
      readonly client: number;
      readonly stream: number;
      readonly call: CallName | 'other';
    }
  | { readonly kind: 'ended'; readonly client: number; readonly stream: number }
  /**
   * A request has left its client and reached the server's door: whatever a fault does to it comes
   * after. `served`: it was carried out.
   */
  | {
      readonly kind: 'request';
      readonly client: number;
      readonly stream: number;
      readonly request: number;
      readonly call: CallName | 'other';
      /** The lease it is about, when it is about one. */
      readonly lease: bigint | null;
      readonly ttl: number | null;
      readonly key: string | null;
    }
  | { readonly kind: 'served'; readonly request: number }
  /** An answer has left the server for its client; `request`: to which, if to one. */
  | {
      readonly kind: 'reply';
      readonly client: number;
      readonly stream: number;
      readonly request: number | null;
      readonly call: CallName | 'other';
      readonly lease: bigint | null;
      readonly ttl: number | null;
      /** The gRPC code of a refusal. */
      readonly code: number;
    }
  /** The truth: a lease exists until `deadline`, unless it is renewed; or it does not any more. */
  | {
      readonly kind: 'lease';
      readonly lease: bigint;
      readonly deadline: number | null;
      readonly ttl: number;
      readonly by: 'grant' | 'renewal' | 'revoke' | 'expiry' | 'promotion';
    }
  | {
      readonly kind: 'key';
      readonly key: string;
      readonly present: boolean;
      readonly lease: bigint;
      readonly createRevision: number;
    }
  /** Faults are over and clients are told to close. */
  | { readonly kind: 'closing' }
  /** What is left of the clients after that. */
  | {
      readonly kind: 'end';
      readonly timers: number;
      readonly connections: number;
      readonly streams: number;
    }
);

export type Trace = readonly TraceEntry[];
