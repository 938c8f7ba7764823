/** The targets that are real servers. Apart from the others because they bring gRPC along. */
export { endpointTarget } from './targets/endpoint-target.ts';
export { type EtcdBinary, type EtcdRequest, resolveEtcd } from './targets/etcd-binaries.ts';
export { type EtcdTarget, type EtcdTargetOptions, etcdTarget } from './targets/etcd-target.ts';
