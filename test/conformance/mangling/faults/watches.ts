/** What a proxy can do to watches. */
import { clone } from '@bufbuild/protobuf';
import { Event_EventType } from '../../../../src/wire/gen/kv_pb.ts';
import { Watch, type WatchResponse, WatchResponseSchema } from '../../../../src/wire/gen/rpc_pb.ts';
import { mangle, type ManglingOfCalls, type ProxyFault } from '../fault.ts';

/** The events of a response, changed. */
const events = (
  change: (response: WatchResponse) => readonly WatchResponse[] | void,
): readonly ManglingOfCalls[] => [
  mangle(Watch.method.watch, () => ({
    replied: (reply) => (reply.events.length === 0 ? [reply] : change(reply)),
  })),
];

export const WATCHES: readonly ProxyFault[] = [
  {
    id: 'revoke-in-two-responses',
    note: 'The events of a revision come in a response each.',
    rules: ['REVOKE-02', 'KV-22', 'KV-10'],
    calls: events((reply) =>
      reply.events.map((event) => {
        const one = clone(WatchResponseSchema, reply);
        one.events = [event];
        return one;
      }),
    ),
  },
  {
    id: 'revoke-in-two-revisions',
    note: 'The events of a revoke have a revision each.',
    rules: ['REVOKE-02', 'KV-22', 'KV-10'],
    calls: events(({ events: all }) => {
      for (const [at, { kv }] of all.entries()) {
        if (kv !== undefined) kv.modRevision += BigInt(at);
      }
    }),
  },
  {
    id: 'events-backwards',
    note: 'The events of a response come backwards.',
    rules: ['REVOKE-02', 'REVOKE-05', 'KV-22', 'KV-10'],
    calls: events((reply) => void (reply.events = reply.events.toReversed())),
  },
  {
    id: 'deletes-unsaid',
    note: 'Watches hear nothing of what is deleted.',
    rules: ['REVOKE-02', 'REVOKE-05', 'KV-22', 'KV-24', 'EXP-02', 'EXP-08'],
    calls: events((reply) => {
      reply.events = reply.events.filter(({ type }) => type !== Event_EventType.DELETE);
      return reply.events.length === 0 ? [] : [reply];
    }),
  },
  {
    id: 'events-without-previous',
    note: 'Watches have no previous values, asked for or not.',
    rules: ['REVOKE-05', 'KV-24', 'KV-22', 'EXP-08'],
    calls: events((reply) => {
      for (const event of reply.events) delete event.prevKv;
    }),
  },
  {
    id: 'delete-with-lease',
    note: 'The event of a delete names the lease that the key had.',
    rules: ['REVOKE-05', 'EXP-08', 'KV-22'],
    calls: events((reply) => {
      for (const { type, kv, prevKv } of reply.events) {
        if (type === Event_EventType.DELETE && kv !== undefined) kv.lease = prevKv?.lease ?? 7n;
      }
    }),
  },
  {
    id: 'events-twice',
    note: 'Each response of a watch comes twice.',
    rules: ['KV-22', 'KV-24', 'REVOKE-02', 'REVOKE-05'],
    calls: events((reply) => [reply, clone(WatchResponseSchema, reply)]),
  },
  {
    id: 'put-events-without-lease',
    note: 'The event of a put does not name the lease.',
    rules: ['KV-22', 'KV-01', 'KV-12'],
    calls: events((reply) => {
      for (const { kv } of reply.events) if (kv !== undefined) kv.lease = 0n;
    }),
  },
];
