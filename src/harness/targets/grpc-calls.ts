/** etcd's API over gRPC: a command as a request, and what comes back as a completion. */
import type { Etcd3, IAlarmRequest, ILeaseKeepAliveResponse, IResponseHeader } from 'etcd3';
import { errorMessage } from '../../error-message.ts';
import { asBytes } from '../../api/bytes.ts';
import type {
  Alarm,
  CancelWatch,
  Command,
  DeleteRange,
  Grant,
  KeepAlive,
  Put,
  Range,
  Watch,
  WatchProgress,
} from '../../api/command.ts';
import { reasonOf } from '../../api/refusal.ts';
import type { Response } from '../../api/response.ts';
import { type Seconds, seconds } from '../../api/units.ts';
import type { Completion } from '../target.ts';
import {
  bufferOf,
  bytesOf,
  deletedResult,
  deleteRequest,
  putDone,
  putRequest,
  rangeRequest,
  rangeResult,
  revisionOf,
  txnRequest,
  txnResult,
} from './grpc-messages.ts';
import { isUnreadable, UNREADABLE } from './unreadable.ts';

/** A command that is one request with one answer. */
export type UnaryCommand = Exclude<Command, KeepAlive | WatchCommand>;

/** What a client says on a Watch stream. */
export type WatchCommand = Watch | CancelWatch | WatchProgress;

export const isWatchCommand = (command: Command): command is WatchCommand =>
  command.kind === 'watch' || command.kind === 'cancelWatch' || command.kind === 'watchProgress';

/**
 * Sends the command. Never rejects: what is neither an answer nor a known refusal completes as
 * unknown, and so does what is not answered within `deadlineMs`.
 */
export const callUnary = async (
  etcd: Etcd3,
  command: UnaryCommand,
  deadlineMs: number,
): Promise<Completion> => {
  try {
    return await send(etcd, command, { deadline: Date.now() + deadlineMs });
  } catch (error) {
    return completionOf(error);
  }
};

/** What the server said on a keep-alive stream. */
export const keptAlive = ({ header, ID, TTL }: ILeaseKeepAliveResponse): Completion =>
  answered(header, {
    kind: 'keptAlive',
    revision: revisionOf(header),
    id: BigInt(ID),
    ttl: secondsOf(TTL),
  });

/**
 * A refusal when the code and the message are one of etcd's for lease and key commands; otherwise
 * unknown.
 */
const completionOf = (error: unknown): Completion => {
  // What was answered could not be read.
  if (isUnreadable(error)) return { kind: 'unknown', why: UNREADABLE };
  const why = errorMessage(error);
  // The library keeps the numeric code in the text alone, behind the name of the error's class at
  // times.
  const status = /^(?:\w+: )?(\d+) [A-Z_]+: (.*)$/s.exec(why);
  const reason = status === null ? undefined : reasonOf(Number(status[1]), status[2] as string);
  if (reason === undefined) return { kind: 'unknown', why };
  return { kind: 'answered', response: { kind: 'refused', reason } };
};

interface Deadline {
  readonly deadline: number;
}

const send = (etcd: Etcd3, command: UnaryCommand, options: Deadline): Promise<Completion> => {
  switch (command.kind) {
    case 'grant':
      return grant(etcd, command, options);
    case 'revoke':
      return etcd.leaseClient
        .leaseRevoke({ ID: String(command.id) }, options)
        .then(({ header }) => answered(header, { kind: 'revoked', revision: revisionOf(header) }));
    case 'timeToLive':
      return etcd.leaseClient
        .leaseTimeToLive({ ID: String(command.id), keys: command.keys }, options)
        .then(({ header, ID, TTL, grantedTTL, keys }) =>
          answered(header, {
            kind: 'remainingTtl',
            revision: revisionOf(header),
            id: BigInt(ID),
            ttl: secondsOf(TTL),
            grantedTtl: secondsOf(grantedTTL),
            keys: keys.map(bytesOf),
          }),
        );
    case 'leases':
      return etcd.leaseClient.leaseLeases(options).then(({ header, leases }) =>
        answered(header, {
          kind: 'leaseList',
          revision: revisionOf(header),
          ids: leases.map(({ ID }) => BigInt(ID)),
        }),
      );
    case 'put':
      return put(etcd, command, options);
    case 'range':
      return range(etcd, command, options);
    case 'deleteRange':
      return deleteRange(etcd, command, options);
    case 'txn':
      return etcd.kv
        .txn(txnRequest(command), options)
        .then((result) => answered(result.header, txnResult(result)));
    case 'compact': {
      const request = { revision: String(command.revision), physical: command.physical };
      return etcd.kv
        .compact(request, options)
        .then(({ header }) =>
          answered(header, { kind: 'compacted', revision: revisionOf(header) }),
        );
    }
    case 'alarm':
      return alarm(etcd, command, options);
  }
};

const grant = async (etcd: Etcd3, command: Grant, options: Deadline): Promise<Completion> => {
  const request = { ID: String(command.id), TTL: String(command.ttl) };
  const { header, ID, TTL } = await etcd.leaseClient.leaseGrant(request, options);
  return answered(header, {
    kind: 'granted',
    revision: revisionOf(header),
    id: BigInt(ID),
    ttl: secondsOf(TTL),
  });
};

const put = async (etcd: Etcd3, command: Put, options: Deadline): Promise<Completion> => {
  const response = await etcd.kv.put(putRequest(command), options);
  return answered(response.header, putDone(response));
};

const range = async (etcd: Etcd3, command: Range, options: Deadline): Promise<Completion> => {
  const response = await etcd.kv.range(rangeRequest(command), options);
  return answered(response.header, rangeResult(response));
};

const deleteRange = async (
  etcd: Etcd3,
  command: DeleteRange,
  options: Deadline,
): Promise<Completion> => {
  const response = await etcd.kv.deleteRange(deleteRequest(command), options);
  return answered(response.header, deletedResult(response));
};

const alarmRequest = (action: Alarm['action'], memberID: string): IAlarmRequest => {
  switch (action) {
    case 'list':
      return { action: 'Get' };
    case 'raise':
      return { action: 'Activate', memberID, alarm: 'Nospace' };
    case 'clear':
      return { action: 'Deactivate', memberID, alarm: 'Nospace' };
  }
};

/** NOSPACE. It is a member's, so that whoever clears it has to name the member. */
const alarm = async (etcd: Etcd3, { action }: Alarm, options: Deadline): Promise<Completion> => {
  // It asks nobody else, so that it is answered without a leader, too.
  const read = { key: bufferOf(asBytes('~')), limit: '1', serializable: true };
  const { header } = await etcd.kv.range(read, options);
  const answer = await etcd.maintenance.alarm(alarmRequest(action, header.member_id), options);
  // The library gives names of its protocol's in capitals, whatever its types say.
  const noSpace = answer.alarms.some((each) => each.alarm.toUpperCase() === 'NOSPACE');
  // Version 3.4 says nothing of itself in this answer, whatever the library's types say.
  return answered(answer.header ?? header, {
    kind: 'alarms',
    revision: revisionOf(answer.header),
    noSpace,
  });
};

const answered = (header: IResponseHeader, response: Response): Completion => ({
  kind: 'answered',
  response,
  header: { member: header.member_id, term: header.raft_term },
});

const secondsOf = (text: string): Seconds => seconds(Number(text));
