/**
 * The Watch streams: which watches there are on each, and what is delivered to them. A write costs
 * time in proportion to the watches that it concerns.
 *
 * A watch that starts in the past is caught up at once, revision by revision (KV-23); etcd does so
 * within 100 ms, and joins revisions as it likes.
 */
import { type Bytes, FROM_KEY, NO_BYTES } from '../api/bytes.ts';
import type { CancelWatch, StreamId, Token, Watch, WatchProgress } from '../api/command.ts';
import type { MinorVersion } from '../api/config.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import { type Milliseconds, type Revision, revision as toRevision } from '../api/units.ts';
import type { VirtualClock } from '../clock/virtual-clock.ts';
import { InvariantViolation } from '../invariant.ts';
import { eventsFor, eventsOf, NO_EVENTS, withoutPrevKvs } from './watch-events.ts';
import { WatchIndex } from './watch-index.ts';
import { ProgressTicker } from './progress-ticker.ts';
import {
  chooseId,
  inOrder,
  newWatcher,
  refusalOf,
  type Watcher,
  type WatchStream,
} from './watcher.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Store } from './store.ts';

export interface WatchesOptions {
  readonly etcd: MinorVersion;
  readonly progressPeriod: Milliseconds;
  readonly clock: VirtualClock;
  readonly store: Store;
  readonly fingerprint: Fingerprint;
  readonly answer: (token: Token, response: Response) => void;
  /** Undefined: nobody wants to know. */
  readonly deliver: ((delivery: Delivery) => void) | undefined;
  /** Does what no command brings about, with nothing else under way. */
  readonly alone: (act: () => void) => void;
}

const FIRST_KEY = FROM_KEY;
/** What a compacted start is told in place of the revision (KV-17). */
const NO_REVISION = toRevision(0);

export class Watches {
  /** KV-29: of the streams that open from now on. */
  progressPeriod: Milliseconds;
  readonly #options: WatchesOptions;
  readonly #streams = new Map<StreamId, WatchStream>();
  /** Those that have not ended. */
  readonly #index = new WatchIndex<Watcher>();
  #begun = 0;

  constructor(options: WatchesOptions) {
    this.#options = options;
    this.progressPeriod = options.progressPeriod;
  }

  /** Nobody would hear of a write. */
  get isEmpty(): boolean {
    return this.#index.size === 0 || this.#options.deliver === undefined;
  }

  /** How many watches there are that the server has not ended. */
  get size(): number {
    return this.#index.size;
  }

  /** How many streams there are with watches, or where there were some. */
  get streams(): number {
    return this.#streams.size;
  }

  /** Begins a watch, answers, and delivers what is past already. */
  begin(request: Watch): void {
    const { answer, etcd, store } = this.#options;
    // KV-24
    const key = request.key === NO_BYTES ? FIRST_KEY : request.key;
    const reason = refusalOf({ ...request, key }, this.#streams.get(request.stream), etcd);
    if (reason !== undefined) {
      answer(request.token, { kind: 'refused', reason });
      return;
    }
    const watcher = this.#add(request, key);
    answer(request.token, {
      kind: 'watchCreated',
      revision: store.revision,
      watch: watcher.watch,
    });
    // KV-23: to 3.4 a negative start may be a compacted one; otherwise it is as none.
    const isPast = watcher.start !== 0 && watcher.start <= store.revision;
    if (isPast || (etcd === '3.4' && watcher.start < 0)) this.#catchUp(watcher);
  }

  /** KV-26: ends a watch, and answers; of a watch that is not there etcd says nothing. */
  cancel({ stream, token, watch }: CancelWatch): void {
    const { answer, fingerprint, store } = this.#options;
    const watchers = this.#streams.get(stream)?.watchers;
    const watcher = watchers?.get(watch);
    if (watchers === undefined || watcher === undefined) return;
    if (!watcher.hasEnded) this.#index.remove(watcher);
    watchers.delete(watch);
    fingerprint.word(11);
    fingerprint.number(stream);
    fingerprint.int64(watch);
    answer(token, { kind: 'watchCanceled', revision: store.revision, watch });
  }

  /**
   * KV-27: says how far the stream is. From 3.5 on only when it has watches, and all of them have
   * come as far as that: none that begins in the future, and none that the server has ended.
   */
  progress({ stream, token }: WatchProgress): void {
    const { answer, etcd, store } = this.#options;
    const { revision } = store;
    if (etcd !== '3.4') {
      const watchers = this.#streams.get(stream)?.watchers;
      if (watchers === undefined || watchers.size === 0) return;
      for (const { hasEnded, start } of watchers.values()) {
        if (hasEnded || start > revision) return;
      }
    }
    answer(token, { kind: 'progress', revision });
  }

  /** The client of a stream is gone, and with it all watches. */
  closeStream(stream: StreamId): void {
    const closed = this.#streams.get(stream);
    if (closed === undefined) return;
    closed.ticker.stop();
    this.#streams.delete(stream);
    for (const watcher of closed.watchers.values()) {
      if (!watcher.hasEnded) this.#index.remove(watcher);
    }
    this.#options.fingerprint.word(12);
    this.#options.fingerprint.number(stream);
  }

  /** All connections have ended. */
  drop(): void {
    for (const stream of this.#streams.keys()) this.closeStream(stream);
  }

  /** Nobody is told anything any more. */
  stop(): void {
    for (const { ticker } of this.#streams.values()) ticker.stop();
  }

  /** KV-22: delivers the events of a revision that has just come to be, in their order. */
  notify(revision: Revision, events: readonly WatchEvent[]): void {
    if (this.isEmpty) return;
    const [only] = events;
    if (only !== undefined && events.length === 1) {
      this.#notifyOf(revision, only, events);
      return;
    }
    const concerned = new Map<Watcher, WatchEvent[]>();
    for (const event of events) {
      this.#index.visit(event.kv.key, (watcher) => {
        if (revision < watcher.next) return;
        const own = concerned.get(watcher);
        if (own === undefined) concerned.set(watcher, [event]);
        else own.push(event);
      });
    }
    for (const watcher of inOrder([...concerned.keys()])) {
      this.#deliver(watcher, revision, revision, concerned.get(watcher) as WatchEvent[]);
    }
  }

  /** The same with a single event, which all watchers share. */
  #notifyOf(revision: Revision, event: WatchEvent, events: readonly WatchEvent[]): void {
    const concerned: Watcher[] = [];
    this.#index.visit(event.kv.key, (watcher) => {
      if (revision >= watcher.next) concerned.push(watcher);
    });
    if (concerned.length === 0) return;
    const bare = withoutPrevKvs(events);
    for (const watcher of inOrder(concerned)) {
      this.#deliver(watcher, revision, revision, watcher.prevKv ? events : bare);
    }
  }

  /** Checks that streams and index agree, and that no watch is ahead of the store. */
  scan(): void {
    const { revision } = this.#options.store;
    let active = 0;
    for (const [stream, { watchers }] of this.#streams) {
      for (const [watch, watcher] of watchers) {
        if (watcher.stream !== stream || watcher.watch !== watch) {
          throw new InvariantViolation('a watch is on its stream', { stream, watch });
        }
        if (watcher.next > revision + 1 && watcher.next !== watcher.start) {
          throw new InvariantViolation('no watch is ahead', { next: watcher.next, revision });
        }
        if (!watcher.hasEnded) active += 1;
      }
    }
    const found = this.#index.scan();
    if (found !== active || this.#index.size !== active) {
      throw new InvariantViolation('the index has the watches', { found, active });
    }
  }

  #add(request: Watch, key: Bytes): Watcher {
    this.#begun += 1;
    const stream = this.#streamOf(request.stream);
    const watch = request.watch === 0n ? chooseId(stream) : request.watch;
    const after = this.#options.store.revision;
    const watcher = newWatcher({ ...request, key, watch }, this.#begun, after);
    stream.watchers.set(watch, watcher);
    if (watcher.wantsProgress) stream.ticker.run();
    this.#index.add(watcher);
    this.#record(watcher, request);
    return watcher;
  }

  #record({ key, stream, watch }: Watcher, request: Watch): void {
    const { fingerprint } = this.#options;
    const { noDelete, noPut, prevKv, rangeEnd, startRevision } = request;
    fingerprint.word(10);
    fingerprint.number(stream);
    fingerprint.int64(watch);
    fingerprint.text(key);
    fingerprint.text(rangeEnd);
    fingerprint.int64(startRevision);
    fingerprint.word((prevKv ? 4 : 0) + (noPut ? 2 : 0) + (noDelete ? 1 : 0));
  }

  #streamOf(id: StreamId): WatchStream {
    const found = this.#streams.get(id);
    if (found !== undefined) return found;
    const { alone, clock } = this.#options;
    const tick = (): void => alone(() => this.#tick(stream));
    const ticker = new ProgressTicker(clock, this.progressPeriod, tick);
    const stream: WatchStream = { nextId: 0n, watchers: new Map(), ticker };
    this.#streams.set(id, stream);
    return stream;
  }

  /** KV-29: tells progress to those that want it and have been told nothing since the last time. */
  #tick({ ticker, watchers }: WatchStream): void {
    const { deliver, etcd, store } = this.#options;
    const { revision } = store;
    for (const watcher of watchers.values()) {
      if (!watcher.wantsProgress) continue;
      ticker.run();
      const isThere = etcd === '3.4' || watcher.start <= revision;
      if (watcher.isQuiet && isThere && !watcher.hasEnded) {
        const { stream, watch } = watcher;
        deliver?.({ stream, watch, revision, events: NO_EVENTS, compactRevision: NO_REVISION });
      }
      watcher.isQuiet = true;
    }
  }

  #catchUp(watcher: Watcher): void {
    const { deliver, store } = this.#options;
    const { history } = store;
    if (watcher.start < history.floor) {
      // KV-17
      watcher.hasEnded = true;
      this.#index.remove(watcher);
      const { stream, watch } = watcher;
      const compactRevision = history.floor;
      deliver?.({ stream, watch, revision: NO_REVISION, events: NO_EVENTS, compactRevision });
      return;
    }
    if (deliver === undefined || watcher.start < 0) return;
    for (const [revision, events] of eventsOf(history, watcher, store.revision)) {
      this.#deliver(watcher, revision, store.revision, events);
    }
  }

  #deliver(
    watcher: Watcher,
    revision: number,
    headerRevision: Revision,
    events: readonly WatchEvent[],
  ): void {
    if (watcher.hasEnded || revision < watcher.start) {
      throw new InvariantViolation('a watch gets what it asked for', { revision });
    }
    watcher.next = Math.max(watcher.next, revision + 1);
    const wanted = eventsFor(watcher, events);
    if (wanted.length === 0) return;
    watcher.isQuiet = false;
    const { stream, watch } = watcher;
    this.#options.deliver?.({
      stream,
      watch,
      revision: headerRevision,
      events: wanted,
      compactRevision: NO_REVISION,
    });
  }
}
