/** Operations on keys and their results as messages of etcd's API, and back. */
import type { Compare, RangeView, RequestOp } from '../../api/command.ts';
import type { KeyValue, ResponseOp, WatchEvent } from '../../api/response.ts';
import { type Revision, revision } from '../../api/units.ts';
import { encodeMessage, type Field, Message } from './protobuf.ts';

export const operationFields = (op: RequestOp): readonly Field[] => {
  switch (op.kind) {
    case 'put':
      return [
        [1, op.key],
        [2, op.value],
        [3, op.lease],
        [4, op.prevKv],
        [5, op.ignoreValue],
        [6, op.ignoreLease],
      ];
    case 'range':
      return [[1, op.key], [2, op.rangeEnd], ...viewFields(op.view)];
    case 'deleteRange':
      return [
        [1, op.key],
        [2, op.rangeEnd],
        [3, op.prevKv],
      ];
    case 'txn':
      return [
        ...op.compares.map((compare): Field => [1, encodeMessage(compareFields(compare))]),
        ...op.success.map((each): Field => [2, requestOp(each)]),
        ...op.failure.map((each): Field => [3, requestOp(each)]),
      ];
  }
};

/** What the answer to an operation says; the header of one within a transaction may be absent. */
export const operationResult = (kind: RequestOp['kind'], answer: Message): ResponseOp => {
  const at = revisionIn(answer);
  switch (kind) {
    case 'put':
      return { kind: 'putDone', revision: at, prevKv: keyValueOrNull(answer.message(2)) };
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
    case 'txn':
      return {
        kind: 'txnResult',
        revision: at,
        succeeded: answer.int64(2) !== 0n,
        responses: answer.messages(3).map(responseOp),
      };
  }
};

/** The revision in the header of an answer; 0 when it has none. */
export const revisionIn = (answer: Message): Revision => {
  const header = answer.message(1);
  return header === null ? revision(0) : revisionOf(header, 3);
};

export const watchEvent = (event: Message): WatchEvent => ({
  kind: event.int64(1) === 0n ? 'put' : 'delete',
  kv: keyValue(event.message(2) ?? NOTHING),
  prevKv: keyValueOrNull(event.message(3)),
});

/** A message in which each field has its default value. */
export const NOTHING = new Message(Buffer.alloc(0));

const keyValueOrNull = (kv: Message | null): KeyValue | null => (kv === null ? null : keyValue(kv));

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

const viewFields = (view: RangeView): readonly Field[] => [
  [3, view.limit],
  [4, view.revision],
  [5, ORDERS[view.sortOrder]],
  [6, TARGETS[view.sortTarget]],
  [7, view.serializable],
  [8, view.keysOnly],
  [9, view.countOnly],
  [10, view.minModRevision],
  [11, view.maxModRevision],
  [12, view.minCreateRevision],
  [13, view.maxCreateRevision],
];

const compareFields = (compare: Compare): readonly Field[] => [
  [1, RESULTS[compare.result]],
  [2, COMPARED[compare.target]],
  [3, compare.key],
  [OPERANDS[compare.target], compare.operand],
  [64, compare.rangeEnd],
];

/** Which field of a RequestOp or a ResponseOp holds it. */
const OPERATIONS: Readonly<Record<RequestOp['kind'], number>> = {
  range: 1,
  put: 2,
  deleteRange: 3,
  txn: 4,
};

const requestOp = (op: RequestOp): Buffer =>
  encodeMessage([[OPERATIONS[op.kind], encodeMessage(operationFields(op))]]);

const responseOp = (response: Message): ResponseOp => {
  for (const kind of KINDS) {
    const result = response.message(OPERATIONS[kind]);
    if (result !== null) return operationResult(kind, result);
  }
  throw new Error('the result of an operation is of no kind that there is');
};

const KINDS = Object.keys(OPERATIONS) as readonly RequestOp['kind'][];

const ORDERS = { none: 0n, ascend: 1n, descend: 2n } as const;
const TARGETS = { key: 0n, version: 1n, create: 2n, mod: 3n, value: 4n } as const;
const RESULTS = { equal: 0n, greater: 1n, less: 2n, notEqual: 3n } as const;
const COMPARED = { version: 0n, create: 1n, mod: 2n, value: 3n, lease: 4n } as const;
/** By what it is compared with, the field that says to what. */
const OPERANDS = { version: 4, create: 5, mod: 6, value: 7, lease: 8 } as const;
