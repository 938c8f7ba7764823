/** A server in trouble: without a leader, behind with its log, stopped for a while. */
import type { Cases } from '../case.ts';

export const TROUBLE: Cases = [
  {
    id: 'no-leader-no-expiry',
    rules: ['LIST-05'],
    title: 'the list of leases and serializable reads need no leader, without whom nothing expires',
    why: 'Only a leader has deadlines, and the next one sets them anew. A list asks nobody else.',
    source: 'lessor: Demote, Promote; v3_server: LeaseLeases',
    needs: ['leader loss'],
    story: `
at 0      c1  grant A ttl=2                → A ttl=2
at +0     c1  put k lease=A                → ok
at 1s         leader lost
at 1h     c1  get k serializable           → k lease=A
at +0     c1  leases                       → A
at +0         leader back
at +0     c1  ttl A keys                   → 3 of 2 keys=k
at A.deadline-1ms c1  get k                → k lease=A
at A.turn c1  get k                        → none`,
  },
  {
    id: 'no-leader-writes',
    rules: ['RESTART-07', 'CONST-09'],
    title: 'without a leader writes wait, and fail after 7 s; a leader in time serves them',
    why: 'Five seconds and two election timeouts.',
    source: 'config: ReqTimeout; v3_server: processInternalRaftRequestOnce',
    needs: ['leader loss'],
    story: `
at 0      leader lost
at 0      c1  put a           → waits, then refused proposal-timed-out
at 1ms    c1  grant A ttl=5   → waits, then A ttl=5
at 7s         leader back
at +0     c1  get a           → none
at +0     c1  ttl A           → 5 of 5
at +0     c1  revoke A        → ok`,
  },
  {
    id: 'no-leader-keep-alive',
    rules: ['KA-12'],
    title: 'a keep-alive waits for a leader up to 7 s, with all that stands behind it',
    why: 'It looks for one once in an election timeout; without one its stream ends.',
    source: 'v3_server: LeaseRenew, waitLeader',
    needs: ['leader loss'],
    story: `
at 0      c1  grant A ttl=10    → A ttl=10
at 0          leader lost
at 0      c1  keep-alive A      → waits, then ttl=10
at 500ms  c1  keep-alive #9     → waits, then ttl=0
at 999ms      leader back
at 1s     c1  ttl A             → 10 of 10
at +0         leader lost
at +0     c1  keep-alive A      → waits, then refused no-leader
at +6s    c1  keep-alive #9     → waits, then refused no-leader
at +1s        leader back
at +0     c1  revoke A          → ok`,
  },
  {
    id: 'no-leader-time-to-live',
    rules: ['TTL-08'],
    title: 'time-to-live waits for a leader, or is refused after 7 s',
    why: 'The remaining time is the leader’s to tell. It looks once in an election timeout.',
    source: 'v3_server: waitLeader',
    needs: ['leader loss'],
    story: `
at 0       c1  grant A ttl=10   → A ttl=10
at 0           leader lost
at 100ms   c1  ttl A            → waits, then 10 of 10
at 1100ms      leader back
at 2099ms  c1  ttl A            → 10 of 10
at +2s         leader lost
at +0      c1  ttl A            → waits, then refused no-leader
at +7s         leader back
at +0      c1  revoke A         → ok`,
  },
  {
    id: 'behind-with-its-log',
    rules: ['CONST-10'],
    title: 'time-to-live waits a second for what is committed, a read without end',
    why: 'What is committed and not applied is not seen: lists and serializable reads show it.',
    source: 'v3_server: waitAppliedIndex',
    needs: ['slow apply'],
    story: `
at 0       c1  grant A ttl=60         → A ttl=60
at 0       c1  put k value=1 lease=A  → ok
at 1s          slow apply
at 1s      c1  put k value=2          → waits, then ok
at 1s      c1  ttl A                  → waits, then refused apply-timed-out
at 1001ms  c2  ttl A                  → waits, then 58 of 60
at 1s      c1  get k                  → waits, then k=2
at 1s      c1  get k serializable     → k=1 lease=A
at 1s      c1  leases                 → A
at 2s          apply catches up
at +0      c1  ttl A keys             → 58 of 60
at +0      c1  revoke A               → ok`,
  },
  {
    id: 'fresh-keep-alive',
    rules: ['KA-15'],
    title: 'a keep-alive takes account of what was committed before it',
    why: 'It waits up to a second for that; from 3.7 on only where it does not find the lease.',
    source: 'v3_server: LeaseRenew, waitAppliedIndex',
    needs: ['slow apply'],
    story: `
at 0       c1  grant A ttl=60         → A ttl=60
at 1s          slow apply
at 1s      c1  grant B ttl=10 id=9    → waits, then B ttl=10
at 1s      c1  keep-alive #9          → waits, then refused apply-timed-out
at 1500ms  c2  keep-alive #9          → waits, then ttl=10
at 2499ms      apply catches up
at +0      c1  revoke A               → ok
at +0      c1  revoke B               → ok`,
  },
  {
    id: 'sixteen-revokes-at-once',
    rules: ['CONST-06'],
    title:
      'sixteen revokes of a turn are proposed at once, the seventeenth behind what came meanwhile',
    why: 'A put on a lease whose revoke is in the log already comes too late.',
    source: 'server: revokeExpiredLeases',
    needs: ['slow apply'],
    story: `
at 0       c1  grant A*17 ttl=2       → A ttl=2
at 1s          slow apply
at 2500ms  c1  put p lease=A.16       → waits, then refused lease-not-found
at 2500ms  c1  put q lease=A.17       → waits, then ok
at 3s          apply catches up
at +0      c1  get a to z             → none
at +0      c1  leases                 → none`,
  },
  {
    id: 'revoked-again',
    rules: ['CONST-08'],
    title: 'what a turn set out to revoke is revoked again after 7 s, whosever its id is then',
    why: 'A revoke without effect is tried again after the request timeout.',
    source: 'server: NewServer; lessor: expireExists',
    needs: ['slow apply'],
    story: `
at 0       c1  grant A ttl=2 id=1     → A ttl=2
at 1s          slow apply
at 3s      c1  grant B ttl=60 id=1    → waits, then B ttl=60
at 9500ms      apply catches up
at +0      c1  leases                 → none`,
  },
  {
    id: 'demoted-while-it-waits',
    rules: ['RESTART-05'],
    title: 'a keep-alive that waited for its lease to go waits for a leader, who renews it',
    why: 'Who leads no more has no deadlines, and holds nobody for them.',
    source: 'lessor: Demote; v3_server: LeaseRenew',
    needs: ['leader loss'],
    story: `
at 1ms         c1  grant A ttl=2      → A ttl=2
at A.deadline  c1  keep-alive A       → waits, then ttl=2
at +1ms            leader lost
at +999ms          leader back
at +1ms        c1  ttl A              → 2 of 2
at +0          c1  revoke A           → ok`,
  },
  {
    id: 'stopped-past-the-deadline',
    rules: ['EXP-13', 'KA-16'],
    title: 'for a server that is stopped time goes on: what is due goes in its first turn after',
    why: 'To a process a stop and a leap of the clock are the same. No keep-alive rescues then.',
    source: 'lessor: runLoop, expired',
    needs: ['virtual clock'],
    story: `
at 1ms     c1  grant A ttl=5   → A ttl=5
at +0      c1  put k lease=A   → ok
at 1s          jump 3s
at +0      c1  keep-alive A    → ttl=5
at +0      c1  ttl A           → 5 of 5
at +0          jump 30s        → revoked A
at +0      c1  keep-alive A    → ttl=0
at +0      c1  get k           → none`,
  },
];
