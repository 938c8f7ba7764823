/** Messages of the KV service → commands. */
import type { DeleteRange, Put, Range, SortOrder, SortTarget } from '../api/command.ts';
import { bytesOf } from './byte-strings.ts';
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
