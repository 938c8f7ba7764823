/** Property by property, a bug that it must not let pass. */
import { NO_BYTES } from '../src/api/bytes.ts';
import type { Put } from '../src/api/command.ts';
import type { KeyValue } from '../src/api/response.ts';
import { type Instant, type Milliseconds, type Revision, seconds } from '../src/api/units.ts';
import * as grants from '../properties/predicates/constants-and-grant.ts';
import * as expired from '../properties/predicates/expired-keys.ts';
import * as expiry from '../properties/predicates/expiry.ts';
import * as keepAlives from '../properties/predicates/keep-alive.ts';
import * as keyValues from '../properties/predicates/key-value.ts';
import * as lists from '../properties/predicates/list.ts';
import * as revokes from '../properties/predicates/revoke.ts';
import * as reports from '../properties/predicates/time-to-live.ts';
import type { Property } from '../properties/property.ts';
import type { SchedulesOptions } from '../properties/schedules.ts';
import {
  answering,
  type Bug,
  doubleTurns,
  idsUsedUp,
  living,
  overdue,
  refused,
  renewsNothing,
  understanding,
} from './planted-bugs.ts';

const MAXIMUM = 9_000_000_000n;
const CROWD: SchedulesOptions = { backlog: [501, 1600], commands: 10 };

/** The next revision, where it should be this one. */
const off = <R extends { readonly revision: Revision }>(response: R, by = 1): R => ({
  ...response,
  revision: (response.revision + by) as Revision,
});

const withoutLease = (kv: KeyValue): KeyValue => ({ ...kv, lease: 0n });

const onPut = (understood: (put: Put) => Put) => understanding('put', understood);
const onTurn = (turn: Bug['turn'] & {}) => (): Bug => ({ turn });
const firstTurn = (at: number) => (): Bug => ({ options: () => ({ firstTurn: at as Instant }) });
const onEvents = (events: Bug['events'] & {}) => (): Bug => ({ events });
const slowElection = (): Bug => ({
  options: ({ config }) => ({
    config: { ...config, election: (2 * config.election) as Milliseconds },
  }),
});

/** The property, what is wrong, and the schedules that may show it. */
export type BuggedProperty = readonly [Property, string, () => Bug, SchedulesOptions?];

export const BUGS: readonly BuggedProperty[] = [
  [
    grants.largestTtl,
    'the limit is one lower',
    understanding('grant', (c) => (c.ttl === MAXIMUM ? { ...c, ttl: MAXIMUM + 1n } : c)),
  ],
  [grants.minimumTtl, 'the election timeout counts twice', slowElection],
  [
    grants.largeTtlFirst,
    'the id is looked at first',
    answering('refused', (r, c) =>
      c.kind === 'grant' && c.id !== 0n ? refused('lease-exists') : r,
    ),
  ],
  [
    grants.clampedTtl,
    'the answer has the requested TTL',
    answering('granted', (r, c) =>
      c.kind === 'grant' ? { ...r, ttl: seconds(Number(c.ttl)) } : r,
    ),
  ],
  [
    grants.constantTtl,
    'the granted TTL melts',
    answering('remainingTtl', (r) => (r.ttl >= 0 ? { ...r, grantedTtl: r.ttl } : r)),
  ],
  [
    grants.refusedGrantCreatesNothing,
    'it is created all the same',
    () => ({
      command: (c) => (c.kind === 'grant' && c.ttl > MAXIMUM ? { ...c, ttl: MAXIMUM } : c),
      response: (r, c) => (c.kind === 'grant' && c.ttl > MAXIMUM ? refused('ttl-too-large') : r),
    }),
  ],
  [
    grants.idInUse,
    'it is granted again',
    answering('refused', (r, c) =>
      r.reason === 'lease-exists' && c.kind === 'grant'
        ? { kind: 'granted', id: c.id, ttl: seconds(2), revision: 1 as Revision }
        : r,
    ),
  ],
  [grants.idFreeAgain, 'it stays used up', idsUsedUp],
  [grants.grantKeepsRevision, 'a grant counts as a write', answering('granted', (r) => off(r))],
  [grants.lifeFromGrant, 'it lives a second longer', living(1n)],
  [grants.chosenIds, 'ids are negative', answering('granted', (r) => ({ ...r, id: -r.id }))],
  [
    grants.askedIds,
    'a negative id is refused',
    answering('granted', (r) => (r.id < 0n ? refused('lease-exists') : r)),
  ],
  [
    revokes.unknownRevoke,
    'it succeeds',
    answering('refused', (r, c) =>
      c.kind === 'revoke' ? { kind: 'revoked', revision: 1 as Revision } : r,
    ),
  ],
  [revokes.revokedKeys, 'keys go in the opposite order', onEvents((e) => e.toReversed())],
  [revokes.revokeWithoutKeys, 'it takes a revision', answering('revoked', (r) => off(r))],
  [
    revokes.revokeRevision,
    'it answers with the one before',
    answering('revoked', (r) => off(r, -1)),
  ],
  [
    revokes.deleteEvents,
    'the previous value has no lease',
    onEvents((e) =>
      e.map((event) =>
        event.prevKv === null ? event : { ...event, prevKv: withoutLease(event.prevKv) },
      ),
    ),
  ],
  [
    revokes.overdueRevoke,
    'it is refused',
    overdue((r, c, isOverdue) =>
      c.kind === 'revoke' && isOverdue(c.id) ? refused('lease-not-found') : r,
    ),
  ],
  [
    keepAlives.inOrder,
    'a stream does not keep its order',
    understanding('keepAlive', (c) => ({ ...c, stream: 10_000 + c.token })),
  ],
  [keepAlives.restoresTtl, 'it renews nothing', renewsNothing],
  [
    keepAlives.unknownKeepAlive,
    'it has no answer',
    answering('keptAlive', (r) => (r.ttl === 0 ? null : r)),
  ],
  [keepAlives.overdueWaits, 'it is answered at once', renewsNothing],
  [
    keepAlives.streamWaits,
    'it holds up nobody',
    understanding('keepAlive', (c) => ({ ...c, stream: 10_000 + c.token })),
  ],
  [keepAlives.earlierRevision, 'it has the revision after', answering('keptAlive', (r) => off(r))],
  [
    reports.truncated,
    'it is rounded up',
    answering('remainingTtl', (r) =>
      r.ttl < r.grantedTtl && r.ttl >= 0 ? { ...r, ttl: seconds(r.ttl + 1) } : r,
    ),
  ],
  [
    reports.reportHolds,
    'it is two seconds too low',
    answering('remainingTtl', (r) => ({ ...r, ttl: seconds(Math.max(0, r.ttl - 2)) })),
  ],
  [
    reports.negative,
    'it stops at 0',
    answering('remainingTtl', (r) => ({ ...r, ttl: seconds(Math.max(0, r.ttl)) })),
    CROWD,
  ],
  [
    reports.unknown,
    'it shows 0 of 0',
    answering('remainingTtl', (r) => (r.grantedTtl === 0 ? { ...r, ttl: seconds(0) } : r)),
  ],
  [
    reports.keys,
    'the first key is missing',
    answering('remainingTtl', (r) => ({ ...r, keys: r.keys.slice(1) })),
  ],
  [lists.idsOnly, 'the list counts as a write', answering('leaseList', (r) => off(r))],
  [
    lists.everyLease,
    'the first lease is missing',
    answering('leaseList', (r) => ({ ...r, ids: r.ids.slice(1) })),
  ],
  [
    lists.soonestFirst,
    'the latest is in front',
    answering('leaseList', (r) => ({ ...r, ids: r.ids.toReversed() })),
  ],
  [expiry.turnsOnGrid, 'turns are off the grid', firstTurn(100)],
  [expiry.turnLimit, 'a turn takes twice as many', doubleTurns, CROWD],
  [expiry.deadlineIncluded, 'the deadline is a millisecond later', firstTurn(501)],
  [expiry.goneInTime, 'one lease is forgotten', onTurn((ids) => ids.slice(1))],
  [expiry.neverEarly, 'it goes a second early', living(-1n)],
  [expiry.together, 'one lease is left', onTurn((ids) => ids.slice(1))],
  [expiry.backlog, 'a turn takes 499', onTurn((ids) => ids.slice(0, 499)), CROWD],
  [expiry.soonestFirst, 'the soonest is left', onTurn((ids) => ids.slice(1)), CROWD],
  [expired.ownRevision, 'keys go in the opposite order', onEvents((e) => e.toReversed())],
  [
    expired.looksLikeRevoke,
    'the previous value is missing',
    onEvents((e) => e.map((event) => ({ ...event, prevKv: null }))),
  ],
  [
    expired.readable,
    'keys of overdue leases are hidden',
    overdue((r, _c, isOverdue) =>
      r.kind === 'rangeResult' ? { ...r, kvs: r.kvs.filter(({ lease }) => !isOverdue(lease)) } : r,
    ),
  ],
  [
    expired.takesPuts,
    'it refuses them',
    overdue((r, c, isOverdue) =>
      c.kind === 'put' && isOverdue(c.lease) ? refused('lease-not-found') : r,
    ),
  ],
  [
    expired.savesKey,
    'the key goes with the lease',
    onPut((c) => (c.lease === 0n ? { ...c, ignoreLease: true } : c)),
  ],
  [keyValues.onlyWritesCount, 'a read counts as a write', answering('remainingTtl', (r) => off(r))],
  [
    keyValues.knownLease,
    'an unknown lease will do',
    answering('refused', (r, c) =>
      c.kind === 'put' ? { kind: 'putDone', prevKv: null, revision: 1 as Revision } : r,
    ),
  ],
  [
    keyValues.lastPutDecides,
    'a put without a lease keeps it',
    onPut((c) => (c.lease === 0n ? { ...c, ignoreLease: true } : c)),
  ],
  [keyValues.ignoreLease, 'the key is detached', onPut((c) => ({ ...c, ignoreLease: false }))],
  [keyValues.ignoreValue, 'the value is lost', onPut((c) => ({ ...c, ignoreValue: false }))],
  [
    keyValues.refusalOrder,
    'the key is looked at first',
    answering('refused', (r) => (r.reason === 'lease-not-found' ? refused('key-not-found') : r)),
  ],
  [
    keyValues.deletes,
    'only the first key goes',
    understanding('deleteRange', (c) => ({ ...c, rangeEnd: NO_BYTES })),
  ],
  [
    keyValues.ranges,
    'leases are left out',
    answering('rangeResult', (r) => ({ ...r, kvs: r.kvs.map(withoutLease) })),
  ],
  [
    keyValues.previousValues,
    'they have no lease',
    answering('putDone', (r) => ({
      ...r,
      prevKv: r.prevKv === null ? null : withoutLease(r.prevKv),
    })),
  ],
];
