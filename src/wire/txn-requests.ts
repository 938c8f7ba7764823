/** Transactions: messages → commands. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { Compare, RequestOp, Txn } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import { bytesOf } from './byte-strings.ts';
import {
  Compare_CompareResult,
  Compare_CompareTarget,
  type Compare as CompareMessage,
  type RequestOp as RequestOpMessage,
  type TxnRequest,
} from './gen/rpc_pb.ts';
import { deleteRangeOf, putOf, rangeOf, wrongSort } from './kv-requests.ts';

/** A transaction as a command, or why etcd does not look at it any further. */
export const txnOf = (request: TxnRequest): Omit<Txn, 'token'> | Reason => {
  const success = branchOf(request.success);
  if (typeof success === 'string') return success;
  const failure = branchOf(request.failure);
  if (typeof failure === 'string') return failure;
  return { kind: 'txn', compares: request.compare.flatMap(compareOf), success, failure };
};

const branchOf = (messages: readonly RequestOpMessage[]): readonly RequestOp[] | Reason => {
  const operations: RequestOp[] = [];
  for (const message of messages) {
    const operation = operationOf(message);
    if (typeof operation === 'string') return operation;
    operations.push(operation);
  }
  return operations;
};

const operationOf = ({ request }: RequestOpMessage): RequestOp | Reason => {
  switch (request.case) {
    case 'requestRange':
      return wrongSort(request.value) ?? rangeOf(request.value);
    case 'requestPut':
      return putOf(request.value);
    case 'requestDeleteRange':
      return deleteRangeOf(request.value);
    case 'requestTxn':
      return txnOf(request.value);
    case undefined:
      // Nothing at all is asked for: etcd says it so.
      return 'key-not-found';
  }
};

const RESULTS: Readonly<Record<number, Compare['result']>> = {
  [Compare_CompareResult.EQUAL]: 'equal',
  [Compare_CompareResult.GREATER]: 'greater',
  [Compare_CompareResult.LESS]: 'less',
  [Compare_CompareResult.NOT_EQUAL]: 'notEqual',
};

/** One comparison; none when it holds whatever there is, as one of an unknown kind does. */
const compareOf = (message: CompareMessage): readonly Compare[] => {
  const result = RESULTS[message.result];
  if (result === undefined && message.key.length > 0) return [];
  const key = bytesOf(message.key);
  const range = { key, rangeEnd: bytesOf(message.rangeEnd), result: result ?? 'equal' };
  switch (message.target) {
    case Compare_CompareTarget.VERSION:
      return [{ ...range, target: 'version', operand: integerOf(message, 'version') }];
    case Compare_CompareTarget.CREATE:
      return [{ ...range, target: 'create', operand: integerOf(message, 'createRevision') }];
    case Compare_CompareTarget.MOD:
      return [{ ...range, target: 'mod', operand: integerOf(message, 'modRevision') }];
    case Compare_CompareTarget.LEASE:
      return [{ ...range, target: 'lease', operand: integerOf(message, 'lease') }];
    case Compare_CompareTarget.VALUE:
      return [{ ...range, target: 'value', operand: valueOf(message) }];
    default:
      // As if what it names were equal. A version is never less than zero.
      return result === 'equal' && key !== NO_BYTES
        ? []
        : [{ ...range, result: 'less', target: 'version', operand: 0n }];
  }
};

/** An operand of another kind than the target counts as none: zero. */
const integerOf = (
  { targetUnion }: CompareMessage,
  name: 'version' | 'createRevision' | 'modRevision' | 'lease',
): bigint => (targetUnion.case === name ? targetUnion.value : 0n);

const valueOf = ({ targetUnion }: CompareMessage): Bytes =>
  targetUnion.case === 'value' ? bytesOf(targetUnion.value) : NO_BYTES;
