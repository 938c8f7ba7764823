/** A watch over all keys with a prefix. */
import type { Etcd3, IDuplexStream, IWatchRequest, IWatchResponse } from 'etcd3';
import { type Bytes, prefixEnd } from '../../api/bytes.ts';
import type { WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import { bufferOf, watchEvent } from './grpc-messages.ts';
import { cancel } from './grpc-keep-alive.ts';
import { readable, UNREADABLE } from './unreadable.ts';

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
 * seen.
 */
export const watchPrefix = async (etcd: Etcd3, prefix: Bytes, sink: WatchSink): Promise<Watch> => {
  const stream = await etcd.watchClient.watch();
  const state = { closed: false };
  await new Promise<void>((resolve, reject) => {
    const end = (why: string) => {
      if (state.closed) return;
      state.closed = true;
      reject(new Error(why));
      sink.ended(why);
    };
    stream.on('data', (response) => {
      if (state.closed) return;
      if (response.canceled) end(`the server cancelled the watch: ${cause(response)}`);
      else if (response.created) resolve();
      else {
        const seen = readable(() => response.events.map(watchEvent));
        if (seen === undefined) end(UNREADABLE);
        else report(seen, sink);
      }
    });
    stream.on('error', (error) => end(error.message));
    stream.on('end', () => end('the server ended the watch'));
    request(stream, prefix);
  });
  return {
    close: () => {
      state.closed = true;
      cancel(stream);
    },
  };
};

const request = (stream: IDuplexStream<IWatchRequest, IWatchResponse>, prefix: Bytes): void =>
  stream.write({
    create_request: {
      key: bufferOf(prefix),
      range_end: bufferOf(prefixEnd(prefix)),
      prev_kv: true,
    },
  });

const cause = ({ cancel_reason, compact_revision }: IWatchResponse): string =>
  cancel_reason === '' ? `compacted at revision ${compact_revision}` : cancel_reason;

/** A response may carry several revisions, each whole and in order. */
const report = (seen: readonly WatchEvent[], sink: WatchSink): void => {
  for (let start = 0, end = 0; start < seen.length; start = end) {
    const { modRevision } = (seen[start] as WatchEvent).kv;
    while (seen[end]?.kv.modRevision === modRevision) end += 1;
    sink.watched(modRevision, seen.slice(start, end));
  }
};
