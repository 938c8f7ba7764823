/** What Go's client breaks, as its command line shows it. */
import type { ClientFinding } from './client-finding.ts';

const etcdctl = (finding: Omit<ClientFinding, 'client' | 'confirmed'>): ClientFinding => ({
  client: 'etcdctl',
  confirmed: null,
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
      'of a TTL at most, as an answer that is later still finds the lease given up.',
    cause:
      '`recvKeepAlive` of clientv3 sets the deadline to the TTL from when it reads the answer. ' +
      'The server counts from when it carries the request out, which is earlier.',
    remedy: 'Count from when the request was sent, which is remembered for each lease.',
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
      'Here for a fifth of a second, in other stories for half a second, another one may hold ' +
      'the lock as well.',
    cause:
      '`deadlineLoop` of clientv3 looks every 500 ms for leases whose time is up, and counts ' +
      'that from when it read the last answer.',
    remedy: 'Wait until the earliest deadline rather than for a fixed time.',
  }),
];
