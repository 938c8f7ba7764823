/** A watch response that is too large, in pieces, for a watch that asked for it. */
import { toBinary } from '@bufbuild/protobuf';
import { type Event, EventSchema } from './gen/kv_pb.ts';
import { type WatchResponse, WatchResponseSchema } from './gen/rpc_pb.ts';

/** Each piece is smaller than the limit unless it holds one event alone; the last is not marked. */
export const fragmentsOf = (
  response: WatchResponse,
  maxBytes: number,
): readonly WatchResponse[] => {
  if (response.events.length < 2 || roughSize(response.events) < maxBytes / 2) return [response];
  const sizes = response.events.map((event) => sizeInMessage(toBinary(EventSchema, event).length));
  const own = toBinary(WatchResponseSchema, { ...response, events: [] }).length;
  if (own + sizes.reduce((sum, size) => sum + size, 0) < maxBytes) return [response];
  // The mark of a fragment takes two bytes.
  const empty = own + 2;
  const pieces: Event[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const [index, event] of response.events.entries()) {
    const more = sizes[index] as number;
    if (size + more >= maxBytes) {
      pieces.push([]);
      size = empty;
    }
    pieces.at(-1)?.push(event);
    size += more;
  }
  const last = pieces.length - 1;
  return pieces.map((events, index) =>
    Object.assign({}, response, { events, fragment: index < last }),
  );
};

/** With the tag and the length before it. */
const sizeInMessage = (length: number): number => 1 + varintSize(length) + length;

const varintSize = (value: number): number => (value < 0x80 ? 1 : 1 + varintSize(value >>> 7));

const roughSize = (events: readonly Event[]): number => {
  let bytes = 0;
  for (const { kv, prevKv } of events) {
    for (const part of [kv, prevKv]) {
      if (part !== undefined) bytes += part.key.length + part.value.length + ROUGH_FIELDS;
    }
  }
  return bytes;
};

/** Of the numbers in one key-value. */
const ROUGH_FIELDS = 64;
