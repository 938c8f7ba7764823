/** What users may do, on a server that has some. */
import type { Cases, Exchange, Expected } from '../case.ts';

const OK = { status: 200 } as const;
const DENIED = { code: 7, message: 'etcdserver: permission denied' } as const;
const NAMELESS = { code: 3, message: 'etcdserver: user name is empty' } as const;
const NOT_FOUND = { code: 5, message: 'etcdserver: requested lease not found' } as const;
const denied: Expected = { status: 403, error: DENIED };
const nameless: Expected = { status: 400, error: NAMELESS };

/** Lease 1 with the key `b`, which nobody but the administrator may touch. */
const LEASED: readonly Exchange[] = [
  { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
  { path: '/v3/kv/put', body: '{"key":"{key b}","lease":"{id 1}"}', expect: OK },
];

const NEEDS = ['gateway', 'users', 'disturbance'] as const;

export const USERS: Cases = [
  {
    id: 'users-and-leased-keys',
    rules: ['GRANT-10'],
    title: 'a revoke, and a put with a lease, take permission to write every key of the lease',
    why: 'A lease takes its keys with it, whoever holds it.',
    source: 'apply: authApplierV3.Put, LeaseRevoke, checkLeasePuts',
    needs: NEEDS,
    exchanges: [
      ...LEASED,
      { as: 'bob', path: '/v3/kv/put', body: '{"key":"{key a}"}', expect: OK },
      {
        as: 'bob',
        path: '/v3/kv/put',
        body: '{"key":"{key a}","lease":"{id 1}"}',
        expect: denied,
      },
      { as: 'bob', path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: denied },
      { as: 'eve', path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: denied },
      { as: 'nobody', path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: nameless },
      { path: '/v3/kv/deleterange', body: '{"key":"{key b}"}', expect: OK },
      { as: 'bob', path: '/v3/kv/put', body: '{"key":"{key a}","lease":"{id 1}"}', expect: OK },
      { as: 'eve', path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: denied },
      { as: 'bob', path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/kv/range',
        body: '{"key":"{key a}"}',
        expect: { status: 200, lines: [{ kvs: null }] },
      },
    ],
  },
  {
    id: 'users-and-leases',
    rules: ['GRANT-10'],
    title: 'grants, revokes and keep-alives take a user, a keep-alive also permission',
    why: 'From some patch of 3.5 on; before, anybody could grant, and keep any lease alive.',
    source: 'v3_server: LeaseGrant, LeaseRevoke, LeaseRenew',
    needs: NEEDS,
    exchanges: [
      ...LEASED,
      {
        as: 'nobody',
        path: '/v3/lease/grant',
        body: '{"TTL":"60","ID":"{id 2}"}',
        expect: nameless,
        before: OK,
      },
      {
        as: 'nobody',
        path: '/v3/lease/revoke',
        body: '{"ID":"{id 9}"}',
        expect: nameless,
        before: { status: 404, error: NOT_FOUND },
      },
      { as: 'eve', path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 3}"}', expect: OK },
      {
        as: 'nobody',
        path: '/v3/lease/keepalive',
        body: '{"ID":"{id 1}"}',
        expect: { status: 400, lines: [{ error: { message: NAMELESS.message } }] },
        before: { status: 200, lines: [{ result: { TTL: '60' } }] },
      },
      {
        as: 'bob',
        path: '/v3/lease/keepalive',
        body: '{"ID":"{id 1}"}',
        expect: { status: 403, lines: [{ error: { message: DENIED.message } }] },
        before: { status: 200, lines: [{ result: { TTL: '60' } }] },
      },
      {
        path: '/v3/lease/keepalive',
        body: '{"ID":"{id 1}"}',
        expect: { status: 200, lines: [{ result: { ID: '{id 1}', TTL: '60' } }] },
      },
      { as: 'eve', path: '/v3/lease/revoke', body: '{"ID":"{id 3}"}', expect: OK },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
  {
    id: 'users-and-time-to-live',
    rules: ['TTL-09'],
    title: 'time-to-live with keys takes permission to read every key of the lease',
    why: 'It would tell of keys that a user may not know of. An administrator may. 3.4 let all.',
    source: 'v3_server: checkLeaseTimeToLive',
    needs: NEEDS,
    exchanges: [
      ...LEASED,
      {
        as: 'bob',
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}"}',
        expect: { status: 200, lines: [{ ID: '{id 1}', grantedTTL: '60', keys: null }] },
      },
      ...(['bob', 'eve'] as const).map((as) => ({
        as,
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}","keys":true}',
        expect: denied,
        before: OK,
      })),
      {
        as: 'nobody',
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}","keys":true}',
        expect: nameless,
        before: OK,
      },
      {
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}","keys":true}',
        expect: { status: 200, lines: [{ ID: '{id 1}', grantedTTL: '60' }] },
      },
      { path: '/v3/kv/deleterange', body: '{"key":"{key b}"}', expect: OK },
      {
        as: 'eve',
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}","keys":true}',
        expect: { status: 200, lines: [{ ID: '{id 1}', grantedTTL: '60', keys: null }] },
      },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
  {
    id: 'users-and-lists',
    rules: ['LIST-06'],
    title: 'the list of leases takes permission to read all keys of all of them',
    why: 'From some patch of 3.5 on; before, anybody could list. An administrator always can.',
    source: 'v3_server: LeaseLeases, checkLeaseLeases',
    needs: NEEDS,
    exchanges: [
      ...LEASED,
      ...(['bob', 'eve'] as const).map((as) => ({
        as,
        path: '/v3/lease/leases',
        body: '{}',
        expect: denied,
        before: OK,
      })),
      { as: 'nobody', path: '/v3/lease/leases', body: '{}', expect: nameless, before: OK },
      { path: '/v3/lease/leases', body: '{}', expect: OK },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
];
