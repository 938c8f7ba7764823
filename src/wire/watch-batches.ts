/** What a watch from the past is sent: revisions together, as etcd's store hands them out. */
import type { Delivery } from '../api/response.ts';

/** Of one response; etcd's `watchBatchMaxRevs`. */
const MAX_REVISIONS = 1000;

/** Of keys and values in one response, about; etcd has no such bound. */
const MAX_BYTES = 1 << 20;

/** Deliveries, those of a watch joined as far as they may be; its end stays one of its own. */
export const batchesOf = (deliveries: readonly Delivery[]): readonly Delivery[] => {
  const batches: { readonly first: Delivery; readonly parts: Delivery[]; bytes: number }[] = [];
  for (const delivery of deliveries) {
    const last = batches.at(-1);
    const bytes = sizeOf(delivery);
    const fits =
      last !== undefined &&
      isOfEvents(last.first) &&
      isOfEvents(delivery) &&
      last.first.watch === delivery.watch &&
      last.first.revision === delivery.revision &&
      last.parts.length < MAX_REVISIONS &&
      last.bytes + bytes <= MAX_BYTES;
    if (fits) {
      last.parts.push(delivery);
      last.bytes += bytes;
    } else batches.push({ first: delivery, parts: [delivery], bytes });
  }
  return batches.map(({ first, parts }) => {
    const { stream, watch, revision, compactRevision } = first;
    const events = parts.flatMap((part) => part.events);
    return { stream, watch, revision, compactRevision, events };
  });
};

const isOfEvents = ({ compactRevision }: Delivery): boolean => compactRevision === 0;

const sizeOf = ({ events }: Delivery): number => {
  let bytes = 0;
  for (const { kv, prevKv } of events) {
    bytes += kv.key.length + kv.value.length;
    if (prevKv !== null) bytes += prevKv.key.length + prevKv.value.length;
  }
  return bytes;
};
