/** What a proxy can do to keep-alives. */
import { clone } from '@bufbuild/protobuf';
import { Lease, LeaseKeepAliveResponseSchema } from '../../../../src/wire/gen/rpc_pb.ts';
import type { LeaseKeepAliveResponse } from '../../../../src/wire/gen/rpc_pb.ts';
import { mangle, type ProxyFault } from '../fault.ts';

const { leaseKeepAlive } = Lease.method;

export const KEEP_ALIVES: readonly ProxyFault[] = [
  {
    id: 'keep-alive-ttl-1-less',
    note: 'A keep-alive answers a second less than the granted TTL.',
    rules: ['KA-02'],
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: (reply) => void (reply.TTL > 0n && (reply.TTL -= 1n)),
      })),
    ],
  },
  {
    id: 'keep-alive-other-id',
    note: 'A keep-alive answers with the id of another lease.',
    rules: ['KA-01'],
    calls: [mangle(leaseKeepAlive, () => ({ replied: (reply) => void (reply.ID += 1n) }))],
  },
  {
    id: 'keep-alive-unknown-minus-1',
    note: 'A keep-alive of an unknown lease answers TTL -1.',
    rules: ['KA-03'],
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: (reply) => void (reply.TTL === 0n && (reply.TTL = -1n)),
      })),
    ],
  },
  {
    id: 'keep-alive-unknown-as-success',
    note: 'A keep-alive of an unknown lease answers as if there were one.',
    rules: ['KA-03'],
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: (reply) => void (reply.TTL === 0n && (reply.TTL = 60n)),
      })),
    ],
  },
  {
    id: 'keep-alive-unanswered',
    note: 'A keep-alive of an unknown lease is not answered.',
    rules: ['KA-01', 'KA-03', 'KA-04'],
    hidden: { real: 'the answer may yet come: the rule is inconclusive' },
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: (reply) => (reply.TTL === 0n ? [] : [reply]),
      })),
    ],
  },
  {
    id: 'keep-alive-twice',
    note: 'Each keep-alive is answered twice.',
    rules: ['KA-01'],
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: (reply) => [reply, clone(LeaseKeepAliveResponseSchema, reply)],
      })),
    ],
  },
  {
    id: 'keep-alives-swapped',
    note: 'Answers of a stream come in pairs, the second one first.',
    rules: ['KA-01', 'KA-02', 'KA-03'],
    calls: [
      mangle(leaseKeepAlive, () => {
        let kept: LeaseKeepAliveResponse | undefined;
        return {
          replied: (reply) => {
            const first = kept;
            kept = first === undefined ? reply : undefined;
            return first === undefined ? [] : [reply, first];
          },
        };
      }),
    ],
  },
  {
    id: 'keep-alive-lost',
    note: 'A keep-alive is answered with the granted TTL and renews nothing.',
    rules: ['KA-02', 'EXP-03'],
    calls: [
      mangle(leaseKeepAlive, () => {
        let sent = 0n;
        return {
          asked: (request) => {
            sent = request.ID;
            request.ID = 0n;
          },
          replied: (reply) => {
            reply.ID = sent;
            reply.TTL = 4n;
          },
        };
      }),
    ],
  },
  {
    id: 'keep-alive-header-ahead',
    note: 'A keep-alive answers as if it had taken a revision.',
    rules: ['KA-06'],
    hidden: { real: 'others write as well, and a revision more may be theirs' },
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: ({ header }) => void (header !== undefined && (header.revision += 1n)),
      })),
    ],
  },
  {
    id: 'keep-alive-stale-header',
    note: 'Keep-alives answer with revision 1, whatever the revision is.',
    rules: ['KA-06'],
    calls: [
      mangle(leaseKeepAlive, () => ({
        replied: ({ header }) => void (header !== undefined && (header.revision = 1n)),
      })),
    ],
  },
];
