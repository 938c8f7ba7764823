/** etcd's API over a lean connection: a command as a request, its answer as a completion. */
import { PLAIN_VIEW, type RangeView } from '../../api/command.ts';
import { reasonOf } from '../../api/refusal.ts';
import type { KeyValue, Response } from '../../api/response.ts';
import { type Revision, revision, type Seconds, seconds } from '../../api/units.ts';
import type { Completion, Header } from '../target.ts';
import type { UnaryCommand } from './grpc-calls.ts';
import type { OpenKeepAlive } from './grpc-keep-alive.ts';
import type { LeanConnection } from './lean-connection.ts';
import { encodeMessage, type Field, Message } from './protobuf.ts';

/** Those that make up most of what is asked. */
export type LeanCommand = Extract<
  UnaryCommand,
  { kind: 'grant' | 'revoke' | 'timeToLive' | 'leases' | 'put' | 'range' | 'deleteRange' }
>;

/** Whether it can go this way: any other goes by the library. */
export const isLean = (command: UnaryCommand): command is LeanCommand =>
  command.kind in PATHS && (command.kind !== 'range' || isPlain(command.view));

const isPlain = (view: RangeView): boolean =>
  PLAIN.every((name) => view[name] === PLAIN_VIEW[name]);

const PLAIN = Object.keys(PLAIN_VIEW) as readonly (keyof RangeView)[];

/**
 * Sends the command. Never rejects: what is neither an answer nor a known refusal completes as
 * unknown, and so does what is not answered within `deadlineMs`.
 */
export const callLean = async (
  connection: LeanConnection,
  command: LeanCommand,
  deadlineMs: number,
): Promise<Completion> => {
  try {
    const request = encodeMessage(fieldsOf(command));
    const answer = await connection.call(PATHS[command.kind], request, deadlineMs);
    return completionOf(command, answer);
  } catch (error) {
    return { kind: 'unknown', why: error instanceof Error ? error.message : String(error) };
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
  const { at, from } = headerOf(answer);
  const response = {
    kind: 'keptAlive',
    revision: at,
    id: answer.int64(2),
    ttl: secondsOf(answer, 3),
  } as const;
  return { kind: 'answered', response, header: from };
};

const PATHS: Readonly<Record<LeanCommand['kind'], string>> = {
  grant: '/etcdserverpb.Lease/LeaseGrant',
  revoke: '/etcdserverpb.Lease/LeaseRevoke',
  timeToLive: '/etcdserverpb.Lease/LeaseTimeToLive',
  leases: '/etcdserverpb.Lease/LeaseLeases',
  put: '/etcdserverpb.KV/Put',
  range: '/etcdserverpb.KV/Range',
  deleteRange: '/etcdserverpb.KV/DeleteRange',
};

const fieldsOf = (command: LeanCommand): readonly Field[] => {
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
    case 'put':
      return [
        [1, command.key],
        [2, command.value],
        [3, command.lease],
        [4, command.prevKv],
        [5, command.ignoreValue],
        [6, command.ignoreLease],
      ];
    case 'range':
      return [
        [1, command.key],
        [2, command.rangeEnd],
      ];
    case 'deleteRange':
      return [
        [1, command.key],
        [2, command.rangeEnd],
        [3, command.prevKv],
      ];
  }
};

interface Answer {
  readonly status: number;
  readonly message: string;
  readonly body: Buffer;
}

const completionOf = (command: LeanCommand, { status, message, body }: Answer): Completion => {
  if (status === 0) {
    const answer = new Message(body);
    const { at, from } = headerOf(answer);
    return { kind: 'answered', response: responseOf(command, answer, at), header: from };
  }
  const reason = reasonOf(status, message);
  if (reason === undefined) return { kind: 'unknown', why: `${status}: ${message}` };
  return { kind: 'answered', response: { kind: 'refused', reason } };
};

const headerOf = (answer: Message): { readonly at: Revision; readonly from: Header } => {
  const header = answer.message(1) ?? new Message(NOTHING);
  const from = { member: String(header.uint64(2)), term: String(header.uint64(4)) };
  return { at: revisionOf(header, 3), from };
};

const NOTHING = Buffer.alloc(0);

const responseOf = ({ kind }: LeanCommand, answer: Message, at: Revision): Response => {
  switch (kind) {
    case 'grant':
      return { kind: 'granted', revision: at, id: answer.int64(2), ttl: secondsOf(answer, 3) };
    case 'revoke':
      return { kind: 'revoked', revision: at };
    case 'timeToLive':
      return {
        kind: 'remainingTtl',
        revision: at,
        id: answer.int64(2),
        ttl: secondsOf(answer, 3),
        grantedTtl: secondsOf(answer, 4),
        keys: answer.allBytes(5),
      };
    case 'leases': {
      const ids = answer.messages(2).map((lease) => lease.int64(1));
      return { kind: 'leaseList', revision: at, ids };
    }
    case 'put': {
      const before = answer.message(2);
      return { kind: 'putDone', revision: at, prevKv: before === null ? null : keyValue(before) };
    }
    case 'range':
      return {
        kind: 'rangeResult',
        revision: at,
        kvs: answer.messages(2).map(keyValue),
        more: answer.int64(3) !== 0n,
        count: Number(answer.int64(4)),
      };
    case 'deleteRange': {
      const prevKvs = answer.messages(3).map(keyValue);
      return { kind: 'deleted', revision: at, deleted: Number(answer.int64(2)), prevKvs };
    }
  }
};

const keyValue = (kv: Message): KeyValue => ({
  key: kv.bytes(1),
  value: kv.bytes(5),
  createRevision: revisionOf(kv, 2),
  modRevision: revisionOf(kv, 3),
  version: Number(kv.int64(4)),
  lease: kv.int64(6),
});

const revisionOf = (message: Message, field: number): Revision =>
  revision(Number(message.int64(field)));

const secondsOf = (message: Message, field: number): Seconds =>
  seconds(Number(message.int64(field)));
