/** What npm's etcd3 breaks with leases. */
import type { ClientFinding } from './client-finding.ts';

const etcd3 = (finding: Omit<ClientFinding, 'client'>): ClientFinding => ({
  client: 'etcd3',
  ...finding,
});

const TWICE =
  '`Lease.keepalive` gives a lease up when `Date.now() - lastKeepAlive` exceeds `2 * 1000 * ' +
  'ttl`, ' +
  'and looks only when it is about to open a stream. The server expires the lease after one TTL.';

export const ETCD3_LEASES: readonly ClientFinding[] = [
  etcd3({
    slug: 'believed-after-expiry',
    contract: 'FUZZ-01',
    title: 'A lease is held for alive up to two TTLs after the server stopped answering',
    lasts: '20s',
    story: `
      at 0   c1  grant A ttl=3
      at 5s  black hole both for 15s`,
    consequence:
      'For a whole TTL, and a little more, an application acts as the owner of what another one ' +
      'may own by then: a service is still announced, a job still done, and `lost` comes too late.',
    cause: TWICE,
    remedy:
      'Arm a timer for `sentAt + 1000 * ttl` whenever a renewal is answered, `sentAt` being when ' +
      'its request was written, and emit `lost` when it fires. The Go client ends its keep-alive ' +
      'channel when one TTL has passed.',
    confirmed:
      'behind a TCP proxy that stops passing bytes, the server said of the lease, TTL 2 s, that ' +
      'it does not exist, and `lost` had not come',
  }),
  etcd3({
    slug: 'counts-on-lost-replies',
    contract: 'FUZZ-02',
    title: 'The time of a lease is not counted from its last answered renewal',
    lasts: '20s',
    story: `
      at 0   c1  grant A ttl=3
      at 5s  lose 100 keep-alive replies of c1`,
    consequence:
      'What a client does not hear it cannot build on: in the time between one TTL and two ' +
      'it has ' +
      'no reason at all to hold its lease for alive. Here the requests arrive and the lease ' +
      'lives; ' +
      'the client cannot tell that from the finding above.',
    cause: TWICE,
    remedy: 'As above.',
    confirmed:
      'behind a proxy that passed the requests of renewals and kept the answers, `lost` had not ' +
      'come 3 s after the last answer, TTL 2 s',
  }),
  etcd3({
    slug: 'loss-told-late',
    contract: 'FUZZ-03',
    title: 'With the wall clock set back, the loss of a lease is told late, or never',
    lasts: '30s',
    story: `
      at 0   c1  grant A ttl=3
      at 4s  wall clock -1h
      at 5s  black hole both for 25s`,
    consequence:
      'A correction of the clock during an outage, as NTP makes it, keeps `lost` from coming ' +
      'until ' +
      'the clock has caught up: an hour here. The lease was gone after three seconds.',
    cause: '`lastKeepAlive` and its comparison in `Lease.keepalive` use `Date.now()`.',
    remedy: 'Use `performance.now()`, or timers, which do not follow the wall clock.',
    confirmed:
      'with a `Date.now` that is set back by an hour and a proxy that passes nothing, the server ' +
      'did not know the lease, TTL 2 s, any more, and `lost` had not come after more than two TTLs',
  }),
  etcd3({
    slug: 'lost-twice',
    contract: 'FUZZ-04',
    title: '`lost` is emitted again by each write after the loss',
    lasts: '5s',
    story: `
      at 0   c1  grant A ttl=9
      at 1s  another revokes A
      at 2s  c1  put k with A
      at 3s  c1  put l with A`,
    consequence:
      'The documented way to re-grant, in a handler of `lost`, makes a new lease for each such ' +
      'write, each kept alive.',
    cause:
      '`LeaseClientWrapper.exec` calls `lease.emitLoss` whenever a write meets ' +
      '`EtcdLeaseInvalidError`; `emitLoss` does not ask whether the lease was lost, or revoked, ' +
      'before.',
    remedy: 'Return from `emitLoss` at once when the state is `Revoked`.',
    confirmed: 'the lease was revoked by another client, and two writes gave two events',
  }),
  etcd3({
    slug: 'renewed-after-loss',
    contract: 'FUZZ-05',
    title: '`keepaliveSucceeded` is emitted after `lost`',
    lasts: '8s',
    story: `
      at 0       c1  grant A ttl=9
      at 2900ms  delay 1 keep-alive reply of c1 by 3s
      at 4s      another revokes A
      at 5s      c1  put k with A`,
    consequence: 'Whoever goes by these events takes a lease for alive that is gone.',
    cause:
      'After `teardown` the listener for `data` in `Lease.keepalive` remains on the stream, ' +
      'which ' +
      'is half-closed: an answer that is under way is taken for a renewal.',
    remedy: 'In that listener, return when the state is `Revoked`; or cancel the stream.',
    confirmed:
      'a proxy kept the answer to a renewal while another client revoked the lease and a put ' +
      'gave `lost`; when it let the answer go, `keepaliveSucceeded` came',
  }),
  etcd3({
    slug: 'clock-ends-lease',
    contract: 'FUZZ-07',
    title: 'A step of the wall clock and one reconnection end a lease that is alive',
    lasts: '12s',
    story: `
      at 0   c1  grant A ttl=9
      at 4s  wall clock +1h
      at 5s  disconnect c1`,
    consequence:
      'All leases of a process are given up at once, though each has most of its TTL left ' +
      'and the ' +
      'server is reachable. Their keys remain until they expire.',
    cause:
      '`Lease.keepalive` compares `Date.now()` with `lastKeepAlive` before it opens a stream ' +
      'again.',
    remedy: 'Use `performance.now()`, which no step moves.',
    confirmed:
      'with a `Date.now` that is set an hour forward and a connection that is reset, `lost` came ' +
      'while the server gave the lease most of its TTL',
  }),
  etcd3({
    slug: 'one-disconnect-ends-all',
    contract: 'FUZZ-08',
    title: 'One connection that fails ends the leases of a client that has three or more',
    lasts: '12s',
    story: `
      at 0       c1  grant A ttl=5
      at 0       c1  grant B ttl=5
      at 0       c1  grant C ttl=5
      at 4500ms  disconnect c1`,
    consequence:
      'A connection is reset, as when a member restarts or a proxy drops it; the server can be ' +
      'reached again at once. The client does not try for five seconds, and all leases with ' +
      'a TTL ' +
      'of about five seconds or less expire, with their keys.',
    cause:
      'Each lease has a stream; each that fails counts as a failure of the host ' +
      '(`ConnectionPool.markFailed`), and the default circuit breaker, ' +
      '`ConsecutiveBreaker(3)` with ' +
      '`halfOpenAfter: 5000`, opens at the third: one incident is counted three times. While ' +
      'it is ' +
      'open `Lease.keepalive` cannot open a stream.',
    remedy:
      'Count failures of one channel once; and let renewals pass the breaker, or have it ' +
      'half open ' +
      'after a fraction of the shortest TTL. One stream for all leases, as in the Go client, ' +
      'helps ' +
      'as well.',
    confirmed:
      'behind a proxy that resets its connections once and serves new ones at once, three leases ' +
      'with TTL 3 s were all gone from the server four seconds later; a client with one ' +
      'lease kept it',
  }),
  etcd3({
    slug: 'connection-storm',
    contract: 'FUZZ-19',
    title: 'While a server is down, each lease connects anew ten times a second',
    lasts: '10s',
    story: `
      at 0   c1  grant A ttl=9
      at 4s  refuse connections for 5s
      at 4s  disconnect c1`,
    consequence:
      'A thousand processes make ten to twenty thousand connections a second to a ' +
      'server that is about to ' +
      'come back.',
    cause:
      '`handleKeepaliveError` tries again after 100 ms whatever happened before, and ' +
      '`ConnectionPool.markFailed` closes the channel at each failure: the back-off of gRPC ' +
      'begins ' +
      'anew with the next one.',
    remedy: 'Back off exponentially with jitter, at most to a third of the TTL; keep the channel.',
    confirmed:
      'a proxy that reset each connection at once counted up to 20 in a second from one lease',
  }),
  etcd3({
    slug: 'put-after-loss',
    contract: 'FUZZ-27',
    title: 'Keys are put with a lease that was reported lost',
    lasts: '10s',
    story: `
      at 0   c1  grant A ttl=9
      at 4s  wall clock +1h
      at 5s  disconnect c1
      at 7s  c1  put k with A`,
    consequence:
      'After `lost`, `lease.put(…)` still writes, and succeeds while the server has the ' +
      'lease: the ' +
      'key is deleted behind the back of its writer when the lease, renewed by nobody, expires.',
    cause: '`Lease.put` uses the id of the lease whatever its state.',
    remedy: 'Reject in `Lease.put` when the state is `Revoked`.',
    confirmed: 'the same, with a put after `lost`: it was accepted, and its key was there',
  }),
  etcd3({
    slug: 'wall-clock',
    contract: 'FUZZ-30',
    title: 'A step of the wall clock changes what a client does',
    lasts: '12s',
    story: `
      at 0   c1  grant A ttl=9
      at 4s  wall clock +20s
      at 5s  disconnect c1`,
    consequence: 'This is the cause of two findings above; a step of twice the TTL is enough.',
    cause: '`Lease` measures by `Date.now()`.',
    remedy: 'Use `performance.now()`.',
    confirmed: 'as the finding about a step of the wall clock above',
  }),
];
