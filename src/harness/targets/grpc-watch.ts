/** A watch over all keys with a prefix. */
import { type Bytes, prefixEnd } from '../../api/bytes.ts';
import { PLAIN_WATCH } from '../../api/command.ts';
import type { WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import { TargetError } from '../target.ts';
import type { OpenWatch, WatchReply } from './watch-transport.ts';

export interface WatchSink {
  /** All events of one revision, in etcd's order. */
  watched(revision: Revision, events: readonly WatchEvent[]): void;
  /** The watch is over, and nobody closed it. Told once. */
  ended(why: string): void;
}

export interface Watch {
  close(): void;
}

/**
 * Begins a watch. It resolves when the server has confirmed it: what is written from then on is
 * seen. Throws `TargetError` when it does not come to that.
 */
export const watchPrefix = async (
  open: OpenWatch,
  prefix: Bytes,
  sink: WatchSink,
): Promise<Watch> => {
  const state = { closed: false };
  const watch = await new Promise<Watch>((resolve, reject) => {
    const ended = (why: string): void => {
      if (state.closed) return;
      state.closed = true;
      reject(new TargetError(why));
      sink.ended(why);
    };
    const replied = (reply: WatchReply): void => {
      if (state.closed) return;
      if (reply.canceled) ended(`the server cancelled the watch: ${cause(reply)}`);
      else if (reply.created) resolve({ close });
      else report(reply, sink);
    };
    const transport = open({ replied, ended });
    const close = (): void => {
      state.closed = true;
      transport.cancel();
    };
    transport.write({ ...WHOLE, key: prefix, rangeEnd: prefixEnd(prefix) });
  });
  return watch;
};

const WHOLE = { ...PLAIN_WATCH, kind: 'watch', token: 0, stream: 0, prevKv: true } as const;

const cause = ({ cancelReason, compactRevision }: WatchReply): string =>
  cancelReason === '' ? `compacted at revision ${compactRevision}` : cancelReason;

/** A response may carry several revisions, each whole and in order. */
const report = ({ events }: WatchReply, sink: WatchSink): void => {
  for (let start = 0, end = 0; start < events.length; start = end) {
    const { modRevision } = (events[start] as WatchEvent).kv;
    while (events[end]?.kv.modRevision === modRevision) end += 1;
    sink.watched(modRevision, events.slice(start, end));
  }
};
