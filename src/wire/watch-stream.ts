/**
 * One Watch stream with its watches. A client that does not read is not buffered for: beyond a
 * bound its watches fall behind, and once it reads again they are caught up from the store, as
 * etcd does it. When what they would be sent is compacted by then, they end (KV-17).
 */
import type { Token, WatchId } from '../api/command.ts';
import type { Delivery, Response } from '../api/response.ts';
import { REFUSALS } from '../api/refusal.ts';
import type { Backend } from './backend.ts';
import type {
  WatchCreateRequest,
  WatchRequest,
  WatchRequestSchema,
  WatchResponse,
  WatchResponseSchema,
} from './gen/rpc_pb.ts';
import type { Replies, StreamHandler } from './methods.ts';
import { statusOf } from './refusals.ts';
import { batchesOf } from './watch-batches.ts';
import { fragmentsOf } from './watch-fragments.ts';
import { eventOf, type WatchRange, watchOf } from './watch-requests.ts';

interface Watcher {
  readonly range: WatchRange;
  /** The first revision whose events it has not been sent. */
  next: bigint;
  isBehind: boolean;
  /** The server has ended it. Its id stays in use until the client cancels it. */
  hasEnded: boolean;
}

/** Bytes that may wait for the client before its watches fall behind. */
const MAX_BACKLOG = 1 << 20;

/** The id in responses that are of no watch in particular. */
const NO_WATCH = -1n;

export class WatchStream implements StreamHandler<typeof WatchRequestSchema> {
  readonly #backend: Backend;
  readonly #replies: Replies<typeof WatchResponseSchema>;
  readonly #maxBytes: number;
  readonly #stream: number;
  readonly #watchers = new Map<WatchId, Watcher>();
  /**
   * What was delivered before the watch was announced, which its client would not know, and what a
   * watch from the past begins with.
   */
  readonly #early: Delivery[] = [];
  #isCreating = false;
  /** The watch that is being created. */
  #newest: Watcher | undefined;
  readonly #unanswered = new Set<Token>();
  #waitsForDrain = false;
  #isGone = false;

  constructor(backend: Backend, replies: Replies<typeof WatchResponseSchema>, maxBytes: number) {
    this.#backend = backend;
    this.#replies = replies;
    this.#maxBytes = maxBytes;
    this.#stream = backend.openWatchStream((delivery) => this.#onDelivery(delivery));
  }

  message({ requestUnion }: WatchRequest): void {
    switch (requestUnion.case) {
      case 'createRequest':
        this.#create(requestUnion.value);
        break;
      case 'cancelRequest':
        this.#cancel(requestUnion.value.watchId);
        break;
      case 'progressRequest':
        this.#progress();
        break;
      case undefined:
        // etcd lets pass what it does not know.
        break;
    }
  }

  halfClosed(): void {
    // The watches go on until the call ends.
  }

  gone(): void {
    this.#isGone = true;
    for (const token of this.#unanswered) this.#backend.forget(token);
    this.#backend.closeWatchStream(this.#stream);
    this.#watchers.clear();
  }

  #create(request: WatchCreateRequest): void {
    const range = watchOf(request);
    const token = this.#expect((response) => {
      if (response.kind === 'watchCreated') this.#created(response.watch, range, response.revision);
      else if (response.kind === 'refused') {
        // Not the end of the stream, on which there may be other watches.
        this.#reply({
          revision: this.#backend.simulator.revision,
          watchId: NO_WATCH,
          created: true,
          canceled: true,
          cancelReason: REFUSALS[response.reason].message,
        });
      } else this.#replies.end(statusOf(response, this.#backend));
    });
    this.#isCreating = true;
    this.#backend.submit({ ...range, token, stream: this.#stream, watch: request.watchId });
    this.#isCreating = false;
    this.#newest = undefined;
    this.#deliverEarly();
  }

  #created(watch: WatchId, range: WatchRange, revision: number): void {
    const next = range.startRevision > 0n ? range.startRevision : BigInt(revision) + 1n;
    const watcher = { range, next, isBehind: false, hasEnded: false };
    this.#watchers.set(watch, watcher);
    this.#reply({ revision, watchId: watch, created: true });
    if (this.#isCreating) this.#newest = watcher;
    else this.#deliverEarly();
  }

  #deliverEarly(): void {
    for (const delivery of batchesOf(this.#early.splice(0))) this.#onDelivery(delivery);
  }

  #cancel(watch: WatchId): void {
    // A watch that is not there is not spoken of.
    if (!this.#watchers.delete(watch)) return;
    const token = this.#expect((response) => {
      if (response.kind !== 'watchCanceled') return;
      this.#reply({ revision: response.revision, watchId: watch, canceled: true });
    });
    this.#backend.submit({ kind: 'cancelWatch', token, stream: this.#stream, watch });
  }

  #progress(): void {
    // Only a stream whose watches have all been sent everything can say so.
    if (this.#waitsForDrain) return;
    const token = this.#backend.expect((response) => {
      if (response.kind !== 'progress') return;
      this.#reply({ revision: response.revision, watchId: NO_WATCH });
    });
    this.#backend.submit({ kind: 'watchProgress', token, stream: this.#stream });
    // What is not answered at once is not answered at all.
    this.#backend.forget(token);
  }

  #onDelivery(delivery: Delivery): void {
    const watcher = this.#watchers.get(delivery.watch);
    if (watcher === undefined || watcher === this.#newest) this.#early.push(delivery);
    else if (!watcher.isBehind && !watcher.hasEnded) this.#deliver(watcher, delivery);
  }

  #deliver(watcher: Watcher, { watch, revision, events, compactRevision }: Delivery): void {
    if (this.#replies.backlog > MAX_BACKLOG) {
      // A word on progress is not owed to anybody who does not read.
      if (events.length === 0 && compactRevision === 0) return;
      watcher.isBehind = true;
      this.#catchUpWhenDrained();
      return;
    }
    watcher.hasEnded = compactRevision !== 0;
    const last = events.at(-1);
    if (last !== undefined) watcher.next = BigInt(last.kv.modRevision) + 1n;
    this.#reply(
      {
        revision,
        watchId: watch,
        canceled: watcher.hasEnded,
        compactRevision: BigInt(compactRevision),
        events: events.map(eventOf),
      },
      watcher.range.fragment,
    );
  }

  #catchUpWhenDrained(): void {
    if (this.#waitsForDrain) return;
    this.#waitsForDrain = true;
    this.#replies.whenDrained(() => {
      this.#waitsForDrain = false;
      for (const [watch, watcher] of this.#watchers) {
        if (this.#isGone) return;
        if (watcher.isBehind) this.#catchUp(watch, watcher);
      }
    });
  }

  /** Reads what the watch has missed off a second one that begins there; the first goes on. */
  #catchUp(watch: WatchId, watcher: Watcher): void {
    const backend = this.#backend;
    watcher.isBehind = false;
    const missed: Delivery[] = [];
    const stream = backend.openWatchStream((delivery) => void missed.push(delivery));
    const token = backend.expect(() => {});
    const startRevision = watcher.next;
    backend.submit({ ...watcher.range, startRevision, token, stream, watch: 0n });
    backend.forget(token);
    backend.closeWatchStream(stream);
    for (const delivery of batchesOf(missed)) {
      if (!watcher.isBehind) this.#deliver(watcher, { ...delivery, watch });
    }
  }

  #expect(answer: (response: Response) => void): Token {
    const token = this.#backend.expect((response) => {
      this.#unanswered.delete(token);
      answer(response);
    });
    this.#unanswered.add(token);
    return token;
  }

  #reply(
    { revision, ...said }: Partial<WatchResponse> & { readonly revision: number },
    mayBeCut = false,
  ): void {
    const response: WatchResponse = {
      $typeName: 'etcdserverpb.WatchResponse',
      header: this.#backend.header(revision),
      watchId: 0n,
      created: false,
      canceled: false,
      compactRevision: 0n,
      cancelReason: '',
      fragment: false,
      events: [],
      ...said,
    };
    const pieces = mayBeCut ? fragmentsOf(response, this.#maxBytes) : [response];
    for (const piece of pieces) this.#replies.send(piece);
  }
}
