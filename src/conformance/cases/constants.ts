/** Limits and settings. */
import type { Cases } from '../case.ts';

export const CONSTANTS: Cases = [
  {
    id: 'largest-ttl',
    rules: ['CONST-01', 'GRANT-03'],
    title: 'a TTL of 9,000,000,000 s is granted, one second more is refused',
    why: 'The limit keeps a TTL in nanoseconds within an int64. A refused grant creates nothing.',
    source: 'lessor: Grant',
    needs: [],
    story: `
at 0   c1  grant A ttl=9000000000               → A ttl=9000000000
at +0  c1  grant B ttl=9000000001               → refused ttl-too-large
at +0  c1  grant C ttl=9223372036854775807      → refused ttl-too-large
at +0  c1  grant D ttl=9000000001 id=9          → refused ttl-too-large
at +0  c1  ttl #9                               → -1 of 0
at +0  c1  revoke A                             → ok`,
  },
  {
    id: 'smallest-ttl',
    rules: ['CONST-02', 'GRANT-02'],
    title: 'a TTL below the minimum is raised to it, and the answer says so',
    why: 'It follows from heartbeat and election timeout. Zero and negative TTLs are no error.',
    source: 'server: NewServer; lessor: Grant',
    needs: [],
    story: `
at 0   c1  grant A ttl=0                        → A ttl=2
at +0  c1  grant B ttl=1                        → B ttl=2
at +0  c1  grant C ttl=-1                       → C ttl=2
at +0  c1  grant D ttl=-9223372036854775808     → D ttl=2
at +0  c1  grant E ttl=30                       → E ttl=30
at +0  c1  ttl A
at +0  c1  revoke E                             → ok`,
  },
  {
    id: 'grid-of-turns',
    rules: ['CONST-04', 'EXP-04'],
    title: 'the expiry loop passes every 500 ms, for all leases together',
    why: 'Leases that expire between two turns go together, however far apart their deadlines are.',
    source: 'lessor: runLoop',
    needs: ['virtual clock'],
    story: `
at 1ms             c1  grant A ttl=5            → A ttl=5
at 400ms           c1  grant B ttl=5            → B ttl=5
at 501ms           c1  grant C ttl=5            → C ttl=5
at +0              c1  put a lease=A            → ok
at +0              c1  put b lease=B            → ok
at +0              c1  put c lease=C            → ok
at A.turn-1ms      c1  get "" from-key          → refused key-empty
at +0              c1  get a from-key           → a lease=A, b lease=B, c lease=C
at A.turn          c1  leases                   → C
at +0              c1  get a from-key           → c lease=C
at +499ms          c1  get c                    → c lease=C
at +1ms                turn C                   → revoked C
at +0              c1  get c                    → none`,
  },
  {
    id: 'leap-over-turns',
    rules: ['CONST-04'],
    title: 'a turn that comes due while the server does not run passes when it runs again',
    why: 'Up to 3.5 the next one is 500 ms after that; from 3.6 on a ticker keeps the old grid.',
    source: 'lessor: runLoop',
    needs: ['virtual clock'],
    story: `
at 1ms         c1  grant A ttl=2      → A ttl=2
at +0          c1  put a lease=A      → ok
at 1100ms          jump 1300ms        → revoked A
at +0          c1  get a              → none
at +0          c1  grant B ttl=2      → B ttl=2
at +0          c1  put b lease=B      → ok
at B.turn-1ms  c1  get b              → b lease=B
at B.turn          turn B             → revoked B
at +0          c1  get b              → none
at +201ms      c1  grant C ttl=2      → C ttl=2
at +0          c1  put c lease=C      → ok
at +7ms            jump 3s            → revoked C
at +0          c1  get c              → none`,
  },
  {
    id: 'five-hundred-a-turn',
    rules: ['CONST-05', 'EXP-05', 'EXP-06', 'TTL-02'],
    title: '2,100 leases due together go 500 a turn, the soonest first',
    why: 'Half of 1,000 a second. Those that wait are there, and show TTLs of 0 and less.',
    source: 'lessor: revokeExpiredLeases, findExpiredLeases',
    needs: ['disturbance', 'running clock'],
    story: `
at 0              c1  grant B*2100 ttl=5        → B ttl=5
at +1ms           c1  grant C ttl=5             → C ttl=5
at +0             c1  put z lease=C             → ok
at B.1.deadline+1300ms  c2  ttl B.2100
at +300ms         c2  ttl C
at +0             c2  get z
at +100ms         c2  ttl C
at C.turn+3s      c2  ttl C                     → -1 of 0
at +0             c2  get z                     → none`,
  },
  {
    id: 'chosen-ids',
    rules: ['CONST-14'],
    title: 'ids that the server chooses are positive and grow',
    why: 'They are made of the member, the time of its start and a counter, without the sign bit.',
    source: 'v3_server: LeaseGrant; idutil: Next',
    needs: [],
    story: `
at 0   c1  grant A ttl=60   → A ttl=60
at +0  c1  grant B ttl=60   → B ttl=60
at +0  c1  put k            → ok
at +0  c1  grant C ttl=60   → C ttl=60
at +0  c1  revoke A         → ok
at +0  c1  grant D ttl=60   → D ttl=60
at +0  c1  revoke B         → ok
at +0  c1  revoke C         → ok
at +0  c1  revoke D         → ok`,
  },
  {
    id: 'explicit-ids',
    rules: ['CONST-15'],
    title: 'any int64 but 0 is a legal lease id, negative ones too',
    why: 'The id is not interpreted: −1, −2^63 and 2^63−1 work everywhere an id stands.',
    source: 'v3_server: LeaseGrant',
    needs: [],
    story: `
at 0   c1  grant A ttl=60 id=-1                    → A ttl=60
at +0  c1  grant B ttl=60 id=-9223372036854775808  → B ttl=60
at +0  c1  grant C ttl=60 id=9223372036854775807   → C ttl=60
at +0  c1  grant D ttl=60 id=1                     → D ttl=60
at +0  c1  put k lease=A                           → ok
at +0  c1  get k                                   → k lease=A
at +0  c1  ttl #-1 keys                            → 60 of 60 keys=k
at +0  c1  keep-alive B                            → ttl=60
at +0  c1  revoke #-1                              → ok
at +0  c1  get k                                   → none
at +0  c1  revoke B                                → ok
at +0  c1  revoke C                                → ok
at +0  c1  revoke D                                → ok`,
  },
];
