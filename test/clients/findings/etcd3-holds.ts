/** What npm's etcd3 breaks with locks and elections, and with calls. */
import type { ClientFinding } from './client-finding.ts';

const etcd3 = (finding: Omit<ClientFinding, 'client'>): ClientFinding => ({
  client: 'etcd3',
  ...finding,
});

export const ETCD3_HOLDS: readonly ClientFinding[] = [
  etcd3({
    slug: 'watch-throws',
    contract: 'FUZZ-18',
    title: 'A second answer to the creation of a watch ends the process',
    lasts: '5s',
    story: `
      at 0   duplicate 1 watch request of c2
      at 0   c1  campaign E ttl=3
      at 1s  c2  campaign E ttl=3`,
    consequence:
      'The error is thrown in a listener of the stream, where no application can catch it: ' +
      'Node ends the process, with all its leases. It takes a proxy or a library that sends a ' +
      'request twice, which is rare.',
    cause:
      'The watch manager looks for a watcher that is being created when it gets such an answer, ' +
      'and throws where there is none.',
    remedy: 'Cancel a watch that nobody waits for, or emit the error.',
    confirmed:
      'a proxy sent the request twice, etcd answered twice, and the process ended with code 1 ' +
      'and this error',
  }),
  etcd3({
    slug: 'lock-never-settles',
    contract: 'FUZZ-20',
    title: 'A lock of which the answer is lost is held for ever, and `acquire()` never settles',
    lasts: '12s',
    story: `
      at 0  lose 1 txn reply of c1
      at 0  c1  lock L ttl=3`,
    consequence:
      'The key is on the server and its lease is renewed, while nobody in the process has the ' +
      'lock, or can release it: no other process gets it before this one ends.',
    cause:
      '`Lock.acquire` has no time limit of its own, and calls have none unless ' +
      '`defaultCallOptions` ' +
      'sets a deadline; closing the client does not end them.',
    remedy: 'A default deadline for unary calls; and in `close`, cancel the calls that are open.',
    confirmed:
      'behind a proxy that kept the answer to the transaction, `acquire()` of a lock, TTL 2 s, ' +
      'had not settled after five seconds, nor one after `close()`, and the key was there',
  }),
  etcd3({
    slug: 'lock-leaks-lease',
    contract: 'FUZZ-23',
    title: 'The lease of a lock whose transaction failed is renewed for ever',
    lasts: '12s',
    story: `
      at 0  refuse 10 txn calls of c1 with status 8
      at 0  c1  lock L ttl=3`,
    consequence:
      '`acquire()` rejects, and the lease it was granted lives as long as the process. Each ' +
      'attempt adds one, with a stream and timers. If the transaction took effect before the ' +
      'call ' +
      'failed, the lock stays taken, and nobody has it.',
    cause: '`Lock.acquire` releases when the comparison fails, and not when `commit()` rejects.',
    remedy: 'In `acquire`, catch any error after the grant, revoke the lease, and rethrow.',
    confirmed:
      'an `acquire()` of the lock with the empty name is rejected by the server; its lease, TTL ' +
      '2 s, was still there after five seconds',
  }),
  etcd3({
    slug: 'lock-outlives-key',
    contract: 'FUZZ-24',
    title: 'Who holds a lock is not told that it is lost',
    lasts: '30s',
    story: `
      at 0   c1  lock L ttl=3
      at 5s  black hole both for 20s`,
    consequence:
      'A critical section goes on, without any sign, for as long as it takes. `Lock` has no ' +
      'event, ' +
      'and `do()` neither rejects nor aborts.',
    cause:
      '`Lock.acquire` makes a lease and listens to none of its events; `lock.release()` of a ' +
      'lock ' +
      'that was lost succeeds.',
    remedy:
      'Emit `lost`, or give `do()` an `AbortSignal`, and reject its promise when the lease ' +
      'is lost.',
    confirmed:
      'behind a proxy that stops passing bytes, the lock, TTL 2 s, was acquired by ' +
      'another client ' +
      'while the function that `do()` was given still ran, without any sign',
  }),
  etcd3({
    slug: 'elected-after-resign',
    contract: 'FUZZ-24',
    title: 'A candidate that resigned while it waited is told that it is elected',
    lasts: '10s',
    story: `
      at 0   c1  campaign E ttl=3
      at 1s  c2  campaign E ttl=3
      at 2s  c2  resign E
      at 6s  c1  resign E`,
    consequence:
      '`elected` is emitted, and `wait()` resolves, for a candidate that has no key on the ' +
      'server. ' +
      'The documentation of `wait()` says that it never resolves in this case.',
    cause:
      '`Campaign.waitForElected` returns both when it is elected and when it finds itself ' +
      'resigned; ' +
      '`Campaign.start` emits `elected` either way. A candidate whose lease is lost goes on ' +
      'to wait ' +
      'and is told the same.',
    remedy:
      'In `start`, emit only if `keyRevision` is not `ResignedCampaign`; and resign when the ' +
      'lease ' +
      'is lost.',
    confirmed: 'the same four steps: `elected` came, and the key of the candidate was not there',
  }),
  etcd3({
    slug: 'two-leaders',
    contract: 'FUZZ-25',
    title: 'Two candidates lead at once, without any fault',
    lasts: '10s',
    story: `
      at 0   c1  campaign E ttl=3
      at 1s  c2  campaign E ttl=3
      at 2s  c2  resign E
      at 5s  c3  campaign E ttl=3
      at 6s  c1  resign E`,
    consequence:
      'When the leader resigns, a candidate that resigned earlier and the next one in turn are ' +
      'both told that they are elected, and both act.',
    cause: 'As in the finding before.',
    remedy: 'As in the finding before.',
    confirmed: 'the same five steps: `elected` came to both',
  }),
  etcd3({
    slug: 'two-holders',
    contract: 'FUZZ-25',
    title: 'Two clients hold one lock after a stream that went silent',
    lasts: '20s',
    story: `
      at 0    c1  lock L ttl=3
      at 5s   abandon 1 keep-alive call of c1
      at 10s  c2  lock L ttl=3`,
    consequence:
      'A stream that stays open and is served no more, as behind a proxy whose backend is ' +
      'gone, is ' +
      'enough: the lease expires, the second client gets the lock, and the first has no sign ' +
      'of it.',
    cause:
      'As in the finding about locks above; besides, a silent stream is given up after a ' +
      'whole TTL ' +
      'without an answer, when there is no time left to renew on another one.',
    remedy: 'As above; and open another stream when an answer is late by a third of the TTL.',
    confirmed: 'as the finding about locks above, by the same proxy',
  }),
  etcd3({
    slug: 'lock-renewed-after-close',
    contract: 'FUZZ-29',
    title: 'A lock is held on by a client that was closed',
    lasts: '10s',
    story: `
      at 1s  c1  lock L ttl=3`,
    consequence:
      'No other process gets the lock before this one ends, though it has closed its client.',
    cause: '`Etcd3.close` does not know of leases; those of locks are no different.',
    remedy: 'As for leases: release them in `close`.',
    confirmed: 'the key of the lock, TTL 2 s, was still there five seconds after `close()`',
  }),
];
