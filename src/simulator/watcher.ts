/** One watch of a client, and the stream that it is on. */
import { FROM_KEY, NO_BYTES } from '../api/bytes.ts';
import type { StreamId, Watch, WatchId } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { Reason } from '../api/refusal.ts';
import type { Revision } from '../api/units.ts';
import type { ProgressTicker } from './progress-ticker.ts';
import type { Taste } from './watch-events.ts';

export interface Watcher extends Taste {
  readonly stream: StreamId;
  readonly watch: WatchId;
  /** The first revision it asked for; 0: the next one. */
  readonly start: number;
  /** Watchers are served in the order in which they began. */
  readonly number: number;
  /** All before this revision has been delivered. */
  next: number;
  /** The server has ended it. Its id stays in use until the client cancels it. */
  hasEnded: boolean;
  /** It is to be told how far it is, now and then (KV-29). */
  readonly wantsProgress: boolean;
  /** It has been told no events since its stream last told progress. */
  isQuiet: boolean;
}

export interface WatchStream {
  /** The server's next choice of an id. */
  nextId: WatchId;
  readonly watchers: Map<WatchId, Watcher>;
  readonly ticker: ProgressTicker;
}

/** The watcher that a request is for, once its id is chosen; it begins after revision `after`. */
export const newWatcher = (request: Watch, number: number, after: Revision): Watcher => {
  const start = Number(request.startRevision);
  return {
    stream: request.stream,
    watch: request.watch,
    key: request.key,
    rangeEnd: request.rangeEnd,
    prevKv: request.prevKv,
    noPut: request.noPut,
    noDelete: request.noDelete,
    start,
    number,
    // KV-23
    next: Math.max(start, after + 1),
    hasEnded: false,
    wantsProgress: request.progressNotify,
    isQuiet: true,
  };
};

/** Why a watch is not created, if it is not; its stream, if there has been a watch on it. */
export const refusalOf = (
  { key, rangeEnd, startRevision, watch }: Watch,
  stream: WatchStream | undefined,
  etcd: MinorVersion,
): Reason | undefined => {
  // KV-23
  if (startRevision < 0n && etcd !== '3.4') return 'compacted';
  // KV-24
  if (rangeEnd !== NO_BYTES && rangeEnd !== FROM_KEY && rangeEnd <= key) return 'empty-range';
  // KV-25: also after the server has ended the watch of that id.
  const isInUse = watch !== 0n && stream?.watchers.has(watch) === true;
  return isInUse ? 'watch-id-in-use' : undefined;
};

/** KV-25: from 0 on, past those that clients have chosen; none is chosen twice. */
export const chooseId = (stream: WatchStream): WatchId => {
  while (stream.watchers.has(stream.nextId)) stream.nextId += 1n;
  const id = stream.nextId;
  stream.nextId += 1n;
  return id;
};

/** Sorts the list it is given. */
export const inOrder = (watchers: Watcher[]): Watcher[] =>
  watchers.length > 1 ? watchers.sort((left, right) => left.number - right.number) : watchers;
