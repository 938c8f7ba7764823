/** Expiry. */
import type { Cases } from '../case.ts';

export const EXPIRY: Cases = [
  {
    id: 'deadline-included',
    rules: ['EXP-01', 'EXP-02'],
    title: 'a lease whose deadline falls on a turn goes in that turn',
    why: 'It is expired from its deadline on, the deadline included.',
    source: 'lessor: expired',
    needs: ['virtual clock'],
    story: `
at 0               c1  grant A ttl=5   → A ttl=5
at +0              c1  put k lease=A   → ok
at A.deadline-1ms  c1  get k           → k lease=A
at A.deadline          turn A          → revoked A
at +0              c1  get k           → none`,
  },
  {
    id: 'gone-by-the-bound',
    rules: ['EXP-02'],
    title: 'a key is gone at the next turn after its deadline',
    why: 'Half a second at the most, where no more than 500 leases are due.',
    source: 'lessor: runLoop',
    needs: [],
    story: `
at 0                   c1  grant A ttl=3   → A ttl=3
at +0                  c1  put k lease=A   → ok
at +110ms              c1  grant B ttl=3   → B ttl=3
at +0                  c1  put l lease=B   → ok
at +230ms              c1  grant C ttl=3   → C ttl=3
at +0                  c1  put m lease=C   → ok
at A.deadline+1500ms   c1  get k           → none
at B.deadline+1500ms   c1  get l           → none
at C.deadline+1500ms   c1  get m           → none`,
  },
  {
    id: 'never-early',
    rules: ['EXP-03'],
    title: 'a key never goes before its TTL has passed',
    why: 'What clients rely on. Whole and half seconds and last moments are before the deadline.',
    source: 'lessor: expired',
    needs: [],
    story: `
at 0                   c1  grant A ttl=2   → A ttl=2
at +0                  c1  put k lease=A   → ok
at +0                  c1  grant B ttl=3   → B ttl=3
at +0                  c1  put l lease=B   → ok
at 1s                  c1  get k           → k lease=A
at A.deadline-60ms     c1  get k           → k lease=A
at B.deadline-500ms    c1  get l           → l lease=B
at B.deadline-60ms     c1  get l           → l lease=B
at B.deadline+1500ms   c1  get l           → none`,
  },
  {
    id: 'never-early-to-the-millisecond',
    rules: ['EXP-03', 'EXP-01'],
    title: 'a millisecond before its deadline everything of a lease is there',
    why: 'Also where a turn runs just then.',
    source: 'lessor: expired',
    needs: ['virtual clock'],
    story: `
at 1ms             c1  grant A ttl=5       → A ttl=5
at +0              c1  put k lease=A       → ok
at A.deadline-1ms      turn                → nothing
at +0              c1  get k               → k lease=A
at +0              c1  ttl A keys          → 0 of 5 keys=k
at A.turn-1ms      c1  get k               → k lease=A
at A.turn              turn A              → revoked A
at +0              c1  get k               → none`,
  },
  {
    id: 'five-hundred-exact',
    rules: ['EXP-05', 'CONST-05', 'EXP-06', 'TTL-02'],
    title: 'of 551 leases due together the first turn takes 500, the next one the rest',
    why: 'Whoever expired last goes last, and shows a negative TTL with its granted TTL till then.',
    source: 'lessor: revokeExpiredLeases; v3_server: LeaseTimeToLive',
    needs: ['virtual clock', 'disturbance'],
    // The leap makes one turn of several, so that few leases do for a backlog of a second.
    story: `
at 1ms             c1  grant B*550 ttl=5   → B ttl=5
at +1ms            c1  grant C ttl=5       → C ttl=5
at +0              c1  put z lease=C       → ok
at C.deadline-1ms      jump 1500ms         → revoked 500 leases
at +0              c2  get z               → z lease=C
at +0              c2  ttl C               → -1 of 5
at +0              c2  keep-alive C        → waits, then ttl=0
at +498ms          c2  get z               → z lease=C
at +2ms            c2  get z               → none
at +0              c2  ttl C               → -1 of 0`,
  },
  {
    id: 'a-revision-each',
    rules: ['EXP-07', 'EXP-08'],
    title: 'each expired lease with keys takes one revision of its own, one without takes none',
    why: 'Even those that go in the same turn. The events are those of a revoke.',
    source: 'lessor: Revoke',
    needs: [],
    story: `
at 0                   c1  grant A ttl=2   → A ttl=2
at +0                  c1  grant B ttl=2   → B ttl=2
at +0                  c1  grant C ttl=2   → C ttl=2
at +0                  c1  put b lease=B   → ok
at +0                  c1  put a2 lease=A  → ok
at +0                  c1  put a1 lease=A  → ok
at A.deadline+1500ms   c1  get a prefix    → none
at +0                  c1  put z           → ok
at +0                  c1  get z           → z`,
  },
  {
    id: 'alive-until-revoked',
    rules: ['EXP-09', 'TTL-01'],
    title: 'until the turn an overdue lease and its keys are there for every read',
    why: 'Expired is not revoked.',
    source: 'lessor: runLoop',
    needs: ['virtual clock'],
    story: `
at 1ms         c1  grant A ttl=5         → A ttl=5
at +0          c1  put k value=v lease=A → ok
at A.deadline  c1  get k                 → k=v lease=A
at +0          c1  ttl A keys            → 0 of 5 keys=k
at +0          c1  leases                → A
at A.turn-1ms  c1  get k prefix          → k=v lease=A
at A.turn          turn A                → revoked A
at +0          c1  get k                 → none
at +0          c1  ttl A                 → -1 of 0
at +0          c1  leases                → none`,
  },
  {
    id: 'puts-while-overdue',
    rules: ['EXP-10', 'KV-02'],
    title: 'an overdue lease takes keys, which go with it; a put without a lease saves its key',
    why: 'The lease is in the map until the turn; the turn takes what is attached then.',
    source: 'lessor: Attach, Detach, Revoke',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  grant B ttl=60     → B ttl=60
at +0          c1  put k1 lease=A     → ok
at +0          c1  put k2 lease=A     → ok
at A.deadline  c2  put k1             → ok
at +0          c2  put k2 lease=B     → ok
at +0          c2  put k3 lease=A     → ok
at A.turn          turn A             → revoked A
at +0          c2  get k prefix       → k1, k2 lease=B
at +0          c2  revoke B           → ok`,
  },
];
