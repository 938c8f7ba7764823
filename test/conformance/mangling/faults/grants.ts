/** What a proxy can do to grants and revokes. */
import { create } from '@bufbuild/protobuf';
import {
  Lease,
  LeaseGrantResponseSchema,
  LeaseRevokeResponseSchema,
} from '../../../../src/wire/gen/rpc_pb.ts';
import { mangle, type ProxyFault } from '../fault.ts';

/** What a suite on a virtual clock does not see, as its target is always a real etcd. */
const AWAITED = 'the target waits for the events of each revision that it is told of';
const OTHERS = 'others write as well, and a revision more may be theirs';
const BROKEN = 'the target takes an etcd that answers so for broken';

const { leaseGrant, leaseRevoke } = Lease.method;

export const GRANTS: readonly ProxyFault[] = [
  {
    id: 'granted-ttl-as-asked',
    note: 'A grant answers the TTL that was asked for, not the one that was granted.',
    rules: ['GRANT-02', 'CONST-02', 'EXP-02', 'TTL-01'],
    calls: [
      mangle(leaseGrant, () => ({
        replied: (reply, { TTL }) => void (reply.TTL = TTL),
      })),
    ],
  },
  {
    id: 'granted-ttl-1-more',
    note: 'A grant answers a second more than it grants.',
    rules: ['GRANT-02', 'CONST-02', 'TTL-01', 'EXP-03'],
    calls: [mangle(leaseGrant, () => ({ replied: (reply) => void (reply.TTL += 1n) }))],
  },
  {
    id: 'grant-of-half',
    note: 'A lease has half the life that its grant says.',
    rules: ['EXP-03', 'GRANT-02', 'TTL-01', 'GRANT-07'],
    calls: [
      mangle(leaseGrant, () => {
        let wanted = 0n;
        return {
          asked: (request) => {
            wanted = request.TTL;
            if (wanted > 3n) request.TTL = wanted / 2n;
          },
          replied: (reply) => void (wanted > 3n && (reply.TTL = wanted)),
        };
      }),
    ],
  },
  {
    id: 'grant-of-double',
    note: 'A lease has twice the life that its grant says.',
    rules: ['EXP-02', 'TTL-01'],
    calls: [
      mangle(leaseGrant, () => {
        let wanted = 0n;
        return {
          asked: (request) => {
            wanted = request.TTL;
            if (wanted > 1n && wanted < 100n) request.TTL = wanted * 2n;
          },
          replied: (reply) => void (wanted > 1n && (reply.TTL = wanted)),
        };
      }),
    ],
  },
  {
    id: 'negative-id-replaced',
    note: 'A negative id counts as none, and the server chooses another.',
    rules: ['CONST-15'],
    calls: [
      mangle(leaseGrant, () => ({
        asked: (request) => void (request.ID < 0n && (request.ID = 0n)),
      })),
    ],
  },
  {
    id: 'chosen-id-negative',
    note: 'Ids that the server chooses use the sign bit.',
    rules: ['CONST-14'],
    calls: [
      mangle(leaseGrant, () => ({
        replied: (reply, { ID }) => void (ID === 0n && (reply.ID = -reply.ID)),
      })),
    ],
  },
  {
    id: 'lease-exists-accepted',
    note: 'A grant of an id in use is answered as if it had made the lease.',
    rules: ['GRANT-04', 'GRANT-01', 'GRANT-05'],
    calls: [
      mangle(leaseGrant, () => ({
        refused: (status, { ID, TTL }) =>
          /already exists/.test(status.message)
            ? create(LeaseGrantResponseSchema, { header: { revision: 1n }, ID, TTL })
            : status,
      })),
    ],
  },
  {
    id: 'too-large-accepted',
    note: 'A TTL that is too large is cut to the largest.',
    rules: ['CONST-01', 'GRANT-03', 'GRANT-01'],
    calls: [
      mangle(leaseGrant, () => ({
        asked: (request) => void (request.TTL > 9_000_000_000n && (request.TTL = 9_000_000_000n)),
      })),
    ],
  },
  {
    id: 'grant-header-ahead',
    note: 'A grant answers as if it had taken a revision.',
    rules: ['GRANT-06'],
    hidden: { virtual: AWAITED, real: OTHERS },
    calls: [
      mangle(leaseGrant, () => ({
        replied: ({ header }) => void (header !== undefined && (header.revision += 1n)),
      })),
    ],
  },
  {
    id: 'revoke-header-behind',
    note: 'A revoke answers with the revision before it.',
    rules: ['REVOKE-04', 'REVOKE-02'],
    calls: [
      mangle(leaseRevoke, () => ({
        replied: ({ header }) => void (header !== undefined && (header.revision -= 1n)),
      })),
    ],
  },
  {
    id: 'revoke-unknown-accepted',
    note: 'Revoking an unknown lease is answered as a success.',
    rules: ['REVOKE-01'],
    calls: [
      mangle(leaseRevoke, () => ({
        refused: () => create(LeaseRevokeResponseSchema, { header: { revision: 1n } }),
      })),
    ],
  },
  {
    id: 'revoke-lost',
    note: 'A revoke is answered and does nothing.',
    rules: ['REVOKE-02', 'REVOKE-03', 'REVOKE-04', 'GRANT-05', 'REVOKE-05', 'REVOKE-06'],
    calls: [
      mangle(leaseRevoke, () => ({
        asked: (request) => void (request.ID = 0n),
        refused: () => create(LeaseRevokeResponseSchema, { header: { revision: 1n } }),
      })),
    ],
  },
  {
    id: 'unknown-lease-as-internal',
    note: 'An unknown lease is refused with the code INTERNAL.',
    rules: ['WIRE-09', 'REVOKE-01'],
    hidden: { virtual: BROKEN },
    calls: [mangle(leaseRevoke, () => ({ refused: ({ message }) => ({ code: 13, message }) }))],
  },
  {
    id: 'unknown-lease-in-other-words',
    note: 'An unknown lease is refused with the right code, and words of its own.',
    rules: ['WIRE-09', 'REVOKE-01'],
    hidden: { virtual: BROKEN },
    calls: [
      mangle(leaseRevoke, () => ({ refused: ({ code }) => ({ code, message: 'no such lease' }) })),
    ],
  },
  {
    id: 'lease-exists-as-already-exists',
    note: 'An id in use is refused with the code ALREADY_EXISTS.',
    rules: ['WIRE-09', 'GRANT-04'],
    hidden: { virtual: BROKEN },
    calls: [mangle(leaseGrant, () => ({ refused: ({ message }) => ({ code: 6, message }) }))],
  },
];
