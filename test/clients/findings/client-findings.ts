/** What is told in docs/FINDINGS.md, in its order. */
import type { ClientFinding } from './client-finding.ts';
import { CLIENTV3 } from './clientv3.ts';
import { ETCD3_HOLDS } from './etcd3-holds.ts';
import { ETCD3_LEASES } from './etcd3-leases.ts';
import { ETCD3_STREAMS } from './etcd3-streams.ts';
import { ETCDCTL } from './etcdctl.ts';

const byContract = (left: ClientFinding, right: ClientFinding): number =>
  Number(left.contract > right.contract) - Number(left.contract < right.contract);

export const CLIENT_FINDINGS: readonly ClientFinding[] = [
  ...[...ETCD3_LEASES, ...ETCD3_STREAMS, ...ETCD3_HOLDS].sort(byContract),
  ...ETCDCTL,
  ...CLIENTV3,
];
