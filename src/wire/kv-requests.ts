/** Messages of the KV service → commands. */
import type { DeleteRange, Put, Range, SortOrder, SortTarget } from '../api/command.ts';
import { bytesOf } from './byte-strings.ts';
import type { Reason } from '../api/refusal.ts';
import type { DeleteRangeRequest, PutRequest, RangeRequest } from './gen/rpc_pb.ts';

/** By their numbers. */
const SORT_ORDERS: readonly SortOrder[] = ['none', 'ascend', 'descend'];
const SORT_TARGETS: readonly SortTarget[] = ['key', 'version', 'create', 'mod', 'value'];

export const rangeOf = (request: RangeRequest): Omit<Range, 'token'> => ({
  kind: 'range',
  key: bytesOf(request.key),
  rangeEnd: bytesOf(request.rangeEnd),
  view: {
    revision: request.revision,
    limit: request.limit,
    sortOrder: SORT_ORDERS[request.sortOrder] ?? 'none',
    sortTarget: SORT_TARGETS[request.sortTarget] ?? 'key',
    serializable: request.serializable,
    keysOnly: request.keysOnly,
    countOnly: request.countOnly,
    minModRevision: request.minModRevision,
    maxModRevision: request.maxModRevision,
    minCreateRevision: request.minCreateRevision,
    maxCreateRevision: request.maxCreateRevision,
  },
});

/**
 * The reason to refuse a range whose order or target of sorting has a number without a meaning, as
 * 3.6 and later do.
 */
export const wrongSort = (request: RangeRequest): Reason | undefined => {
  // A missing key comes first, and is refused further on.
  if (request.key.length === 0) return undefined;
  const isKnown =
    SORT_ORDERS[request.sortOrder] !== undefined && SORT_TARGETS[request.sortTarget] !== undefined;
  return isKnown ? undefined : 'invalid-sort';
};

export const putOf = (request: PutRequest): Omit<Put, 'token'> => ({
  kind: 'put',
  key: bytesOf(request.key),
  value: bytesOf(request.value),
  lease: request.lease,
  ignoreLease: request.ignoreLease,
  ignoreValue: request.ignoreValue,
  prevKv: request.prevKv,
});

export const deleteRangeOf = (request: DeleteRangeRequest): Omit<DeleteRange, 'token'> => ({
  kind: 'deleteRange',
  key: bytesOf(request.key),
  rangeEnd: bytesOf(request.rangeEnd),
  prevKv: request.prevKv,
});
