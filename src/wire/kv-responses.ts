/** Answers of the KV service → messages. */
import type { Deleted, PutDone, RangeResult } from '../api/response.ts';
import type {
  DeleteRangeResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
} from './gen/rpc_pb.ts';
import { keyValueOf } from './key-values.ts';

export const rangeMessage = (answer: RangeResult, header: ResponseHeader): RangeResponse => ({
  $typeName: 'etcdserverpb.RangeResponse',
  header,
  kvs: answer.kvs.map(keyValueOf),
  more: answer.more ?? false,
  count: BigInt(answer.count ?? answer.kvs.length),
});

export const putMessage = (answer: PutDone, header: ResponseHeader): PutResponse => ({
  $typeName: 'etcdserverpb.PutResponse',
  header,
  ...(answer.prevKv === null ? {} : { prevKv: keyValueOf(answer.prevKv) }),
});

export const deletedMessage = (answer: Deleted, header: ResponseHeader): DeleteRangeResponse => ({
  $typeName: 'etcdserverpb.DeleteRangeResponse',
  header,
  deleted: BigInt(answer.deleted),
  prevKvs: answer.prevKvs.map(keyValueOf),
});
