/** etcdserverpb.Maintenance, as far as a store that is not on a disk can answer. */
import type { Alarm } from '../api/command.ts';
import { REFUSALS } from '../api/refusal.ts';
import type { Backend } from './backend.ts';
import {
  AlarmRequest_AlarmAction,
  AlarmType,
  type AlarmMember,
  type AlarmResponse,
  type DowngradeInfo,
  Maintenance,
} from './gen/rpc_pb.ts';
import { type Method, unary } from './methods.ts';
import { statusOf } from './refusals.ts';

/** An empty database of etcd, in bytes. */
const DATABASE_BYTES = 20_480;
const PAGE_BYTES = 4096;
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
    // Of the keys alone: etcd takes in its whole database, down to the pages.
    const result = backend.simulator.hashKv(0n);
    const hash = result.kind === 'hash' ? result.hash : 0;
    replies.send({ $typeName: 'etcdserverpb.HashResponse', header, hash });
  }),
  hashKv(backend),
];

const alarm = (backend: Backend): Method =>
  unary(Maintenance.method.alarm, (request, replies) => {
    const action = ACTIONS[request.action];
    // Only NOSPACE changes what leases do.
    const isListed = request.alarm !== AlarmType.CORRUPT;
    if (action === undefined || !isListed) {
      replies.send(alarmsMessage(backend, [], undefined));
      return;
    }
    const token = backend.expect((response) => {
      if (response.kind !== 'alarms') {
        replies.end(statusOf(response, backend));
        return;
      }
      const alarms = response.noSpace ? [noSpaceOf(backend)] : [];
      replies.send(alarmsMessage(backend, alarms, response.revision));
    });
    backend.submit({ kind: 'alarm', token, action });
  });

const alarmsMessage = (
  backend: Backend,
  alarms: AlarmMember[],
  revision: number | undefined,
): AlarmResponse => ({
  $typeName: 'etcdserverpb.AlarmResponse',
  // etcd 3.4 leaves it out.
  ...(backend.options.config.etcd === '3.4' ? {} : { header: backend.header(revision) }),
  alarms,
});

const noSpaceOf = ({ options }: Backend): AlarmMember => ({
  $typeName: 'etcdserverpb.AlarmMember',
  memberID: options.memberId,
  alarm: AlarmType.NOSPACE,
});

const status = (backend: Backend): Method =>
  unary(Maintenance.method.status, (_request, replies) => {
    const { isNew, leader, simulator, term } = backend;
    const { config, memberId, version } = backend.options;
    const { applied, bytes, noSpace, revision } = simulator.status;
    const raftIndex = backend.raftEntries + BigInt(applied);
    const size = BigInt(Math.max(DATABASE_BYTES, Math.ceil(bytes / PAGE_BYTES) * PAGE_BYTES));
    replies.send({
      $typeName: 'etcdserverpb.StatusResponse',
      header: backend.header(revision),
      version,
      dbSize: size,
      leader: leader.isThere ? memberId : 0n,
      raftIndex,
      raftTerm: term,
      raftAppliedIndex: raftIndex,
      errors: [
        ...(leader.isThere ? [] : [REFUSALS['no-leader'].message]),
        ...(noSpace ? [`memberID:${memberId} alarm:NOSPACE `] : []),
      ],
      dbSizeInUse: size,
      isLearner: false,
      storageVersion: isNew ? `${config.etcd}.0` : '',
      dbSizeQuota: isNew ? QUOTA_BYTES : 0n,
      ...(isNew ? { downgradeInfo: NO_DOWNGRADE } : {}),
    });
  });

const hashKv = (backend: Backend): Method =>
  unary(Maintenance.method.hashKV, ({ revision }, replies) => {
    const result = backend.simulator.hashKv(revision);
    if (result.kind === 'refused') {
      replies.end(statusOf(result, backend));
      return;
    }
    replies.send({
      $typeName: 'etcdserverpb.HashKVResponse',
      header: backend.header(),
      hash: result.hash,
      compactRevision: BigInt(result.compactRevision),
      hashRevision: backend.isNew ? BigInt(result.revision) : 0n,
    });
  });
