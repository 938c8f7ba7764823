/** etcd's API over gRPC: a command as a request, and what comes back as a completion. */
import type { Etcd3, IKeyValue, ILeaseKeepAliveResponse, IResponseHeader } from 'etcd3';
import { asBytes, type Bytes } from '../../api/bytes.ts';
import type { Command, DeleteRange, Grant, KeepAlive, Put, Range } from '../../api/command.ts';
import { reasonOf } from '../../api/refusal.ts';
import type { KeyValue, Response } from '../../api/response.ts';
import { type Revision, revision, type Seconds, seconds } from '../../api/units.ts';
import type { Completion } from '../target.ts';

/** A command that is one request with one answer. */
export type UnaryCommand = Exclude<Command, KeepAlive>;

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

export const keyValue = (kv: IKeyValue): KeyValue => ({
  key: bytesOf(kv.key),
  value: bytesOf(kv.value),
  createRevision: revision(Number(kv.create_revision)),
  modRevision: revision(Number(kv.mod_revision)),
  version: Number(kv.version),
  lease: BigInt(kv.lease),
});

/** What an absent message stands for: the library gives null, whatever its types say. */
export const keyValueOrNull = (kv: IKeyValue | null | undefined): KeyValue | null =>
  kv === null || kv === undefined ? null : keyValue(kv);

export const bufferOf = (bytes: Bytes): Buffer => Buffer.from(bytes, 'latin1');

/**
 * A refusal when the code and the message are one of etcd's for lease and key commands; otherwise
 * unknown.
 */
const completionOf = (error: unknown): Completion => {
  const why = error instanceof Error ? error.message : String(error);
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
  const request = {
    ...field('key', command.key),
    ...field('value', command.value),
    lease: String(command.lease),
    prev_kv: command.prevKv,
    ignore_value: command.ignoreValue,
    ignore_lease: command.ignoreLease,
  };
  const { header, prev_kv } = await etcd.kv.put(request, options);
  return answered(header, {
    kind: 'putDone',
    revision: revisionOf(header),
    prevKv: keyValueOrNull(prev_kv),
  });
};

const range = async (etcd: Etcd3, command: Range, options: Deadline): Promise<Completion> => {
  const request = { ...field('key', command.key), ...field('range_end', command.rangeEnd) };
  const { header, kvs } = await etcd.kv.range(request, options);
  return answered(header, {
    kind: 'rangeResult',
    revision: revisionOf(header),
    kvs: kvs.map(keyValue),
  });
};

const deleteRange = async (
  etcd: Etcd3,
  command: DeleteRange,
  options: Deadline,
): Promise<Completion> => {
  const request = {
    ...field('key', command.key),
    ...field('range_end', command.rangeEnd),
    prev_kv: command.prevKv,
  };
  const { header, deleted, prev_kvs } = await etcd.kv.deleteRange(request, options);
  return answered(header, {
    kind: 'deleted',
    revision: revisionOf(header),
    deleted: Number(deleted),
    prevKvs: prev_kvs.map(keyValue),
  });
};

/**
 * A field of bytes, left out when empty: an empty range_end that is present means another range
 * (KV-16).
 */
const field = <Name extends string>(name: Name, bytes: Bytes): { [key in Name]?: Buffer } =>
  (bytes === '' ? {} : { [name]: bufferOf(bytes) }) as { [key in Name]?: Buffer };

const answered = (header: IResponseHeader, response: Response): Completion => ({
  kind: 'answered',
  response,
  header: { member: header.member_id, term: header.raft_term },
});

const revisionOf = (header: IResponseHeader): Revision => revision(Number(header.revision));

const secondsOf = (text: string): Seconds => seconds(Number(text));

const bytesOf = (buffer: Buffer): Bytes => asBytes(buffer.toString('latin1'));
