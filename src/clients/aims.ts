/** Whom a fault is for, and what servers say with a status. */
import type { Aim, CallName, Fault } from './story.ts';

/** A fault that is for messages or calls to come. */
export type MessageFault = Extract<
  Fault,
  { readonly kind: 'lose' | 'delay' | 'duplicate' | 'overtake' | 'refuse' | 'ttl zero' }
>;

/** A fault that is for calls that are open. */
export type StreamFault = Extract<Fault, { readonly kind: 'end' | 'reset' | 'abandon' }>;

export const isAimedAt = (
  aim: Aim,
  { client, call }: { readonly client: number; readonly call: CallName | 'other' },
): boolean =>
  (aim.client === null || aim.client === client) && (aim.call === null || aim.call === call);

/** `lease`: what the message is about; `leaseOf`: what names stand for. */
export const isAbout = (
  { about }: Aim,
  lease: bigint | null,
  leaseOf: (name: string) => bigint | undefined,
): boolean => about === undefined || (lease !== null && leaseOf(about) === lease);

/** What servers and proxies say with such a code. */
export const messageOf = (code: number): string => MESSAGES[code] ?? 'error';
const MESSAGES: Readonly<Record<number, string>> = {
  0: '',
  1: 'context canceled',
  2: 'unknown',
  4: 'context deadline exceeded',
  5: 'etcdserver: requested lease not found',
  8: 'etcdserver: too many requests',
  9: 'etcdserver: not leader',
  13: 'stream terminated by RST_STREAM with error code: INTERNAL_ERROR',
  14: 'etcdserver: request timed out',
};
