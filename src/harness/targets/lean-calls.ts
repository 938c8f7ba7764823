/** etcd's API over a lean connection: a command as a request, its answer as a completion. */
import { errorMessage } from '../../error-message.ts';
import { asBytes } from '../../api/bytes.ts';
import type { Alarm } from '../../api/command.ts';
import { reasonOf } from '../../api/refusal.ts';
import type { Response } from '../../api/response.ts';
import { type Seconds, seconds } from '../../api/units.ts';
import type { Completion, Header } from '../target.ts';
import type { UnaryCommand } from './grpc-calls.ts';
import type { OpenKeepAlive } from './grpc-keep-alive.ts';
import type { LeanConnection } from './lean-connection.ts';
import { NOTHING, operationFields, operationResult, revisionIn } from './lean-messages.ts';
import { encodeMessage, type Field, Message } from './protobuf.ts';

/**
 * Sends the command. Never rejects: what is neither an answer nor a known refusal completes as
 * unknown, and so does what is not answered in the connection's time.
 */
export const callLean = async (
  connection: LeanConnection,
  command: UnaryCommand,
): Promise<Completion> => {
  try {
    if (command.kind === 'alarm') return await alarm(connection, command);
    const request = encodeMessage(fieldsOf(command));
    const answer = await connection.call(PATHS[command.kind], request);
    return completionOf(answer, (message) => responseOf(command, message));
  } catch (error) {
    return { kind: 'unknown', why: errorMessage(error) };
  }
};

/** A keep-alive stream: its replies come over the connection in order with all other answers. */
export const leanKeepAlive =
  (connection: LeanConnection): OpenKeepAlive =>
  ({ replied, ended }) => {
    const received = (bytes: Buffer): void => replied(keptAlive(new Message(bytes)));
    const stream = connection.stream('/etcdserverpb.Lease/LeaseKeepAlive', received, ended);
    return {
      write: (id) => stream.write(encodeMessage([[1, id]])),
      cancel: () => stream.cancel(),
    };
  };

const keptAlive = (answer: Message): Completion => {
  const response = {
    kind: 'keptAlive',
    revision: revisionIn(answer),
    id: answer.int64(2),
    ttl: secondsOf(answer, 3),
  } as const;
  return { kind: 'answered', response, header: headerOf(answer) };
};

type Plain = Exclude<UnaryCommand, Alarm>;

const PATHS: Readonly<Record<Plain['kind'], string>> = {
  grant: '/etcdserverpb.Lease/LeaseGrant',
  revoke: '/etcdserverpb.Lease/LeaseRevoke',
  timeToLive: '/etcdserverpb.Lease/LeaseTimeToLive',
  leases: '/etcdserverpb.Lease/LeaseLeases',
  put: '/etcdserverpb.KV/Put',
  range: '/etcdserverpb.KV/Range',
  deleteRange: '/etcdserverpb.KV/DeleteRange',
  txn: '/etcdserverpb.KV/Txn',
  compact: '/etcdserverpb.KV/Compact',
};

const fieldsOf = (command: Plain): readonly Field[] => {
  switch (command.kind) {
    case 'grant':
      return [
        [1, command.ttl],
        [2, command.id],
      ];
    case 'revoke':
      return [[1, command.id]];
    case 'timeToLive':
      return [
        [1, command.id],
        [2, command.keys],
      ];
    case 'leases':
      return [];
    case 'compact':
      return [
        [1, command.revision],
        [2, command.physical],
      ];
    case 'put':
    case 'range':
    case 'deleteRange':
    case 'txn':
      return operationFields(command);
  }
};

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly body: Buffer;
}

const completionOf = (
  { status, message, body }: Answer,
  read: (answer: Message) => Response,
): Completion => {
  if (status === 0) {
    const answer = new Message(body);
    return { kind: 'answered', response: read(answer), header: headerOf(answer) };
  }
  const reason = reasonOf(status, message);
  if (reason === undefined) return { kind: 'unknown', why: `${status}: ${message}` };
  return { kind: 'answered', response: { kind: 'refused', reason } };
};

const headerOf = (answer: Message): Header => {
  const header = answer.message(1) ?? NOTHING;
  return { member: String(header.uint64(2)), term: String(header.uint64(4)) };
};

const responseOf = ({ kind }: Plain, answer: Message): Response => {
  const revision = revisionIn(answer);
  switch (kind) {
    case 'grant':
      return { kind: 'granted', revision, id: answer.int64(2), ttl: secondsOf(answer, 3) };
    case 'revoke':
      return { kind: 'revoked', revision };
    case 'timeToLive':
      return {
        kind: 'remainingTtl',
        revision,
        id: answer.int64(2),
        ttl: secondsOf(answer, 3),
        grantedTtl: secondsOf(answer, 4),
        keys: answer.allBytes(5),
      };
    case 'leases': {
      const ids = answer.messages(2).map((lease) => lease.int64(1));
      return { kind: 'leaseList', revision, ids };
    }
    case 'compact':
      return { kind: 'compacted', revision };
    case 'put':
    case 'range':
    case 'deleteRange':
    case 'txn':
      return operationResult(kind, answer);
  }
};

/** NOSPACE. It is a member's, so that whoever clears it has to name the member. */
const alarm = async (connection: LeanConnection, { action }: Alarm): Promise<Completion> => {
  const member = await memberOf(connection);
  const request = encodeMessage(
    action === 'list'
      ? []
      : [
          [1, ACTIONS[action]],
          [2, member.id],
          [3, NOSPACE],
        ],
  );
  const answer = await connection.call('/etcdserverpb.Maintenance/Alarm', request);
  const completion = completionOf(answer, (message) => ({
    kind: 'alarms',
    revision: revisionIn(message),
    noSpace: message.messages(2).some((each) => each.int64(2) === NOSPACE),
  }));
  // Version 3.4 says nothing of itself in this answer.
  return new Message(answer.body).message(1) === null && completion.kind === 'answered'
    ? { ...completion, header: member.header }
    : completion;
};

/** It asks nobody else, so that it is answered without a leader, too. */
const memberOf = async (
  connection: LeanConnection,
): Promise<{ readonly id: bigint; readonly header: Header }> => {
  const read = encodeMessage([
    [1, asBytes('~')],
    [3, 1n],
    [7, true],
  ]);
  const { body } = await connection.call(PATHS.range, read);
  const answer = new Message(body);
  return { id: (answer.message(1) ?? NOTHING).uint64(2), header: headerOf(answer) };
};

const ACTIONS = { raise: 1n, clear: 2n } as const;
const NOSPACE = 1n;

const secondsOf = (message: Message, field: number): Seconds =>
  seconds(Number(message.int64(field)));
