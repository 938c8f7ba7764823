/** etcdserverpb.Maintenance, as far as a store that is not on a disk can answer. */
import type { Alarm } from '../api/command.ts';
import { type Backend, RAFT_TERM } from './backend.ts';
import {
  AlarmRequest_AlarmAction,
  AlarmType,
  type AlarmMember,
  type DowngradeInfo,
  Maintenance,
} from './gen/rpc_pb.ts';
import { type Method, unary } from './methods.ts';
import { refusal, statusOf } from './refusals.ts';

/** An empty database of etcd, in bytes. */
const DATABASE_BYTES = 20_480n;
const QUOTA_BYTES = 2_147_483_648n;

const NO_DOWNGRADE: DowngradeInfo = {
  $typeName: 'etcdserverpb.DowngradeInfo',
  enabled: false,
  targetVersion: '',
};

const ACTIONS: Readonly<Record<number, Alarm['action']>> = {
  [AlarmRequest_AlarmAction.GET]: 'list',
  [AlarmRequest_AlarmAction.ACTIVATE]: 'raise',
  [AlarmRequest_AlarmAction.DEACTIVATE]: 'clear',
};

export const maintenanceService = (backend: Backend): readonly Method[] => [
  alarm(backend),
  status(backend),
  unary(Maintenance.method.defragment, (_request, replies) => {
    // etcd fills in no header here.
    replies.send({ $typeName: 'etcdserverpb.DefragmentResponse' });
  }),
  unary(Maintenance.method.hash, (_request, replies) => {
    const header = backend.header();
    replies.send({ $typeName: 'etcdserverpb.HashResponse', header, hash: hashOf(backend) });
  }),
  hashKv(backend),
];

const alarm = (backend: Backend): Method =>
  unary(Maintenance.method.alarm, (request, replies) => {
    const action = ACTIONS[request.action];
    // Only NOSPACE changes what leases do.
    const isListed = request.alarm !== AlarmType.CORRUPT;
    if (action === undefined || !isListed) {
      const header = backend.header();
      replies.send({ $typeName: 'etcdserverpb.AlarmResponse', header, alarms: [] });
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind !== 'alarms') {
        replies.end(statusOf(response));
        return;
      }
      const header = backend.header(response.revision);
      const alarms = response.noSpace ? [noSpaceOf(backend)] : [];
      replies.send({ $typeName: 'etcdserverpb.AlarmResponse', header, alarms });
    });
    backend.submit({ kind: 'alarm', token, action });
  });

const noSpaceOf = ({ options }: Backend): AlarmMember => ({
  $typeName: 'etcdserverpb.AlarmMember',
  memberID: options.memberId,
  alarm: AlarmType.NOSPACE,
});

const status = (backend: Backend): Method =>
  unary(Maintenance.method.status, (_request, replies) => {
    const { config, memberId, version } = backend.options;
    const { isNew } = backend;
    const token = backend.expect((response) => {
      if (response.kind !== 'alarms') {
        replies.end(statusOf(response));
        return;
      }
      const raftIndex = BigInt(backend.simulator.revision) + FIRST_ENTRIES;
      replies.send({
        $typeName: 'etcdserverpb.StatusResponse',
        header: backend.header(response.revision),
        version,
        dbSize: DATABASE_BYTES,
        leader: memberId,
        raftIndex,
        raftTerm: RAFT_TERM,
        raftAppliedIndex: raftIndex,
        errors: response.noSpace ? [`memberID:${memberId} alarm:NOSPACE `] : [],
        dbSizeInUse: DATABASE_BYTES,
        isLearner: false,
        storageVersion: isNew ? `${config.etcd}.0` : '',
        dbSizeQuota: isNew ? QUOTA_BYTES : 0n,
        ...(isNew ? { downgradeInfo: NO_DOWNGRADE } : {}),
      });
    });
    backend.submit({ kind: 'alarm', token, action: 'list' });
  });

/** What raft has written before the first request comes. */
const FIRST_ENTRIES = 3n;

const hashKv = (backend: Backend): Method =>
  unary(Maintenance.method.hashKV, ({ revision }, replies) => {
    const now = backend.simulator.revision;
    if (revision > BigInt(now)) {
      replies.end(refusal('future-revision'));
      return;
    }
    replies.send({
      $typeName: 'etcdserverpb.HashKVResponse',
      header: backend.header(),
      hash: hashOf(backend),
      compactRevision: -1n,
      hashRevision: backend.isNew ? (revision > 0n ? revision : BigInt(now)) : 0n,
    });
  });

/** Equal for servers that went through the same changes; not etcd's own function. */
const hashOf = ({ simulator }: Backend): number =>
  Number.parseInt(simulator.stateHash.slice(0, 8), 16);
