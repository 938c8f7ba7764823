/** What an etcd without users, and without other members, answers to the rest of its API. */
import type { Backend } from './backend.ts';
import { Health, HealthCheckResponse_ServingStatus } from './gen/health_pb.ts';
import { Auth, Cluster } from './gen/rpc_pb.ts';
import { type Method, unary } from './methods.ts';
import { CODE } from './status.ts';

/** Addresses that `--listen-peer-urls` has when nobody sets it. */
const PEER_URLS = ['http://localhost:2380'];

export const clusterService = (
  backend: Backend,
  clientUrls: () => readonly string[],
): readonly Method[] => [
  unary(Cluster.method.memberList, (_request, replies) => {
    replies.send({
      $typeName: 'etcdserverpb.MemberListResponse',
      // etcd leaves out the revision here.
      header: backend.header(0),
      members: [
        {
          $typeName: 'etcdserverpb.Member',
          ID: backend.options.memberId,
          name: 'default',
          peerURLs: PEER_URLS,
          clientURLs: [...clientUrls()],
          isLearner: false,
        },
      ],
    });
  }),
];

export const authService = (backend: Backend): readonly Method[] => [
  unary(Auth.method.authStatus, (_request, replies) => {
    replies.send({
      $typeName: 'etcdserverpb.AuthStatusResponse',
      header: backend.header(),
      enabled: false,
      authRevision: 1n,
    });
  }),
  unary(Auth.method.authenticate, (_request, replies) => {
    const message = 'etcdserver: authentication is not enabled';
    replies.end({ code: CODE.failedPrecondition, message });
  }),
  unary(Auth.method.userList, (_request, replies) => {
    const header = backend.header();
    replies.send({ $typeName: 'etcdserverpb.AuthUserListResponse', header, users: [] });
  }),
  unary(Auth.method.roleList, (_request, replies) => {
    const header = backend.header();
    replies.send({ $typeName: 'etcdserverpb.AuthRoleListResponse', header, roles: [] });
  }),
];

export const healthService = (): readonly Method[] => [
  unary(Health.method.check, ({ service }, replies) => {
    if (service !== '') {
      replies.end({ code: CODE.notFound, message: 'unknown service' });
      return;
    }
    const status = HealthCheckResponse_ServingStatus.SERVING;
    replies.send({ $typeName: 'grpc.health.v1.HealthCheckResponse', status });
  }),
];
