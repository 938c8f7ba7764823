/** Messages that begin a watch → commands; events → messages. */
import { FROM_KEY, NO_BYTES } from '../api/bytes.ts';
import type { Watch } from '../api/command.ts';
import type { WatchEvent } from '../api/response.ts';
import { bytesOf } from './byte-strings.ts';
import { type Event, Event_EventType } from './gen/kv_pb.ts';
import { type WatchCreateRequest, WatchCreateRequest_FilterType } from './gen/rpc_pb.ts';
import { keyValueOf } from './key-values.ts';

export type WatchRange = Omit<Watch, 'token' | 'stream' | 'watch'>;

export const watchOf = (request: WatchCreateRequest): WatchRange => {
  const key = bytesOf(request.key);
  return {
    kind: 'watch',
    // No key is the smallest one.
    key: key === NO_BYTES ? FROM_KEY : key,
    rangeEnd: bytesOf(request.rangeEnd),
    startRevision: request.startRevision,
    prevKv: request.prevKv,
    noPut: request.filters.includes(WatchCreateRequest_FilterType.NOPUT),
    noDelete: request.filters.includes(WatchCreateRequest_FilterType.NODELETE),
    progressNotify: request.progressNotify,
    fragment: request.fragment,
  };
};

/** REVOKE-05 */
export const eventOf = ({ kind, kv, prevKv }: WatchEvent): Event => ({
  $typeName: 'mvccpb.Event',
  type: kind === 'put' ? Event_EventType.PUT : Event_EventType.DELETE,
  kv: keyValueOf(kv),
  ...(prevKv === null ? {} : { prevKv: keyValueOf(prevKv) }),
});
