/** What Go's client breaks, as its command line shows it. */
import type { ClientFinding } from './client-finding.ts';

const etcdctl = (finding: Omit<ClientFinding, 'client'>): ClientFinding => ({
  client: 'etcdctl',
  ...finding,
});

export const ETCDCTL: readonly ClientFinding[] = [
  etcdctl({
    slug: 'late-answer',
    contract: 'FUZZ-01',
    title: 'A late answer to a renewal makes believe in a lease that has expired',
    lasts: '25s',
    story: `
      at 0       c1  grant A ttl=9
      at 4s      delay 1 keep-alive reply of c1 by 5s
      at 6200ms  lose 100 keep-alive requests of c1`,
    consequence:
      'An answer that is under way for five seconds, as over a broken route, or because the ' +
      'process stood still, makes the client believe for five seconds too long; for two thirds ' +
      'of a TTL at most, as an answer that is later still finds the lease given up. FUZZ-02 is ' +
      'broken by it, too, and by the client looking for what is overdue every half second.',
    cause:
      '`recvKeepAlive` of clientv3 sets the deadline to the TTL from when it reads the answer. ' +
      'The server counts from when it carries the request out, which is earlier.',
    remedy: 'Count from when the request was sent, which is remembered for each lease.',
    confirmed:
      'a proxy kept what the server sent from 5.9 s to 11 s, and from 6.2 s on lost what the ' +
      'client sent: at 19.9 s the server did not know the lease any more, and etcdctl went on',
  }),
  etcdctl({
    slug: 'silent-stream',
    contract: 'FUZZ-08',
    title: 'A stream that goes silent is not left: the lease is lost, with the server at hand',
    lasts: '15s',
    story: `
      at 0   c1  grant A ttl=9
      at 4s  abandon 1 keep-alive call of c1`,
    consequence:
      'A proxy or a member that keeps the stream open and serves it no more costs all leases of ' +
      'the client, though any new stream would be answered.',
    cause:
      '`sendKeepAliveLoop` of clientv3 asks again every 500 ms on the same stream; a new one is ' +
      'opened when the stream fails alone. The pings of HTTP/2 are answered by whoever is ' +
      'nearest, a proxy perhaps.',
    remedy: 'Open a new stream when nothing was answered on the old one for a third of a TTL.',
    confirmed:
      'behind a proxy that served the stream no more, and any other one, etcdctl gave the lease ' +
      'up when the server had expired it; another etcdctl was answered by the same proxy meanwhile',
  }),
  etcdctl({
    slug: 'wall-clock-drops-connection',
    etcd: '3.4.23',
    contract: 'FUZZ-09',
    title: 'The wall clock set back drops a connection that is well, and a renewal comes late',
    lasts: '20s',
    story: `
      at 0   c1  grant A ttl=2
      at 4s  wall clock -60s`,
    consequence:
      'Twelve seconds after the clock was set back, by more than that, the connection is closed ' +
      'though every ping on it was answered; the renewal that was due comes half a second late, ' +
      'and any call that is under way fails. etcdctl 3.5.30 drops its connection in the same ' +
      'instant; there the renewal of that instant is sent just before, and it takes a stream ' +
      'that began beside the half second of its connection (`at 100ms  end 1 keep-alive call of ' +
      'c1 with status 14`) to show the delay.',
    cause:
      '`keepalive` of `internal/transport/http2_client.go` of grpc-go (1.33.3 here, 1.81.1 in ' +
      '3.5.30; the same in 1.83.2) takes `lastRead` and `prevNano` from `time.Now().UnixNano()`, ' +
      'the wall clock: what is read after the step has an earlier time than what was read before ' +
      'it, and does not count as activity, until the clock has caught up.',
    remedy:
      'Measure `lastRead` by the monotonic clock, as `time.Since` of a fixed `time.Time` does. ' +
      'It is for grpc-go rather than for etcd.',
    confirmed:
      'etcdctl 3.4.23 and 3.5.30 whose wall clocks were set back connected anew 12 s later, ' +
      'and were a renewal short',
  }),
  etcdctl({
    slug: 'lock-outlives-key',
    contract: 'FUZZ-24',
    title: 'Who holds a lock hears of its loss only after its key is gone',
    lasts: '15s',
    story: `
      at 200ms  c1  lock L ttl=3
      at 4s     black hole out for 10s`,
    consequence:
      'Here for a fifth of a second, in other stories for half a second, and for a whole one ' +
      'where an answer is late as well, another one may hold the lock too.',
    cause:
      '`deadlineLoop` of clientv3 looks once a second for leases whose time is up, and counts ' +
      'that from when it read the last answer.',
    remedy: 'Wait until the earliest deadline rather than for a fixed time.',
    confirmed:
      'behind a TCP proxy that passed nothing any more the key was gone at 7.1 s, and etcdctl ' +
      'still held the lock; it ended by 7.3 s',
  }),
];
