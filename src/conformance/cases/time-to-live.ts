/** LeaseTimeToLive and LeaseLeases. */
import type { Cases } from '../case.ts';

export const TIME_TO_LIVE: Cases = [
  {
    id: 'granted-against-remaining',
    rules: ['TTL-01'],
    title: 'the remaining TTL is truncated toward zero; the granted one never changes',
    why: 'n at the very instant of a grant of n, n−1 a millisecond later, 0 in the last second.',
    source: 'lessor: Remaining; v3_server: LeaseTimeToLive',
    needs: [],
    story: `
at 0                   c1  grant A ttl=5     → A ttl=5
at +0                  c1  put k lease=A     → ok
at +500ms              c1  ttl A             → 4 of 5
at +1s                 c1  ttl A             → 3 of 5
at +1s                 c1  ttl A             → 2 of 5
at +0                  c1  keep-alive A      → ttl=5
at +500ms              c1  ttl A             → 4 of 5
at A.deadline-500ms    c1  ttl A             → 0 of 5
at A.deadline+1500ms   c1  ttl A             → -1 of 0
at +0                  c1  get k             → none`,
  },
  {
    id: 'truncation-to-the-millisecond',
    rules: ['TTL-01', 'EXP-01'],
    title: 'at every boundary of a life the remaining TTL is what truncation makes of it',
    why: 'Exactly n shows n, a millisecond less n−1; the last second and the first overdue one 0.',
    source: 'v3_server: LeaseTimeToLive',
    needs: ['virtual clock'],
    story: `
at 1ms             c1  grant A ttl=5     → A ttl=5
at +0              c1  ttl A             → 5 of 5
at +1ms            c1  ttl A             → 4 of 5
at A.deadline-4s   c1  ttl A             → 4 of 5
at A.deadline-3999ms  c1  ttl A          → 3 of 5
at A.deadline-1s   c1  ttl A             → 1 of 5
at A.deadline-999ms  c1  ttl A           → 0 of 5
at A.deadline-1ms  c1  ttl A             → 0 of 5
at A.deadline      c1  ttl A             → 0 of 5
at A.turn-1ms      c1  ttl A             → 0 of 5
at A.turn          c1  ttl A             → -1 of 0`,
  },
  {
    id: 'ttl-plus-one',
    rules: ['TTL-01', 'EXP-02'],
    title: 'a lease reported n ≥ 0 and not renewed is expired before n+1 s have passed',
    why: 'What a client may conclude from a remaining TTL.',
    source: 'v3_server: LeaseTimeToLive; lessor: runLoop',
    needs: [],
    story: `
at 0                 c1  grant A ttl=4     → A ttl=4
at +0                c1  put k lease=A     → ok
at 1500ms            c1  ttl A             → 2 of 4
at +3s               c2  get k
at +600ms            c2  get k             → none
at +0                c2  ttl A             → -1 of 0`,
  },
  {
    id: 'ttl-unknown',
    rules: ['TTL-03'],
    title: 'an unknown lease shows TTL −1 and granted TTL 0, and is no error',
    why: 'Never granted, revoked, zero and negative ids alike.',
    source: 'rpc/lease: LeaseTimeToLive',
    needs: [],
    story: `
at 0   c1  ttl U            → -1 of 0
at +0  c1  ttl #0           → -1 of 0
at +0  c1  ttl #-5 keys     → -1 of 0
at +0  c1  grant A ttl=60   → A ttl=60
at +0  c1  revoke A         → ok
at +0  c1  ttl A keys       → -1 of 0`,
  },
  {
    id: 'ttl-keys',
    rules: ['TTL-04'],
    title: 'the attached keys are listed when asked for, and only then',
    why: 'In any order; what was moved, detached or deleted is not among them.',
    source: 'lessor: Keys; v3_server: LeaseTimeToLive',
    needs: [],
    story: `
at 0   c1  grant A ttl=60    → A ttl=60
at +0  c1  grant B ttl=60    → B ttl=60
at +0  c1  ttl A keys        → 60 of 60
at +0  c1  put a lease=A     → ok
at +0  c1  put b lease=A     → ok
at +0  c1  put c lease=A     → ok
at +0  c1  put d lease=A     → ok
at +0  c1  ttl A keys        → 60 of 60 keys=a,b,c,d
at +0  c1  ttl A             → 60 of 60
at +0  c1  put a lease=B     → ok
at +0  c1  put b             → ok
at +0  c1  del c          → deleted 1
at +0  c1  ttl A keys        → 60 of 60 keys=d
at +0  c1  ttl B keys        → 60 of 60 keys=a
at +0  c1  revoke A          → ok
at +0  c1  revoke B          → ok`,
  },
  {
    id: 'ttl-changes-nothing',
    rules: ['TTL-10'],
    title: 'time-to-live renews nothing',
    why: 'Looking at a lease, however often, does not keep it alive.',
    source: 'v3_server: LeaseTimeToLive',
    needs: [],
    story: `
at 0                   c1  grant A ttl=3      → A ttl=3
at +0                  c1  put k lease=A      → ok
at 1s                  c1  ttl A keys         → 2 of 3 keys=k
at 2s                  c2  ttl A              → 1 of 3
at A.deadline-100ms    c1  ttl A              → 0 of 3
at A.deadline+1500ms   c1  get k              → none`,
  },
  {
    id: 'list-all',
    rules: ['LIST-01', 'LIST-02'],
    title: 'the list holds every lease, with and without keys',
    why: 'And none that is gone.',
    source: 'lessor: Leases',
    needs: [],
    story: `
at 0   c1  grant A ttl=60        → A ttl=60
at +0  c1  grant B ttl=70 id=-7  → B ttl=70
at +0  c1  put k lease=A         → ok
at +0  c1  leases                → A,B
at +0  c1  revoke A              → ok
at +0  c1  leases                → B
at +0  c1  revoke B              → ok`,
  },
  {
    id: 'list-overdue',
    rules: ['LIST-02', 'EXP-09'],
    title: 'an overdue lease is in the list until it is revoked',
    why: 'It is in the map until then.',
    source: 'lessor: Leases',
    needs: ['virtual clock'],
    story: `
at 1ms         c1  grant A ttl=5   → A ttl=5
at +0          c1  grant B ttl=60  → B ttl=60
at A.deadline  c1  leases          → A,B
at A.turn-1ms  c1  leases          → A,B
at A.turn          turn A          → revoked A
at +0          c1  leases          → B`,
  },
  {
    id: 'list-order',
    rules: ['LIST-03'],
    title: 'the list is in the order of remaining time, and a keep-alive moves a lease back',
    why: 'Soonest first, on the leader.',
    source: 'lessor: Leases',
    needs: [],
    story: `
at 0   c1  grant A ttl=20     → A ttl=20
at +0  c1  grant B ttl=10     → B ttl=10
at +0  c1  grant C ttl=15     → C ttl=15
at +0  c1  leases             → B,C,A
at 7s  c1  keep-alive B       → ttl=10
at +0  c1  leases             → C,B,A
at +0  c1  revoke C           → ok
at +0  c1  leases             → B,A
at +0  c1  revoke B           → ok
at +0  c1  revoke A           → ok`,
  },
];
