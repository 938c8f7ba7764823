/** What a restart leaves, and what a new leader gives. */
import type { Cases } from '../case.ts';

export const RESTART: Cases = [
  {
    id: 'restart-keeps-leases',
    rules: ['RESTART-01', 'GRANT-08'],
    title:
      'leases, ids, granted TTLs and attachments outlive a restart; the revision does not move',
    why: 'They are in the backend. A detached key stays detached, a moved one with its last lease.',
    source: 'lessor: initAndRecover; kvstore: restore',
    needs: ['restart'],
    story: `
at 0   c1  grant A ttl=60 id=-1    → A ttl=60
at +0  c1  grant B ttl=90          → B ttl=90
at +0  c1  put a lease=A           → ok
at +0  c1  put m lease=A           → ok
at +0  c1  put m lease=B           → ok
at +0  c1  put d lease=A           → ok
at +0  c1  put d                   → ok
at 1s      restart
at +0  c1  get a from-key          → a lease=A, d, m lease=B
at +0  c1  ttl A keys              → 61 of 60 keys=a
at +0  c1  put z                   → ok
at +0  c1  revoke A                → ok
at +0  c1  get a from-key          → d, m lease=B, z
at +0  c1  revoke B                → ok`,
  },
  {
    id: 'restart-extends',
    rules: ['RESTART-02', 'CONST-11', 'TTL-05', 'CKPT-01'],
    title: 'after a restart every lease has its full TTL again, and the election timeout on top',
    why: 'What has passed before is forgotten; so a remaining TTL may exceed the granted one.',
    source: 'lessor: Promote',
    needs: ['restart'],
    story: `
at 0      c1  grant A ttl=10       → A ttl=10
at +0     c1  put k lease=A        → ok
at 6s     c1  ttl A                → 4 of 10
at +1ms       restart
at +0     c1  ttl A                → 11 of 10
at +5s    c1  keep-alive A         → ttl=10
at +0     c1  ttl A                → 10 of 10
at +9s    c1  get k                → k lease=A
at +2500ms c1 get k                → none`,
  },
  {
    id: 'restart-revives-overdue',
    rules: ['RESTART-02'],
    title: 'an overdue lease comes back with a restart',
    why: 'Nobody has revoked it, and its deadline is set anew.',
    source: 'lessor: Promote',
    needs: ['restart', 'virtual clock'],
    story: `
at 1ms         c1  grant A ttl=5   → A ttl=5
at +0          c1  put k lease=A   → ok
at A.deadline  c1  ttl A           → 0 of 5
at +1ms            restart kill
at +0          c1  ttl A           → 6 of 5
at +0          c1  get k           → k lease=A
at +7s         c1  get k           → none`,
  },
  {
    id: 'restart-minimum',
    rules: ['RESTART-03'],
    title: 'the minimum TTL is a flag of the server, applied anew when leases are loaded',
    why: 'In memory alone: under the old flags the old TTL is back.',
    source: 'lessor: initAndRecover',
    needs: ['restart', 'virtual clock'],
    story: `
at 0   c1  grant A ttl=3           → A ttl=3
at 1s      restart heartbeat=500ms election=5s
at +0  c1  ttl A                   → 13 of 8
at +1s     restart heartbeat=100ms election=1s
at +0  c1  ttl A                   → 4 of 3
at +6s c1  ttl A                   → -1 of 0`,
  },
  {
    id: 'restart-spreads',
    rules: ['RESTART-04'],
    title: 'with 1,000 leases or more a promotion spreads those that would expire together',
    why: 'So that a new leader is not buried in revokes: 750 a second.',
    source: 'lessor: Promote',
    needs: ['restart', 'virtual clock', 'disturbance'],
    story: `
at 0   c1  grant B*1000 ttl=30     → B ttl=30
at 1s      restart
at +0  c1  ttl B.1
at +45s c1 leases                  → none`,
  },
  {
    id: 'checkpoints-off',
    rules: ['CKPT-01'],
    title: 'without checkpoints a restart gives the full TTL, however much had passed',
    why: 'They are off by default.',
    source: 'lessor: scheduleCheckpointIfNeeded',
    needs: ['restart', 'virtual clock'],
    story: `
at 0    c1  grant A ttl=900        → A ttl=900
at 310s c1  ttl A                  → 590 of 900
at +0       restart
at +0   c1  ttl A                  → 901 of 900
at +0   c1  revoke A               → ok`,
  },
  {
    id: 'checkpoints-on',
    rules: ['CKPT-02', 'CKPT-03', 'CONST-12', 'CONST-13', 'CKPT-05'],
    title: 'with checkpoints a lease of more than 300 s keeps what remained at its last one',
    why: 'One every five minutes; a lease of exactly 300 s gets none.',
    source: 'lessor: scheduleCheckpointIfNeeded, Checkpoint',
    needs: ['restart', 'virtual clock'],
    story: `
at 0          restart checkpoint=on persist=on
at +0     c1  grant A ttl=900      → A ttl=900
at +0     c1  grant B ttl=300      → B ttl=300
at A.deadline-601s c1  keep-alive B         → ttl=300
at A.deadline-599s c1  put k lease=A        → ok
at +9s        restart
at +0     c1  ttl A
at +0     c1  ttl B                → 301 of 300
at +0     c1  revoke A             → ok
at +0     c1  revoke B             → ok`,
  },
  {
    id: 'checkpoint-without-persistence',
    rules: ['CKPT-06'],
    title: 'from 3.6 on checkpoints outlive a restart without a switch of their own; before, not',
    why: 'At a cluster version of 3.6 they persist by themselves. What 3.4 keeps is accident.',
    source: 'server: NewServer; lessor: initAndRecover',
    needs: ['restart', 'virtual clock'],
    story: `
at 0          restart checkpoint=on
at +0     c1  grant A ttl=900      → A ttl=900
at A.deadline-599s c1  put k lease=A        → ok
at +9s        restart
at +0     c1  ttl A
at +0     c1  revoke A             → ok`,
  },
  {
    id: 'checkpoint-renewed',
    rules: ['CKPT-04', 'KA-09'],
    title: 'a renewal clears the checkpoint: the next restart gives the full TTL',
    why: 'The lease has its whole life before it again.',
    source: 'lessor: Renew',
    needs: ['restart', 'virtual clock'],
    story: `
at 0          restart checkpoint=on persist=on
at +0     c1  grant A ttl=900      → A ttl=900
at A.deadline-599s c1  put k lease=A        → ok
at +4s    c1  keep-alive A         → ttl=900
at +5s    c1  put l                → ok
at +0         restart
at +0     c1  ttl A                → 901 of 900
at +0     c1  revoke A             → ok`,
  },
  {
    id: 'checkpoint-residue',
    rules: ['KA-10'],
    title: 'with checkpoints switched off again, a renewal extends only to what was stored',
    why: 'A bug of every version, which says the granted TTL all the same; clients should know.',
    source: 'lessor: Renew, refresh',
    needs: ['restart', 'virtual clock'],
    story: `
at 0          restart checkpoint=on persist=on
at +0     c1  grant A ttl=900      → A ttl=900
at A.deadline-599s c1  put k lease=A        → ok
at +9s        restart checkpoint=off persist=off
at +0     c1  keep-alive A         → ttl=900
at +0     c1  ttl A
at +0     c1  revoke A             → ok`,
  },
  {
    id: 'ids-after-a-restart',
    rules: ['CONST-14'],
    title: 'ids that a server chooses go on growing after a restart',
    why: 'They begin with the instant of its start.',
    source: 'pkg/idutil: NewGenerator',
    needs: ['restart'],
    story: `
at 0     c1  grant A ttl=600          → A ttl=600
at +0    c1  grant B ttl=600          → B ttl=600
at +1s       restart
at +2s   c1  grant C ttl=600          → C ttl=600
at +0    c1  grant D ttl=600          → D ttl=600
at +0    c1  ttl A`,
  },
];
