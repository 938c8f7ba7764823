/**
 * The bytes of a reply to a keep-alive, which is what a server says most often: what the library
 * would make of it, in a fifth of the time.
 */
import { toBinary } from '@bufbuild/protobuf';
import {
  type LeaseKeepAliveResponse,
  LeaseKeepAliveResponseSchema,
  type ResponseHeader,
} from './gen/rpc_pb.ts';

export const keepAliveBytes = (reply: LeaseKeepAliveResponse): Uint8Array => {
  const { header, ID, TTL } = reply;
  if (header === undefined) return toBinary(LeaseKeepAliveResponseSchema, reply);
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
