/** What Go's clientv3 breaks, with its sessions, locks and elections. */
import type { ClientFinding } from './client-finding.ts';

const clientv3 = (finding: Omit<ClientFinding, 'client'>): ClientFinding => ({
  client: 'clientv3',
  ...finding,
});

const FIRST =
  '`KeepAlive` of clientv3 gives a new lease five seconds, or the dial timeout and one more, for ' +
  'its first renewal (`firstKeepAliveTimeout`), as the TTL is not known to it.';

export const CLIENTV3: readonly ClientFinding[] = [
  clientv3({
    slug: 'short-lease-believed-five-seconds',
    contract: 'FUZZ-03',
    title: 'A short lease that is never renewed is believed alive for five seconds',
    lasts: '10s',
    story: `
      at 0      c1  grant A ttl=2
      at 100ms  lose 100 keep-alive requests of c1`,
    consequence:
      'A session with a TTL of two seconds of which no renewal was answered is held for ' +
      'alive for ' +
      'three seconds after it has expired; what it protects belongs to somebody else then.',
    cause: FIRST,
    remedy: 'Let the one who has granted the lease say its TTL, as `concurrency.Session` could.',
    confirmed:
      'a proxy lost what the client sent on its stream from 0.1 s on: at 2.1 s the server did ' +
      'not know the lease any more; at 4.9 s its channel was open, and at 5 s it was closed',
  }),
  clientv3({
    slug: 'long-lease-given-up-after-five-seconds',
    contract: 'FUZZ-07',
    title: 'A lease of any TTL is given up when its first renewal takes five seconds',
    lasts: '40s',
    story: `
      at 0      c1  grant A ttl=30
      at 100ms  black hole both for 8s`,
    consequence:
      'The channel is closed five seconds after the grant, or `Session.Done` fires, while the ' +
      'lease has 25 s left; nobody renews it any more, and the work that stands on it is ' +
      'broken off.',
    cause: FIRST,
    remedy: 'Let the one who has granted the lease say its TTL, as `concurrency.Session` could.',
    confirmed:
      'behind a TCP proxy that passed nothing from 0.1 s on, the channel was closed at 5 s, when ' +
      'the server gave the lease 25 s',
  }),
  clientv3({
    slug: 'silent-stream',
    contract: 'FUZZ-08',
    title: 'A stream that goes silent costs all leases of the client, with the server at hand',
    lasts: '20s',
    story: `
      at 0       c1  grant A ttl=9
      at 1500ms  c1  grant B ttl=12
      at 4s      abandon 1 keep-alive call of c1`,
    consequence:
      'All leases and sessions of a client are renewed on one stream. A proxy or a member that ' +
      'keeps it open and serves it no more costs them all, though any new stream would be ' +
      'answered.',
    cause:
      '`sendKeepAliveLoop` of clientv3 asks again every 500 ms on the same stream; a new one is ' +
      'opened when the stream fails alone.',
    remedy: 'Open a new stream when nothing was answered on the old one for a third of a TTL.',
    confirmed:
      'behind a proxy that from 4 s on served the stream no more, and any other call, the server ' +
      'did not know the first lease any more at 12.6 s, and both were lost, at 13 s and 14 s; a ' +
      'put of the same client at 12 s and a renewal of another one at 12.5 s were answered by ' +
      'the same proxy',
  }),
  clientv3({
    slug: 'granted-on-silent-stream',
    contract: 'FUZZ-09',
    title: 'A lease that is granted after the stream went silent is never renewed',
    lasts: '20s',
    story: `
      at 0   c1  grant A ttl=30
      at 4s  abandon 1 keep-alive call of c1
      at 8s  c1  grant B ttl=9`,
    consequence:
      'Whoever gives up and starts anew with the same client, as sessions are used, gets a lease ' +
      'that is lost again five seconds later, and so on until the last lease on the stream ' +
      'is given up.',
    cause:
      'New leases are renewed on the stream there is; see [above](#clientv3-silent-stream). ' +
      'It is ' +
      'not opened anew when all leases on it are lost, either.',
    remedy: 'Open a new stream when nothing was answered on the old one for a third of a TTL.',
    confirmed:
      'behind a proxy that from 4 s on served the stream no more, and any other call, a lease, ' +
      'TTL 9 s, that was granted at 8 s was never renewed, and was lost at 13 s, when the server ' +
      'gave it 4 s',
  }),
  clientv3({
    slug: 'two-leaders',
    contract: 'FUZZ-25',
    title: 'Two lead at once for as long as the first has not looked at its clock',
    lasts: '15s',
    story: `
      at 400ms  c1  campaign E ttl=3
      at 1s     c2  campaign E ttl=9
      at 4s     lose 100 keep-alive requests of c1`,
    consequence:
      '`Session.Done` fires up to a second after the lease is over, and what stands on the ' +
      'session ' +
      'goes on until then: leases are believed alive (FUZZ-01, FUZZ-02), locks and offices held ' +
      '(FUZZ-24), while the next one has been told that it is his.',
    cause:
      '`deadlineLoop` of clientv3 looks once a second for leases whose time is up, and counts ' +
      'that from when it read the last answer.',
    remedy:
      'Wait until the earliest deadline rather than for a fixed time, and count from when the ' +
      'request was sent. Until then: fence what is protected by the revision of its key.',
    confirmed:
      'the first client was behind a TCP proxy that passed nothing from 4 s on, the second one ' +
      'was not: the server did not know the lease of the first any more at 7 s, when the second ' +
      'was told that it leads; the session of the first was over at 7.4 s',
  }),
];
