/** What a proxy can do to what is asked of leases and keys. */
import { KV, Lease } from '../../../../src/wire/gen/rpc_pb.ts';
import { mangle, type ProxyFault } from '../fault.ts';

const { leaseTimeToLive, leaseLeases } = Lease.method;

export const READS: readonly ProxyFault[] = [
  {
    id: 'ttl-rounded-up',
    note: 'The remaining TTL is rounded up.',
    rules: ['TTL-01'],
    calls: [
      mangle(leaseTimeToLive, () => ({
        replied: (reply) =>
          void (reply.TTL >= 0n && reply.TTL < reply.grantedTTL && (reply.TTL += 1n)),
      })),
    ],
  },
  {
    id: 'ttl-is-granted',
    note: 'The remaining TTL is the granted one all the time.',
    rules: ['TTL-01'],
    calls: [
      mangle(leaseTimeToLive, () => ({
        replied: (reply) => void (reply.TTL >= 0n && (reply.TTL = reply.grantedTTL)),
      })),
    ],
  },
  {
    id: 'ttl-without-granted',
    note: 'A time-to-live does not say the granted TTL.',
    rules: ['TTL-01', 'EXP-03'],
    calls: [mangle(leaseTimeToLive, () => ({ replied: (reply) => void (reply.grantedTTL = 0n) }))],
  },
  {
    id: 'ttl-unknown-0',
    note: 'The remaining TTL of an unknown lease is 0.',
    rules: ['TTL-03'],
    calls: [
      mangle(leaseTimeToLive, () => ({
        replied: (reply) => void (reply.TTL === -1n && (reply.TTL = 0n)),
      })),
    ],
  },
  {
    id: 'ttl-misses-a-key',
    note: 'A time-to-live leaves out the last of several keys.',
    rules: ['TTL-04', 'KV-02'],
    calls: [
      mangle(leaseTimeToLive, () => ({
        replied: ({ keys }) => void (keys.length > 1 && keys.pop()),
      })),
    ],
  },
  {
    id: 'ttl-keys-unasked',
    note: 'A time-to-live has the keys without being asked for them.',
    rules: ['TTL-04'],
    calls: [mangle(leaseTimeToLive, () => ({ asked: (request) => void (request.keys = true) }))],
  },
  {
    id: 'ttl-other-id',
    note: 'A time-to-live answers with another id.',
    rules: ['TTL-01', 'TTL-03'],
    calls: [mangle(leaseTimeToLive, () => ({ replied: (reply) => void (reply.ID += 1n) }))],
  },
  {
    id: 'list-backwards',
    note: 'The list of leases has the soonest last.',
    rules: ['LIST-03'],
    calls: [
      mangle(leaseLeases, () => ({
        replied: (reply) => void (reply.leases = reply.leases.toReversed()),
      })),
    ],
  },
  {
    id: 'list-of-one',
    note: 'The list of leases has but the one that is due first.',
    rules: ['LIST-02', 'EXP-03'],
    calls: [mangle(leaseLeases, () => ({ replied: ({ leases }) => void leases.splice(1) }))],
  },
  {
    id: 'list-ids-repeat',
    note: 'The list of leases has each one twice.',
    rules: ['LIST-01', 'LIST-02', 'LIST-03'],
    calls: [mangle(leaseLeases, () => ({ replied: ({ leases }) => void leases.push(...leases) }))],
  },
  {
    id: 'range-without-lease',
    note: 'A range does not say what leases its keys have.',
    rules: ['KV-12', 'KV-01'],
    calls: [
      mangle(KV.method.range, () => ({
        replied: ({ kvs }) => {
          for (const kv of kvs) kv.lease = 0n;
        },
      })),
    ],
  },
  {
    id: 'range-counts-shown',
    note: 'A range counts the keys that it shows.',
    rules: ['KV-18'],
    calls: [
      mangle(KV.method.range, () => ({
        replied: (reply) => void (reply.count = BigInt(reply.kvs.length)),
      })),
    ],
  },
  {
    id: 'put-without-lease',
    note: 'A put does not attach its key.',
    rules: ['KV-01', 'KV-12', 'KV-07', 'REVOKE-02', 'TTL-04'],
    calls: [mangle(KV.method.put, () => ({ asked: (request) => void (request.lease = 0n) }))],
  },
  {
    id: 'put-without-previous',
    note: 'A put does not answer with the previous value.',
    rules: ['KV-13'],
    calls: [mangle(KV.method.put, () => ({ asked: (request) => void (request.prevKv = false) }))],
  },
  {
    id: 'put-forgets-ignore-lease',
    note: 'A put takes no notice of ignore_lease, and detaches the key.',
    rules: ['KV-03', 'KV-05'],
    calls: [
      mangle(KV.method.put, () => ({ asked: (request) => void (request.ignoreLease = false) })),
    ],
  },
  {
    id: 'put-header-behind',
    note: 'A put answers with the revision before it.',
    rules: ['EXP-07', 'KV-10', 'GRANT-06'],
    calls: [
      mangle(KV.method.put, () => ({
        replied: ({ header }) => void (header !== undefined && (header.revision -= 1n)),
      })),
    ],
  },
  {
    id: 'delete-counts-1-more',
    note: 'A deletion counts a key too many.',
    rules: ['KV-06'],
    calls: [
      mangle(KV.method.deleteRange, () => ({ replied: (reply) => void (reply.deleted += 1n) })),
    ],
  },
  {
    id: 'txn-says-the-other-branch',
    note: 'A transaction says that it took the other branch.',
    rules: ['KV-11', 'KV-10', 'KV-07'],
    calls: [
      mangle(KV.method.txn, () => ({
        replied: (reply) => void (reply.succeeded = !reply.succeeded),
      })),
    ],
  },
];
