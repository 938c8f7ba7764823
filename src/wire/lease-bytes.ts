/**
 * The bytes of keep-alives and grants, which are what a server hears and says most often: read and
 * written as the library would, in a fifth of the time. What is out of the ordinary is left to it.
 */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  type LeaseGrantRequest,
  LeaseGrantRequestSchema,
  type LeaseGrantResponse,
  LeaseGrantResponseSchema,
  type LeaseKeepAliveRequest,
  LeaseKeepAliveRequestSchema,
  type LeaseKeepAliveResponse,
  LeaseKeepAliveResponseSchema,
  type ResponseHeader,
} from './gen/rpc_pb.ts';

export const keepAliveBytes = (reply: LeaseKeepAliveResponse): Uint8Array =>
  reply.header === undefined
    ? toBinary(LeaseKeepAliveResponseSchema, reply)
    : leaseBytes(reply.header, reply);

export const grantBytes = (reply: LeaseGrantResponse): Uint8Array =>
  reply.header === undefined || reply.error !== ''
    ? toBinary(LeaseGrantResponseSchema, reply)
    : leaseBytes(reply.header, reply);

export const keepAliveOf = (bytes: Uint8Array): LeaseKeepAliveRequest => {
  const fields = numbersOf(bytes);
  if (fields === undefined || fields.second !== 0n) {
    return fromBinary(LeaseKeepAliveRequestSchema, bytes);
  }
  return { $typeName: 'etcdserverpb.LeaseKeepAliveRequest', ID: fields.first };
};

export const grantOf = (bytes: Uint8Array): LeaseGrantRequest => {
  const fields = numbersOf(bytes);
  if (fields === undefined) return fromBinary(LeaseGrantRequestSchema, bytes);
  return { $typeName: 'etcdserverpb.LeaseGrantRequest', TTL: fields.first, ID: fields.second };
};

/** Both replies begin with the same three fields. */
const leaseBytes = (
  header: ResponseHeader,
  { ID, TTL }: { readonly ID: bigint; readonly TTL: bigint },
): Uint8Array => {
  const head = headBytes(header);
  const bytes = Buffer.allocUnsafe(head.length + 2 * FIELD_BYTES);
  bytes.set(head);
  const end = putField(bytes, putField(bytes, head.length, 2, ID), 3, TTL);
  return bytes.subarray(0, end);
};

/** The header as the first field of a message. It is the same for many replies. */
const headBytes = (header: ResponseHeader): Uint8Array => {
  const { clusterId, memberId, raftTerm, revision } = header;
  const isLast =
    last.revision === revision &&
    last.raftTerm === raftTerm &&
    last.memberId === memberId &&
    last.clusterId === clusterId;
  if (isLast) return last.bytes;
  const fields = Buffer.allocUnsafe(4 * FIELD_BYTES);
  let end = putField(fields, 0, 1, clusterId);
  end = putField(fields, end, 2, memberId);
  end = putField(fields, end, 3, revision);
  end = putField(fields, end, 4, raftTerm);
  // Four fields are shorter than 128 bytes, so that one byte tells their length.
  const bytes = Buffer.concat([Buffer.of((1 << 3) | 2, end), fields.subarray(0, end)]);
  last = { clusterId, memberId, raftTerm, revision, bytes };
  return bytes;
};

let last = {
  clusterId: -1n,
  memberId: -1n,
  raftTerm: -1n,
  revision: -1n,
  bytes: new Uint8Array() as Uint8Array,
};

/** One byte that names the field, and ten for a number of 64 bits. */
const FIELD_BYTES = 11;

const NUMBER = new DataView(new ArrayBuffer(8));

/** Where the next field goes. Of 0 nothing is said; what is negative goes as its complement. */
const putField = (bytes: Uint8Array, start: number, field: number, value: bigint): number => {
  if (value === 0n) return start;
  let at = start;
  bytes[at++] = field << 3;
  NUMBER.setBigInt64(0, value);
  let [high, low] = [NUMBER.getUint32(0), NUMBER.getUint32(4)];
  while (high > 0 || low > 0x7f) {
    bytes[at++] = (low & 0x7f) | 0x80;
    low = ((low >>> 7) | (high << 25)) >>> 0;
    high >>>= 7;
  }
  bytes[at++] = low;
  return at;
};

interface Numbers {
  readonly first: bigint;
  readonly second: bigint;
}

/** The first two fields, when nothing else is there and both are numbers; else undefined. */
const numbersOf = (bytes: Uint8Array): Numbers | undefined => {
  let [first, second] = [0n, 0n];
  for (let at = 0; at < bytes.length; ) {
    const tag = bytes[at];
    const end = endOfNumber(bytes, at + 1);
    if (end === undefined) return undefined;
    if (tag === 1 << 3) first = numberAt(bytes, at + 1, end);
    else if (tag === 2 << 3) second = numberAt(bytes, at + 1, end);
    else return undefined;
    at = end;
  }
  return { first, second };
};

/** Where the number that begins at `start` ends; undefined: it does not, or is none of 64 bits. */
const endOfNumber = (bytes: Uint8Array, start: number): number | undefined => {
  for (let at = start; at < bytes.length && at < start + 10; at += 1) {
    const byte = bytes[at] as number;
    if (byte < 0x80) return at === start + 9 && byte > 1 ? undefined : at + 1;
  }
  return undefined;
};

const numberAt = (bytes: Uint8Array, start: number, end: number): bigint => {
  let [high, low] = [0, 0];
  for (let at = end - 1; at >= start; at -= 1) {
    high = (high << 7) | (low >>> 25);
    low = (low << 7) | ((bytes[at] as number) & 0x7f);
  }
  NUMBER.setInt32(0, high);
  NUMBER.setInt32(4, low);
  return NUMBER.getBigInt64(0);
};
