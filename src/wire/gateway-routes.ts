/** WIRE-02: the paths of the JSON gateway, and the methods that they stand for. */
import type { MinorVersion } from '../api/config.ts';

const KV = '/etcdserverpb.KV';
const LEASE = '/etcdserverpb.Lease';
const MAINTENANCE = '/etcdserverpb.Maintenance';
const AUTH = '/etcdserverpb.Auth';

const ROUTES: Readonly<Record<string, string>> = {
  '/v3/kv/range': `${KV}/Range`,
  '/v3/kv/put': `${KV}/Put`,
  '/v3/kv/deleterange': `${KV}/DeleteRange`,
  '/v3/kv/txn': `${KV}/Txn`,
  '/v3/kv/compaction': `${KV}/Compact`,
  '/v3/watch': '/etcdserverpb.Watch/Watch',
  '/v3/lease/grant': `${LEASE}/LeaseGrant`,
  '/v3/lease/revoke': `${LEASE}/LeaseRevoke`,
  '/v3/kv/lease/revoke': `${LEASE}/LeaseRevoke`,
  '/v3/lease/keepalive': `${LEASE}/LeaseKeepAlive`,
  '/v3/lease/timetolive': `${LEASE}/LeaseTimeToLive`,
  '/v3/kv/lease/timetolive': `${LEASE}/LeaseTimeToLive`,
  '/v3/lease/leases': `${LEASE}/LeaseLeases`,
  '/v3/kv/lease/leases': `${LEASE}/LeaseLeases`,
  '/v3/cluster/member/list': '/etcdserverpb.Cluster/MemberList',
  '/v3/maintenance/alarm': `${MAINTENANCE}/Alarm`,
  '/v3/maintenance/status': `${MAINTENANCE}/Status`,
  '/v3/maintenance/defragment': `${MAINTENANCE}/Defragment`,
  '/v3/maintenance/hash': `${MAINTENANCE}/Hash`,
  '/v3/auth/authenticate': `${AUTH}/Authenticate`,
  '/v3/auth/user/list': `${AUTH}/UserList`,
  '/v3/auth/role/list': `${AUTH}/RoleList`,
};

const ROUTES_SINCE_3_5: Readonly<Record<string, string>> = {
  '/v3/maintenance/hashkv': `${MAINTENANCE}/HashKV`,
  '/v3/auth/status': `${AUTH}/AuthStatus`,
};

export const routesOf = (etcd: MinorVersion): ReadonlyMap<string, string> =>
  new Map(Object.entries(etcd === '3.4' ? ROUTES : { ...ROUTES, ...ROUTES_SINCE_3_5 }));
