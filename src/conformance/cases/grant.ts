/** LeaseGrant. */
import type { Cases } from '../case.ts';

export const GRANT: Cases = [
  {
    id: 'grant-checks-ttl-first',
    rules: ['GRANT-01'],
    title: 'a grant checks the TTL first, then the id',
    why: 'An id in use with too large a TTL is refused for the TTL.',
    source: 'lessor: Grant',
    needs: [],
    story: `
at 0   c1  grant A ttl=60 id=5          → A ttl=60
at +0  c2  grant B ttl=9000000001 id=5  → refused ttl-too-large
at +0  c2  grant B ttl=9000000000 id=5  → refused lease-exists
at +0  c1  revoke A                     → ok`,
  },
  {
    id: 'duplicate-live',
    rules: ['GRANT-04'],
    title: 'a grant of an id in use is refused and leaves the lease as it was',
    why: 'Neither the granted TTL nor the deadline nor the keys of the lease change.',
    source: 'lessor: Grant',
    needs: [],
    story: `
at 0                 c1  grant A ttl=5 id=77    → A ttl=5
at +0                c1  put k lease=A          → ok
at 2s                c2  grant B ttl=60 id=77   → refused lease-exists
at +0                c2  ttl A keys             → 3 of 5 keys=k
at A.deadline+1500ms c2  get k                  → none
at +0                c2  grant B ttl=60 id=77   → B ttl=60
at +0                c2  revoke B               → ok`,
  },
  {
    id: 'duplicate-overdue',
    rules: ['GRANT-04'],
    title: 'the id of an overdue lease is in use until the lease is revoked',
    why: 'An expired lease stays in the map until the turn that revokes it.',
    source: 'lessor: Grant, runLoop',
    needs: ['virtual clock'],
    story: `
at 1ms         c1  grant A ttl=5 id=78  → A ttl=5
at A.deadline  c2  grant B ttl=5 id=78  → refused lease-exists
at A.turn-1ms  c2  grant B ttl=5 id=78  → refused lease-exists
at A.turn          turn                 → revoked A
at +0          c2  grant B ttl=5 id=78  → B ttl=5`,
  },
  {
    id: 'grant-again',
    rules: ['GRANT-05'],
    title: 'an id is free at once when its lease is gone, and its new lease has no keys',
    why: 'A revoke takes keys and lease in one step: the new lease has nothing to inherit.',
    source: 'lessor: Revoke',
    needs: [],
    story: `
at 0   c1  grant A ttl=60 id=79  → A ttl=60
at +0  c1  put k lease=A         → ok
at +0  c1  revoke A              → ok
at +0  c1  grant B ttl=30 id=79  → B ttl=30
at +0  c1  ttl B keys            → 30 of 30
at +0  c1  get k                 → none
at +0  c1  revoke B              → ok`,
  },
  {
    id: 'grant-keeps-revision',
    rules: ['GRANT-06'],
    title: 'a grant does not change the revision, and answers with it',
    why: 'Leases are not keys: only writes to keys move the revision.',
    source: 'apply: LeaseGrant',
    needs: [],
    story: `
at 0   c1  put k             → ok
at +0  c1  grant A ttl=60    → A ttl=60
at +0  c1  get k             → k
at +0  c1  grant B ttl=60    → B ttl=60
at +0  c1  put k lease=B     → ok
at +0  c1  get k             → k lease=B
at +0  c1  revoke A          → ok
at +0  c1  revoke B          → ok`,
  },
  {
    id: 'life-begins-at-grant',
    rules: ['GRANT-07', 'EXP-03'],
    title: 'a lease lives its granted TTL from the grant on',
    why: 'The deadline is the instant of the grant and the TTL, whatever happens to its keys.',
    source: 'lessor: Grant',
    needs: [],
    story: `
at 0                   c1  grant A ttl=4      → A ttl=4
at 2s                  c1  put k lease=A      → ok
at 3s                  c1  put k value=v lease=A → ok
at A.deadline-400ms    c1  get k              → k=v lease=A
at A.deadline+1500ms   c1  get k              → none
at +0                  c1  ttl A              → -1 of 0`,
  },
];
