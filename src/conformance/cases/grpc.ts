/** gRPC itself: what comes over the wire is what the protocol says. */
import type { Cases } from '../case.ts';

export const GRPC: Cases = [
  {
    id: 'grpc-calls',
    rules: ['WIRE-01'],
    title:
      'each call of the Lease service, and each field of its answers, is where the protocol has it',
    why: 'A client of etcd reads them by number.',
    source: 'rpc.proto',
    needs: ['gRPC'],
    story: `
at 0   c1  grant A ttl=60 id=-3         → A ttl=60
at +0  c1  put k value=v lease=A        → ok
at +0  c1  get k                        → k=v lease=A
at +0  c1  keep-alive A                 → ttl=60
at +0  c1  ttl A keys                   → 60 of 60 keys=k
at +0  c1  leases                       → A
at +0  c1  revoke A                     → ok
at +0  c1  ttl A                        → -1 of 0`,
  },
  {
    id: 'grpc-messages',
    rules: ['WIRE-09'],
    title: 'each refusal has its code and its exact message',
    why: 'Clients tell errors by them; the Go client compares whole texts.',
    source: 'rpctypes',
    needs: ['gRPC'],
    story: `
at 0   c1  grant A ttl=60 id=-3                   → A ttl=60
at +0  c1  grant B ttl=60 id=-3                   → refused lease-exists
at +0  c1  grant B ttl=9000000001                 → refused ttl-too-large
at +0  c1  revoke U                               → refused lease-not-found
at +0  c1  put "" value=v                         → refused key-empty
at +0  c1  put k lease=A ignore-lease             → refused lease-provided
at +0  c1  put k value=v ignore-value             → refused value-provided
at +0  c1  put k ignore-value                     → refused key-not-found
at +0  c1  txn then put k; put k                  → refused duplicate-key
at +0  c1  revoke A                               → ok`,
  },
];
