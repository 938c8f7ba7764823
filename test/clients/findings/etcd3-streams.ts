/** What npm's etcd3 breaks with streams that it forgets, and when it is closed. */
import type { ClientFinding } from './client-finding.ts';

const etcd3 = (finding: Omit<ClientFinding, 'client'>): ClientFinding => ({
  client: 'etcd3',
  ...finding,
});

export const ETCD3_STREAMS: readonly ClientFinding[] = [
  etcd3({
    slug: 'two-loops',
    contract: 'FUZZ-10',
    title:
      'After a time-out and an error of the same stream, a lease is renewed twice as often ' +
      'for ever',
    lasts: '40s',
    story: `
      at 0        c1  grant A ttl=9
      at 4s       delay 1 keep-alive reply of c1 by 10s
      at 12300ms  disconnect c1`,
    consequence:
      'Each such incident adds a stream with timers of its own; `revoke` and `release` end only ' +
      'the latest. The others renew until the process ends, so that what was released does ' +
      'not expire.',
    cause:
      '`Lease.handleKeepaliveError` runs once for the time-out and once more for the error ' +
      'of the ' +
      'stream that timed out, and of the one that replaced it; each arms `setTimeout(() => ' +
      'this.keepalive(), 100)`. The second `keepalive` overwrites `teardown`.',
    remedy:
      'Ignore errors of a stream that is not the present one, and keep a single timer for ' +
      'the next ' +
      'attempt.',
    confirmed:
      'after a stream on which a proxy let no answer through and, once it had timed out, a ' +
      'connection that was ended, the proxy counted 12 renewals of a lease, TTL 2 s, in four ' +
      'seconds, where six are usual',
  }),
  etcd3({
    slug: 'renewed-after-revoke',
    contract: 'FUZZ-13',
    title: 'A lease that was revoked is renewed on by a forgotten stream',
    lasts: '20s',
    story: `
      at 0        c1  grant A ttl=9
      at 4s       delay 1 keep-alive reply of c1 by 10s
      at 12300ms  disconnect c1
      at 16s      c1  revoke A`,
    consequence: 'As of the finding before, seen at a revocation.',
    cause: 'As of the finding before.',
    remedy: 'As of the finding before.',
    confirmed:
      'after the same incident, the proxy counted six more requests for the lease in the four ' +
      'seconds after `revoke()` had resolved',
  }),
  etcd3({
    slug: 'renewed-after-release',
    contract: 'FUZZ-14',
    title: 'A lease that was released is kept alive by a forgotten stream',
    lasts: '30s',
    story: `
      at 0        c1  grant A ttl=9
      at 4s       delay 1 keep-alive reply of c1 by 10s
      at 12300ms  disconnect c1
      at 16s      c1  release A`,
    consequence: 'What was released is to expire, and does not, as long as the process lives.',
    cause: 'As of the finding before.',
    remedy: 'As of the finding before.',
    confirmed:
      'after the same incident, the server still gave the lease, TTL 2 s, time six seconds after ' +
      '`release()`',
  }),
  etcd3({
    slug: 'asked-for-after-loss',
    contract: 'FUZZ-15',
    title: 'A lease that was reported lost is renewed on by a forgotten stream',
    lasts: '30s',
    story: `
      at 0        c1  grant A ttl=9
      at 4s       delay 1 keep-alive reply of c1 by 10s
      at 12300ms  disconnect c1
      at 16s      zero 1 keep-alive reply of c1`,
    consequence:
      'The application was told that the lease is lost and takes another one; the first, ' +
      'with its ' +
      'keys, is kept alive beside it.',
    cause: 'As of the finding before.',
    remedy: 'As of the finding before.',
    confirmed:
      'after the same incident, with answers kept by the proxy until `lost` came, and on, the ' +
      'server still gave the lease, TTL 2 s, time six seconds after `lost`',
  }),
  etcd3({
    slug: 'asks-after-close',
    contract: 'FUZZ-16',
    title: '`Etcd3.close()` does not end leases: they are renewed on',
    lasts: '7s',
    story: `
      at 0  c1  grant A ttl=3`,
    consequence:
      'A client that was closed keeps its keys alive until the process ends: a service that has ' +
      'stopped is still announced.',
    cause:
      '`ConnectionPool.close` closes the channels, which wait for open streams; nothing ' +
      'tells the ' +
      'leases, whose timers write on the open stream.',
    remedy: 'Keep the leases of a client in a set, and release them in `close`.',
    confirmed: 'the server still gave the lease, TTL 2 s, time five seconds after `close()`',
  }),
  etcd3({
    slug: 'left-after-close',
    contract: 'FUZZ-17',
    title: '`Etcd3.close()` leaves timers, a stream and a connection for each lease',
    lasts: '7s',
    story: `
      at 0  c1  grant A ttl=9
      at 1s c1  put k with A`,
    consequence: 'The process does not end, and the server keeps a connection for it.',
    cause: 'As in the finding before.',
    remedy: 'As in the finding before.',
    confirmed: 'a process that had called `close()`, and had nothing else to do, did not end',
  }),
];
