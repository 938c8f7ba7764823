/** The JSON gateway. */
import type { Cases, Members } from '../case.ts';

const OK = { status: 200 } as const;
const NOT_FOUND = { code: 5, message: 'etcdserver: requested lease not found' } as const;

const deleted = (key: string, value: string): Members => ({
  type: 'DELETE',
  kv: { key: `{key ${key}}`, value: null, lease: null, version: null },
  prev_kv: { key: `{key ${key}}`, value, lease: '{id 1}' },
});

export const GATEWAY: Cases = [
  {
    id: 'gateway-paths',
    rules: ['WIRE-02'],
    title:
      'every lease call has its path under /v3, some a second one, and /v3beta leads there too',
    why: 'There is no /v3/lease/list, and /v3alpha is gone.',
    source: 'rpc.proto: the http options; embed/serve.go',
    needs: ['gateway'],
    exchanges: [
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      { path: '/v3/lease/timetolive', body: '{"ID":"{id 1}"}', expect: OK },
      { path: '/v3/kv/lease/timetolive', body: '{"ID":"{id 1}"}', expect: OK },
      { path: '/v3/lease/leases', body: '{}', expect: OK },
      { path: '/v3/kv/lease/leases', body: '{}', expect: OK },
      { path: '/v3beta/lease/timetolive', body: '{"ID":"{id 1}"}', expect: OK },
      { path: '/v3/lease/keepalive', body: '{"ID":"{id 1}"}', expect: OK },
      { path: '/v3/kv/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/lease/revoke',
        body: '{"ID":"{id 1}"}',
        // From a lease that is not there, not from a path that is not.
        expect: { status: 404, lines: [NOT_FOUND] },
      },
      { path: '/v3/lease/list', body: '{}', expect: { status: 404 } },
      { path: '/v3alpha/lease/leases', body: '{}', expect: { status: 404 } },
    ],
  },
  {
    id: 'gateway-json-in',
    rules: ['WIRE-03'],
    title:
      'int64s come as numbers or texts, names in snake or camel case, unknown ones are dropped',
    why: 'Names are case-sensitive: "ttl" is unknown, and yields a lease of the minimum TTL.',
    source: 'grpc-gateway: the JSON marshaler',
    needs: ['gateway'],
    exchanges: [
      {
        path: '/v3/lease/grant',
        body: '{"TTL":60,"ID":{id 1}}',
        expect: { status: 200, lines: [{ ID: '{id 1}', TTL: '60' }] },
      },
      {
        path: '/v3/kv/put',
        body: '{"key":"{key k}","value":"dg==","lease":"{id 1}","bogus":1}',
        expect: OK,
      },
      {
        path: '/v3/kv/put',
        body: '{"key":"{key k}","value":"dw==","ignoreLease":true}',
        expect: OK,
      },
      {
        path: '/v3/kv/range',
        body: '{"key":"{key k}"}',
        expect: { status: 200, lines: [{ kvs: [{ value: 'dw==', lease: '{id 1}' }] }] },
      },
      {
        path: '/v3/kv/put',
        body: '{"key":"{key k}","value":"eA==","ignore_lease":true}',
        expect: OK,
      },
      {
        path: '/v3/lease/grant',
        body: '{"TTL":null,"ID":"{id 2}"}trailing',
        expect: { status: 200, lines: [{ ID: '{id 2}' }] },
      },
      { path: '/v3/lease/grant', body: '{"TTL":1.5}', expect: { status: 400 } },
      { path: '/v3/lease/grant', body: '{"TTL":"99999999999999999999"}', expect: { status: 400 } },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
  {
    id: 'gateway-json-out',
    rules: ['WIRE-04'],
    title: 'int64s are texts, zero values are left out',
    why: 'An unknown lease shows TTL "-1" and no grantedTTL; nobody finds a field that is 0.',
    source: 'grpc-gateway: the JSON marshaler',
    needs: ['gateway'],
    exchanges: [
      {
        path: '/v3/lease/grant',
        body: '{"TTL":"60","ID":"{id 1}"}',
        expect: { status: 200, lines: [{ ID: '{id 1}', TTL: '60', error: null }] },
      },
      {
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 1}","keys":true}',
        expect: {
          status: 200,
          lines: [{ ID: '{id 1}', grantedTTL: '60', keys: null }],
        },
      },
      { path: '/v3/kv/put', body: '{"key":"{key k}","lease":"{id 1}"}', expect: OK },
      {
        path: '/v3/kv/range',
        body: '{"key":"{key k}"}',
        expect: {
          status: 200,
          lines: [
            { count: '1', more: null, kvs: [{ version: '1', lease: '{id 1}', value: null }] },
          ],
        },
      },
      {
        path: '/v3/lease/timetolive',
        body: '{"ID":"{id 9}"}',
        expect: { status: 200, lines: [{ ID: '{id 9}', TTL: '-1', grantedTTL: null }] },
      },
      {
        path: '/v3/lease/timetolive',
        body: '{"ID":0}',
        expect: { status: 200, lines: [{ ID: null, TTL: '-1', grantedTTL: null }] },
      },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/kv/range',
        body: '{"key":"{key k}"}',
        expect: { status: 200, lines: [{ count: null, kvs: null }] },
      },
    ],
  },
  {
    id: 'gateway-errors',
    rules: ['WIRE-06', 'WIRE-09'],
    title: 'each refusal has its HTTP status and its envelope, with the exact message of gRPC',
    why: 'Two generations of gateways: a duplicate id is 412 in the first, 400 in the second.',
    source: 'grpc-gateway: HTTPStatusFromCode; rpctypes',
    needs: ['gateway'],
    exchanges: [
      {
        path: '/v3/lease/revoke',
        body: '{"ID":"{id 9}"}',
        expect: { status: 404, error: NOT_FOUND },
      },
      {
        path: '/v3/kv/put',
        body: '{"key":"{key k}","lease":"{id 9}"}',
        expect: { status: 404, error: NOT_FOUND },
      },
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/lease/grant',
        body: '{"TTL":"60","ID":"{id 1}"}',
        expect: {
          status: { v1: 412, v2: 400 },
          error: { code: 9, message: 'etcdserver: lease already exists' },
        },
      },
      {
        path: '/v3/lease/grant',
        body: '{"TTL":"9000000001"}',
        expect: { status: 400, error: { code: 11, message: 'etcdserver: too large lease TTL' } },
      },
      {
        path: '/v3/kv/put',
        body: '{"value":"dg=="}',
        expect: { status: 400, error: { code: 3, message: 'etcdserver: key is not provided' } },
      },
      {
        path: '/v3/kv/put',
        body: '{"key":"{key k}","lease":"{id 1}","ignore_lease":true}',
        expect: { status: 400, error: { code: 3, message: 'etcdserver: lease is provided' } },
      },
      { path: '/v3/lease/grant', body: '{"TTL":', expect: { status: 400 } },
      {
        method: 'GET',
        path: '/v3/lease/leases',
        body: '',
        expect: { status: { v1: 405, v2: 501 } },
      },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
  {
    id: 'gateway-watch',
    rules: ['WIRE-08'],
    title: 'a watch of the past through the gateway gets a line with all that happened',
    why: 'PUT is the zero value and left out; a delete has key, revision and its previous value.',
    source: 'grpc-gateway: ForwardResponseStream',
    needs: ['gateway', 'running clock'],
    exchanges: [
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      { path: '/v3/kv/put', body: '{"key":"{key b}","value":"MQ==","lease":"{id 1}"}', expect: OK },
      { path: '/v3/kv/put', body: '{"key":"{key a}","value":"Mg==","lease":"{id 1}"}', expect: OK },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/watch',
        body: '{"create_request":{"key":"{key a}","start_revision":"{revision}","prev_kv":true}}',
        streams: true,
        expect: {
          status: 200,
          lines: [
            { result: { created: true, events: null } },
            {
              result: {
                events: [
                  { type: null, kv: { value: 'Mg==', lease: '{id 1}' } },
                  {
                    type: 'DELETE',
                    kv: { key: '{key a}', value: null, lease: null, version: null },
                    prev_kv: { value: 'Mg==', lease: '{id 1}' },
                  },
                ],
              },
            },
          ],
        },
      },
    ],
  },
  {
    id: 'gateway-watch-of-a-revoke',
    rules: ['WIRE-08'],
    title: 'a watch through the gateway gets one line with all deletes of a revoke',
    why: 'They are one revision. Keys come in their order, with what they held when asked for.',
    source: 'grpc-gateway: ForwardResponseStream',
    needs: ['gateway'],
    exchanges: [
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      { path: '/v3/kv/put', body: '{"key":"{key b}","value":"MQ==","lease":"{id 1}"}', expect: OK },
      { path: '/v3/kv/put', body: '{"key":"{key a}","value":"Mg==","lease":"{id 1}"}', expect: OK },
      {
        path: '/v3/watch',
        body: '{"create_request":{"key":"{key a}","range_end":"{key c}","prev_kv":true}}',
        streams: true,
        meanwhile: { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}' },
        expect: {
          status: 200,
          lines: [
            { result: { created: true, events: null } },
            { result: { events: [deleted('a', 'Mg=='), deleted('b', 'MQ==')] } },
          ],
        },
      },
    ],
  },
  {
    id: 'gateway-half-close',
    rules: ['KA-07'],
    title: 'a client that has asked all it has to ask gets every answer, and a good end',
    why: 'The end of the body closes the client’s side of the stream, whose status is then 0.',
    source: 'rpc/lease: leaseKeepAlive; grpc-gateway: CloseSend',
    needs: ['gateway'],
    exchanges: [
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      {
        path: '/v3/lease/keepalive',
        body: '{"ID":"{id 1}"}'.repeat(40),
        expect: {
          status: 200,
          lines: Array.from({ length: 40 }, () => ({ result: { TTL: '60' }, error: null })),
        },
      },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
    ],
  },
  {
    id: 'gateway-keep-alives',
    rules: ['WIRE-07', 'KA-03'],
    title: 'the body of a keep-alive may hold several requests; each gets its line, in order',
    why: 'An unknown lease gets a line without TTL; an empty body gets none.',
    source: 'grpc-gateway: ForwardResponseStream',
    needs: ['gateway'],
    exchanges: [
      { path: '/v3/lease/grant', body: '{"TTL":"60","ID":"{id 1}"}', expect: OK },
      { path: '/v3/lease/grant', body: '{"TTL":"30","ID":"{id 2}"}', expect: OK },
      {
        path: '/v3/lease/keepalive',
        body: '{"ID":"{id 1}"}{"ID":"{id 9}"} {"ID":"{id 2}"}',
        expect: {
          status: 200,
          lines: [
            { result: { ID: '{id 1}', TTL: '60' } },
            { result: { ID: '{id 9}', TTL: null } },
            { result: { ID: '{id 2}', TTL: '30' } },
          ],
        },
      },
      { path: '/v3/lease/keepalive', body: '', expect: { status: 200, text: '' } },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 1}"}', expect: OK },
      { path: '/v3/lease/revoke', body: '{"ID":"{id 2}"}', expect: OK },
    ],
  },
];
