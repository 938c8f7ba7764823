/** LeaseKeepAlive. */
import type { Cases } from '../case.ts';

export const KEEP_ALIVE: Cases = [
  {
    id: 'keep-alive-order',
    rules: ['KA-01', 'KA-03'],
    title: 'a stream answers each keep-alive, in order; unknown ids with TTL 0',
    why: 'A stream serves one request after the other, of any ids; an unknown one does not end it.',
    source: 'rpc/lease: leaseKeepAlive',
    needs: [],
    story: `
at 0   c1  grant A ttl=60     → A ttl=60
at +0  c1  grant B ttl=30     → B ttl=30
at +0  c1  keep-alive A       → ttl=60
at +0  c1  keep-alive U       → ttl=0
at +0  c1  keep-alive B       → ttl=30
at +0  c1  keep-alive #0      → ttl=0
at +0  c1  keep-alive A       → ttl=60
at +0  c1  keep-alive #-5     → ttl=0
at +0  c1  revoke A           → ok
at +0  c1  keep-alive A       → ttl=0
at +0  c1  keep-alive B       → ttl=30
at +0  c1  revoke B           → ok`,
  },
  {
    id: 'keep-alive-mid-life',
    rules: ['KA-02', 'EXP-02'],
    title: 'a keep-alive restores the granted TTL, no more and no less',
    why: 'The new deadline is the instant of the renewal and the granted TTL. It is no write.',
    source: 'lessor: Renew',
    needs: [],
    story: `
at 0                   c1  grant A ttl=4      → A ttl=4
at +0                  c1  put k lease=A      → ok
at 2s                  c1  keep-alive A       → ttl=4
at +0                  c1  ttl A              → 4 of 4
at A.deadline-500ms    c1  get k              → k lease=A
at A.deadline+1500ms   c1  get k              → none
at +0                  c1  keep-alive A       → ttl=0`,
  },
  {
    id: 'keep-alives-do-not-add-up',
    rules: ['KA-02', 'TTL-01'],
    title: 'several keep-alives give one granted TTL, not several',
    why: 'A renewal sets the deadline; it adds nothing to it.',
    source: 'lessor: Renew',
    needs: [],
    story: `
at 0                   c1  grant A ttl=3      → A ttl=3
at +0                  c1  put k lease=A      → ok
at 1s                  c1  keep-alive A       → ttl=3
at +0                  c1  keep-alive A       → ttl=3
at +0                  c2  keep-alive A       → ttl=3
at +0                  c1  ttl A              → 3 of 3
at A.deadline+1500ms   c1  get k              → none`,
  },
  {
    id: 'keep-alive-last-millisecond',
    rules: ['KA-02', 'EXP-01'],
    title: 'a keep-alive in the last millisecond renews; at the deadline it is too late',
    why: 'A lease is expired from its deadline on, the deadline included.',
    source: 'lessor: Renew, expired',
    needs: ['virtual clock'],
    story: `
at 1ms             c1  grant A ttl=5        → A ttl=5
at +0              c1  grant B ttl=5        → B ttl=5
at A.deadline-1ms  c1  keep-alive A         → ttl=5
at +1ms            c1  keep-alive B         → waits, then ttl=0
at B.turn              turn                 → revoked B, frees c1: ttl=0
at +0              c1  ttl A                → 4 of 5`,
  },
  {
    id: 'keep-alive-overdue',
    rules: ['KA-04', 'KA-06'],
    title: 'a keep-alive on an overdue lease waits for the revoke, then answers TTL 0',
    why: 'An expired lease never comes back; the answer has the revision from before it waited.',
    source: 'lessor: Renew',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  put k lease=A      → ok
at A.deadline  c2  keep-alive A       → waits, then ttl=0
at A.turn-1ms  c1  get k              → k lease=A
at A.turn          turn               → revoked A, frees c2: ttl=0
at +0          c1  get k              → none`,
  },
  {
    id: 'header-of-a-held-keep-alive',
    rules: ['KA-06'],
    title: 'each keep-alive answers with the revision at which its turn on the stream came',
    why: 'The one that waits has read it before; those behind it read it when they are served.',
    source: 'rpc/lease: leaseKeepAlive',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  grant B ttl=60     → B ttl=60
at +0          c1  put k lease=A      → ok
at A.deadline  c2  keep-alive A       → waits, then ttl=0
at +0          c2  keep-alive B       → waits, then ttl=60
at +0          c1  put l              → ok
at A.turn          turn A             → revoked A, frees c2: ttl=0, c2: ttl=60
at +0          c1  revoke B           → ok`,
  },
  {
    id: 'keep-alive-overdue-real',
    rules: ['KA-04'],
    title: 'a keep-alive around the deadline renews the lease or answers TTL 0, never both',
    why: 'Whatever it answers, the key agrees with it.',
    source: 'lessor: Renew',
    needs: [],
    story: `
at 100ms               c1  grant A ttl=3      → A ttl=3
at +0                  c1  put k lease=A      → ok
at A.deadline+30ms     c2  keep-alive A       → waits, then ttl=0
at A.deadline+1500ms   c1  get k              → none
at +0                  c1  keep-alive A       → ttl=0`,
  },
  {
    id: 'head-of-line',
    rules: ['KA-05', 'KA-01'],
    title: 'one overdue lease holds up every id behind it on its stream, and no other stream',
    why: 'A stream is served in order, and its head waits for a revoke.',
    source: 'rpc/lease: leaseKeepAlive',
    needs: ['virtual clock'],
    story: `
at 100ms           c1  grant A ttl=5         → A ttl=5
at +0              c1  grant B ttl=60        → B ttl=60
at A.deadline-1ms  c2  keep-alive B          → ttl=60
at A.deadline      c2  keep-alive A          → waits, then ttl=0
at +0              c2  keep-alive B          → waits, then ttl=60
at +0              c2  keep-alive U          → waits, then ttl=0
at +0              c2  keep-alive B stream=2 → ttl=60
at +0              c3  keep-alive B          → ttl=60
at A.turn              turn A                → frees c2: ttl=0, c2: ttl=60, c2: ttl=0
at +0              c2  ttl B                 → 60 of 60
at +0              c1  revoke B              → ok`,
  },
  {
    id: 'keep-alive-keeps-revision',
    rules: ['KA-06', 'KA-02'],
    title: 'a keep-alive does not change the revision, and answers with it',
    why: 'Renewals do not go through the log.',
    source: 'rpc/lease: leaseKeepAlive; lessor: Renew',
    needs: [],
    story: `
at 0   c1  grant A ttl=60     → A ttl=60
at +0  c1  put k lease=A      → ok
at +0  c1  keep-alive A       → ttl=60
at +0  c1  get k              → k lease=A
at +0  c1  keep-alive A       → ttl=60
at +0  c1  put k lease=A      → ok
at +0  c1  revoke A           → ok`,
  },
  {
    id: 'header-of-a-keep-alive-that-waits-twice',
    rules: ['KA-06', 'KA-05'],
    title:
      'a keep-alive that waits behind another and then for its own lease has the revision between',
    why: 'Its turn on the stream came when the first lease had gone, with its key.',
    source: 'rpc/lease: leaseKeepAlive',
    needs: ['virtual clock'],
    story: `
at 100ms       c1  grant A ttl=5      → A ttl=5
at +0          c1  grant B ttl=5      → B ttl=5
at +0          c1  put k lease=A      → ok
at A.deadline  c2  keep-alive A       → waits, then ttl=0
at +0          c2  keep-alive B       → waits, then ttl=0
at A.turn          turn
at +0          c1  get k              → none`,
  },
];
