/** Answers of the KV service → messages. */
import type {
  Deleted,
  PutDone,
  RangeResult,
  ResponseOp as Outcome,
  TxnResult,
} from '../api/response.ts';
import type {
  DeleteRangeResponse,
  PutResponse,
  RangeResponse,
  ResponseHeader,
  ResponseOp,
  TxnResponse,
} from './gen/rpc_pb.ts';
import { keyValueOf } from './key-values.ts';

export const rangeMessage = (answer: RangeResult, header: ResponseHeader): RangeResponse => ({
  $typeName: 'etcdserverpb.RangeResponse',
  header,
  kvs: answer.kvs.map(keyValueOf),
  more: answer.more,
  count: BigInt(answer.count),
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

export const txnMessage = (answer: TxnResult, header: ResponseHeader): TxnResponse => ({
  $typeName: 'etcdserverpb.TxnResponse',
  header,
  succeeded: answer.succeeded,
  responses: answer.responses.map(outcomeMessage),
});

const outcomeMessage = (outcome: Outcome): ResponseOp => ({
  $typeName: 'etcdserverpb.ResponseOp',
  response: outcomeUnion(outcome),
});

/** KV-10: the headers within a transaction hold a revision at most. */
const outcomeUnion = (outcome: Outcome): ResponseOp['response'] => {
  const header = innerHeader(outcome.revision);
  switch (outcome.kind) {
    case 'rangeResult':
      return { case: 'responseRange', value: rangeMessage(outcome, header) };
    case 'putDone':
      return { case: 'responsePut', value: putMessage(outcome, header) };
    case 'deleted':
      return { case: 'responseDeleteRange', value: deletedMessage(outcome, header) };
    case 'txnResult':
      return { case: 'responseTxn', value: txnMessage(outcome, header) };
  }
};

const innerHeader = (revision: number): ResponseHeader => ({
  $typeName: 'etcdserverpb.ResponseHeader',
  clusterId: 0n,
  memberId: 0n,
  revision: BigInt(revision),
  raftTerm: 0n,
});
