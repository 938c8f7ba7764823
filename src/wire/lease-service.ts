/** etcdserverpb.Lease (WIRE-01). */
import { arrayOf } from './byte-strings.ts';
import type { Backend } from './backend.ts';
import { Lease } from './gen/rpc_pb.ts';
import { keepAliveStream } from './keep-alive-stream.ts';
import { grantBytes, grantOf, keepAliveBytes, keepAliveOf } from './lease-bytes.ts';
import { type Method, streaming, unary } from './methods.ts';
import { statusOf } from './refusals.ts';

export const leaseService = (backend: Backend): readonly Method[] => [
  unary(
    Lease.method.leaseGrant,
    ({ ID: id, TTL: ttl }, replies) => {
      const token = backend.expect((response) => {
        if (response.kind !== 'granted') {
          replies.end(statusOf(response, backend));
          return;
        }
        replies.send({
          $typeName: 'etcdserverpb.LeaseGrantResponse',
          header: backend.header(response.revision),
          ID: response.id,
          TTL: BigInt(response.ttl),
          error: '',
        });
      });
      backend.submit({ kind: 'grant', token, id, ttl });
    },
    { decode: grantOf, encode: grantBytes },
  ),
  unary(Lease.method.leaseRevoke, ({ ID: id }, replies) => {
    const token = backend.expect((response) => {
      if (response.kind !== 'revoked') {
        replies.end(statusOf(response, backend));
        return;
      }
      const header = backend.header(response.revision);
      replies.send({ $typeName: 'etcdserverpb.LeaseRevokeResponse', header });
    });
    backend.submit({ kind: 'revoke', token, id });
  }),
  streaming(Lease.method.leaseKeepAlive, (replies) => keepAliveStream(backend, replies), {
    decode: keepAliveOf,
    encode: keepAliveBytes,
  }),
  unary(Lease.method.leaseTimeToLive, ({ ID: id, keys }, replies) => {
    const token = backend.expect((response) => {
      if (response.kind !== 'remainingTtl') {
        replies.end(statusOf(response, backend));
        return;
      }
      replies.send({
        $typeName: 'etcdserverpb.LeaseTimeToLiveResponse',
        header: backend.header(response.revision),
        ID: response.id,
        TTL: BigInt(response.ttl),
        grantedTTL: BigInt(response.grantedTtl),
        keys: response.keys.map(arrayOf),
      });
    });
    backend.submit({ kind: 'timeToLive', token, id, keys });
  }),
  unary(Lease.method.leaseLeases, (_request, replies) => {
    const token = backend.expect((response) => {
      if (response.kind !== 'leaseList') {
        replies.end(statusOf(response, backend));
        return;
      }
      replies.send({
        $typeName: 'etcdserverpb.LeaseLeasesResponse',
        header: backend.header(response.revision),
        leases: response.ids.map((ID) => ({ $typeName: 'etcdserverpb.LeaseStatus', ID })),
      });
    });
    backend.submit({ kind: 'leases', token });
  }),
];
