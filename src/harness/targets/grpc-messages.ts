/** Keys, values, operations and their results as messages of etcd's API, and back. */
import {
  CompareResult,
  CompareTarget,
  type ICompare,
  type IDeleteRangeRequest,
  type IDeleteRangeResponse,
  type IEvent,
  type IKeyValue,
  type IPutRequest,
  type IPutResponse,
  type IRangeRequest,
  type IRangeResponse,
  type IRequestOp,
  type IResponseHeader,
  type IResponseOp,
  type ITxnRequest,
  type ITxnResponse,
  SortOrder as WireSortOrder,
  SortTarget as WireSortTarget,
} from 'etcd3';
import { asBytes, type Bytes } from '../../api/bytes.ts';
import type { Compare, RequestOp, SortOrder, SortTarget } from '../../api/command.ts';
import type {
  Deleted,
  KeyValue,
  PutDone,
  RangeResult,
  ResponseOp,
  TxnResult,
  WatchEvent,
} from '../../api/response.ts';
import { type Revision, revision } from '../../api/units.ts';

export const putRequest = (op: RequestOp & { kind: 'put' }): IPutRequest => ({
  ...field('key', op.key),
  ...field('value', op.value),
  lease: String(op.lease),
  prev_kv: op.prevKv,
  ignore_value: op.ignoreValue,
  ignore_lease: op.ignoreLease,
});

export const rangeRequest = (op: RequestOp & { kind: 'range' }): IRangeRequest => {
  const { view } = op;
  return {
    ...field('key', op.key),
    ...field('range_end', op.rangeEnd),
    revision: String(view.revision),
    limit: String(view.limit),
    sort_order: ORDERS[view.sortOrder],
    sort_target: SORT_TARGETS[view.sortTarget],
    serializable: view.serializable,
    keys_only: view.keysOnly,
    count_only: view.countOnly,
    min_mod_revision: String(view.minModRevision),
    max_mod_revision: String(view.maxModRevision),
    min_create_revision: String(view.minCreateRevision),
    max_create_revision: String(view.maxCreateRevision),
  };
};

export const deleteRequest = (op: RequestOp & { kind: 'deleteRange' }): IDeleteRangeRequest => ({
  ...field('key', op.key),
  ...field('range_end', op.rangeEnd),
  prev_kv: op.prevKv,
});

export const txnRequest = (op: RequestOp & { kind: 'txn' }): ITxnRequest => ({
  compare: op.compares.map(compareMessage),
  success: op.success.map(requestOp),
  failure: op.failure.map(requestOp),
});

export const putDone = ({ header, prev_kv }: IPutResponse): PutDone => ({
  kind: 'putDone',
  revision: revisionOf(header),
  prevKv: keyValueOrNull(prev_kv),
});

export const rangeResult = ({ header, kvs, more, count }: IRangeResponse): RangeResult => ({
  kind: 'rangeResult',
  revision: revisionOf(header),
  kvs: kvs.map(keyValue),
  more,
  count: Number(count),
});

export const deletedResult = ({ header, deleted, prev_kvs }: IDeleteRangeResponse): Deleted => ({
  kind: 'deleted',
  revision: revisionOf(header),
  deleted: Number(deleted),
  prevKvs: prev_kvs.map(keyValue),
});

export const txnResult = ({ header, succeeded, responses }: ITxnResponse): TxnResult => ({
  kind: 'txnResult',
  revision: revisionOf(header),
  succeeded,
  responses: responses.map(responseOp),
});

export const watchEvent = ({ type, kv, prev_kv }: IEvent): WatchEvent => ({
  // The library's types say `Put` and `Delete`, its values are those of the protocol: `PUT` and
  // `DELETE`.
  kind: type.toUpperCase() === 'DELETE' ? 'delete' : 'put',
  kv: keyValue(kv),
  prevKv: keyValueOrNull(prev_kv),
});

/** A transaction within another has none (KV-10). */
export const revisionOf = (header: IResponseHeader | null): Revision =>
  revision(header === null ? 0 : Number(header.revision));

const ORDERS: Readonly<Record<SortOrder, WireSortOrder>> = {
  none: WireSortOrder.None,
  ascend: WireSortOrder.Ascend,
  descend: WireSortOrder.Descend,
};

const SORT_TARGETS: Readonly<Record<SortTarget, WireSortTarget>> = {
  key: WireSortTarget.Key,
  version: WireSortTarget.Version,
  create: WireSortTarget.Create,
  mod: WireSortTarget.Mod,
  value: WireSortTarget.Value,
};

const RESULTS: Readonly<Record<Compare['result'], CompareResult>> = {
  equal: CompareResult.Equal,
  greater: CompareResult.Greater,
  less: CompareResult.Less,
  notEqual: CompareResult.NotEqual,
};

const TARGETS: Readonly<Record<Compare['target'], CompareTarget>> = {
  version: CompareTarget.Version,
  create: CompareTarget.Create,
  mod: CompareTarget.Mod,
  value: CompareTarget.Value,
  lease: CompareTarget.Lease,
};

const OPERANDS = {
  version: 'version',
  create: 'create_revision',
  mod: 'mod_revision',
  lease: 'lease',
} as const;

const compareMessage = (compare: Compare): ICompare => ({
  result: RESULTS[compare.result],
  target: TARGETS[compare.target],
  ...field('key', compare.key),
  ...field('range_end', compare.rangeEnd),
  ...(compare.target === 'value'
    ? { value: bufferOf(compare.operand) }
    : { [OPERANDS[compare.target]]: String(compare.operand) }),
});

const requestOp = (op: RequestOp): IRequestOp => {
  switch (op.kind) {
    case 'put':
      return { request_put: putRequest(op) };
    case 'range':
      return { request_range: rangeRequest(op) };
    case 'deleteRange':
      return { request_delete_range: deleteRequest(op) };
    case 'txn':
      return { request_txn: txnRequest(op) };
  }
};

/** The library fills in what is absent with null, whatever its types say. */
const responseOp = (op: Partial<IResponseOp>): ResponseOp => {
  if (isThere(op.response_put)) return putDone(op.response_put);
  if (isThere(op.response_range)) return rangeResult(op.response_range);
  if (isThere(op.response_delete_range)) return deletedResult(op.response_delete_range);
  return txnResult(op.response_txn as ITxnResponse);
};

const isThere = <T>(message: T | null | undefined): message is T =>
  message !== null && message !== undefined;

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
 * A field of bytes, left out when empty: an empty range_end that is present means another range
 * (KV-16).
 */
export const field = <Name extends string>(name: Name, bytes: Bytes): { [key in Name]?: Buffer } =>
  (bytes === '' ? {} : { [name]: bufferOf(bytes) }) as { [key in Name]?: Buffer };

export const bytesOf = (buffer: Buffer): Bytes => asBytes(buffer.toString('latin1'));
