/** What Go's clientv3 breaks, with its sessions, locks and elections. */
import type { ClientFinding } from './client-finding.ts';

const clientv3 = (finding: Omit<ClientFinding, 'client' | 'confirmed'>): ClientFinding => ({
  client: 'clientv3',
  confirmed: null,
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
  }),
];
