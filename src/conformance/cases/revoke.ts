/** LeaseRevoke. */
import type { Cases } from '../case.ts';

export const REVOKE: Cases = [
  {
    id: 'revoke-unknown',
    rules: ['REVOKE-01'],
    title: 'revoking an unknown lease is refused and changes nothing',
    why: 'Unknown, already revoked and zero ids are all the same.',
    source: 'lessor: Revoke',
    needs: [],
    story: `
at 0   c1  revoke U              → refused lease-not-found
at +0  c1  revoke #0             → refused lease-not-found
at +0  c1  grant A ttl=60        → A ttl=60
at +0  c1  revoke A              → ok
at +0  c1  revoke A              → refused lease-not-found`,
  },
  {
    id: 'revoke-many-keys',
    rules: ['REVOKE-02', 'REVOKE-05'],
    title: 'a revoke deletes all keys of the lease in one revision, in byte order',
    why: 'Keys and lease go in one transaction of the store; the events come together, sorted.',
    source: 'lessor: Revoke',
    needs: [],
    story: `
at 0   c1  grant A ttl=60          → A ttl=60
at +0  c1  put c value=1 lease=A   → ok
at +0  c1  put a value=2 lease=A   → ok
at +0  c1  put b value=3 lease=A   → ok
at +0  c1  put aa value=4 lease=A  → ok
at +0  c1  put B value=5 lease=A   → ok
at +0  c1  put other               → ok
at +0  c1  revoke A                → ok
at +0  c1  get a prefix            → none
at +0  c1  get other               → other
at +0  c1  put other value=2       → ok`,
  },
  {
    id: 'revoke-without-keys',
    rules: ['REVOKE-03', 'REVOKE-04'],
    title: 'a lease without keys goes without a revision, one with keys takes one',
    why: 'The answer carries the revision after the deletion.',
    source: 'lessor: Revoke; apply: LeaseRevoke',
    needs: [],
    story: `
at 0   c1  put k             → ok
at +0  c1  grant A ttl=60    → A ttl=60
at +0  c1  revoke A          → ok
at +0  c1  get k             → k
at +0  c1  grant B ttl=60    → B ttl=60
at +0  c1  put k lease=B     → ok
at +0  c1  put l lease=B     → ok
at +0  c1  revoke B          → ok
at +0  c1  put k             → ok
at +0  c1  get k             → k`,
  },
  {
    id: 'revoke-emptied',
    rules: ['REVOKE-03', 'KV-06'],
    title: 'a lease whose keys were deleted or moved goes without a revision',
    why: 'What counts is what is attached when it goes.',
    source: 'lessor: Revoke, Detach',
    needs: [],
    story: `
at 0   c1  grant A ttl=60    → A ttl=60
at +0  c1  grant B ttl=60    → B ttl=60
at +0  c1  put k lease=A     → ok
at +0  c1  put l lease=A     → ok
at +0  c1  del k          → deleted 1
at +0  c1  put l lease=B     → ok
at +0  c1  revoke A          → ok
at +0  c1  get l             → l lease=B
at +0  c1  revoke B          → ok
at +0  c1  get l             → none`,
  },
  {
    id: 'revoke-overdue',
    rules: ['REVOKE-07'],
    title: 'an overdue lease can be revoked by hand',
    why: 'It is in the map until a revoke takes it, whoever sends that.',
    source: 'lessor: Revoke',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  put k lease=A      → ok
at A.deadline  c1  revoke A           → ok
at +0          c1  get k              → none
at +0          c1  revoke A           → refused lease-not-found
at A.turn          turn               → nothing`,
  },
  {
    id: 'revoke-frees',
    rules: ['KA-04', 'REVOKE-07'],
    title: 'a revoke frees the keep-alives that wait for its lease, and no others',
    why: 'It is in the map until a revoke takes it, whoever sends that.',
    source: 'lessor: Revoke',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  grant B ttl=60     → B ttl=60
at +0          c1  grant C ttl=5      → C ttl=5
at A.deadline  c2  keep-alive A       → waits, then ttl=0
at +0          c3  keep-alive C       → waits, then ttl=0
at +100ms      c1  revoke B           → ok
at +0          c1  revoke A           → ok
at C.turn          turn C             → revoked C, frees c3: ttl=0`,
  },
];
