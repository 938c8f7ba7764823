/**
 * The face that a client under test, or a whole application, shows to the fuzzer: what it can be
 * told to do, and how it says what it believes. Twenty lines adapt a client.
 *
 * Everything is called in lockstep: time stands still while a client acts, and moves on once it
 * has come to rest.
 */

import type { Programs } from './outside/programs.ts';

/** A name of a lease, a lock or an election in a schedule: `A`, `B`, …; not the server's id. */
export type Name = string;

/** What a client is given to live in. */
export interface Surroundings {
  /** `http://host:port` of the server. */
  readonly url: string;
  /** For connections within the process; empty for a client outside of it. */
  readonly grpcOptions: Readonly<Record<string, number>>;
  /** Of an adapter that is `isOutside`: starts its programs. */
  readonly programs?: Programs;
  /** Where the client says what happens to it, at the instant at which it knows. */
  readonly report: (event: ClientEvent) => void;
  /** The client cannot be judged, and why: what it says makes no sense, say. */
  readonly complain?: (why: string) => void;
}

/**
 * What a client says of a lease that it keeps alive. The fuzzer asks for nothing else: whoever is
 * told `granted` and not yet `lost`, `revoked` or `released` believes that the lease is alive.
 */
export type ClientEvent =
  /** The lease is there; from now on the client keeps it alive. `ttl`: granted, in seconds. */
  | { readonly kind: 'granted'; readonly lease: Name; readonly id: bigint; readonly ttl: number }
  /** The client has heard that it was renewed. */
  | { readonly kind: 'renewed'; readonly lease: Name; readonly ttl: number }
  /** The client has given the lease up. */
  | { readonly kind: 'lost'; readonly lease: Name; readonly why: string }
  /** The client holds the lock, or leads, as the owner of `key` created at `revision`. */
  | {
      readonly kind: 'acquired';
      readonly name: Name;
      readonly key: string;
      /** Null where the client does not tell. */
      readonly revision: bigint | null;
      /** The lease that the key is attached to. */
      readonly lease: bigint;
    }
  /** The client knows that it does not hold the lock, or does not lead, any more. */
  | { readonly kind: 'yielded'; readonly name: Name };

/** What clients can do; an adapter names those it has. */
export const ABILITIES = ['lease', 'put', 'lock', 'election'] as const;
export type Ability = (typeof ABILITIES)[number];

/**
 * A client that runs. Each method resolves or rejects when the client says that it is done: none
 * may take for ever (each is a call that has to settle).
 */
export interface Client {
  /** Grants a lease and keeps it alive until it is told otherwise. */
  grant(lease: Name, ttlSeconds: number): Promise<void>;
  /** Revokes it, and renews it no more. */
  revoke(lease: Name): Promise<void>;
  /** Renews it no more, and leaves it to expire. */
  release(lease: Name): Promise<void>;
  /** Puts a key with the lease. */
  put?(key: string, lease: Name): Promise<void>;
  /** Takes the lock, waiting for whoever holds it; the lock's own lease has that TTL. */
  lock?(name: Name, ttlSeconds: number): Promise<void>;
  unlock?(name: Name): Promise<void>;
  /** Runs for the election, waiting for whoever leads. */
  campaign?(name: Name, ttlSeconds: number): Promise<void>;
  resign?(name: Name): Promise<void>;
  /** Ends it: nothing of it is left when this resolves. */
  close(): Promise<void>;
}

/** A kind of client. */
export interface Adapter {
  readonly name: string;
  readonly version: string;
  readonly abilities: readonly Ability[];
  /**
   * Contracts that the client is known not to keep, each with the reason: they are told, and count
   * as no finding.
   */
  readonly exceptions?: Readonly<Record<string, string>>;
  /** Ids of contracts that say nothing about it. */
  readonly notJudgedBy?: readonly string[];
  /** The client is programs outside of this process, whose clocks are in hand. */
  readonly isOutside?: boolean;
  /** Makes a client; it may connect now or later. */
  start(surroundings: Surroundings): Client | Promise<Client>;
}
