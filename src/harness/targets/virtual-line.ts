/**
 * What all sessions with an etcd on a virtual clock share: its connection, its watch, its turns,
 * and what of its revisions is nobody's business.
 */
import { errorMessage } from '../../error-message.ts';
import { asBytes, type Bytes, NO_BYTES } from '../../api/bytes.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import { WarpFailed, WarpUnsupported } from '../../timewarp/index.ts';
import { type Completion, type RestartOptions, TargetError } from '../target.ts';
import type { UnaryCommand } from './grpc-calls.ts';
import { type Watch as PrefixWatch, watchPrefix } from './grpc-watch.ts';
import { inTime } from './in-time.ts';
import { callLean } from './lean-calls.ts';
import { leanWatch } from './lean-watch.ts';
import { ANSWER_MS, type VirtualEtcd } from './virtual-etcd.ts';
import type { VirtualTurns } from './virtual-turns.ts';

/** Who is told of what the watch delivers. */
export interface Watcher {
  watched(at: Revision, events: readonly WatchEvent[]): void;
}

const NO_REQUEST = Buffer.alloc(0);

export class VirtualLine {
  readonly server: VirtualEtcd;
  readonly turns: VirtualTurns;
  /** Who is told of the events of the watch. */
  current: Watcher | undefined;
  /** The highest revision that the watch has delivered. */
  seen: number = 1;
  /** Why it can be used no more; null while it can. */
  broken: string | null = null;
  /** Revisions of writes of our own. */
  readonly hidden: number[] = [];
  /** How many sessions it serves; `one` ends the server when it closes. */
  readonly count: 'one' | 'many';
  #watch: PrefixWatch | undefined;
  #waiting: { readonly revision: number; readonly resolve: () => void } | undefined;

  constructor(server: VirtualEtcd, turns: VirtualTurns, count: 'one' | 'many') {
    this.count = count;
    this.server = server;
    this.turns = turns;
  }

  /**
   * Has the server write down all that it has done. 3.4 remembers how far it came only when a key
   * changes, so there one does; nobody sees that.
   */
  async save(): Promise<void> {
    const { lean, config } = this.server;
    if (config.etcd === '3.4') {
      this.hidden.push(this.seen + 1, this.seen + 2);
      await this.#putAndDelete(asBytes('\0leasehold'));
    }
    await lean.call('/etcdserverpb.Maintenance/Hash', NO_REQUEST).catch((error: unknown) => {
      const why = errorMessage(error);
      throw new TargetError(`etcd-virtual: no answer to a request for its hash: ${why}`);
    });
  }

  async restart(options: RestartOptions): Promise<void> {
    // An orderly end waits for streams.
    this.#watch?.close();
    await this.server.settle();
    await this.server.restart(options);
    this.turns.restarted();
    await this.watch();
  }

  async watch(): Promise<void> {
    const begun = watchPrefix(leanWatch(this.server.lean), NO_BYTES, {
      watched: (at, events) => {
        this.seen = at;
        this.current?.watched(at, events);
        if (this.#waiting !== undefined && at >= this.#waiting.revision) this.#waiting.resolve();
      },
      ended: () => {},
    });
    this.#watch = await inTime(
      begun,
      ANSWER_MS,
      'etcd-virtual: no answer to the watch that all share',
    );
  }

  /** The completion of a request, after all events up to its revision have been seen. */
  async complete(command: UnaryCommand): Promise<Completion> {
    const completion = await callLean(this.server.lean, command);
    // Throws when the server has ended: that says more than a broken connection.
    if (completion.kind === 'unknown') await this.server.settle();
    if (completion.kind === 'answered' && completion.response.kind !== 'refused') {
      await this.#deliveredUpTo(completion.response.revision);
    }
    return completion;
  }

  /** A request of our own, which must be answered. */
  async send(command: UnaryCommand): Promise<Response> {
    const completion = await this.complete(command);
    if (completion.kind === 'answered') return completion.response;
    throw new TargetError(`etcd-virtual does not answer: ${completion.why}`);
  }

  /** What the server sent on the connection before now has been read after this. */
  async drain(): Promise<void> {
    await this.send({ kind: 'timeToLive', token: 0, id: 0n, keys: false });
  }

  /**
   * Moves on until what was compacted lies before the first revision of the next session, and the
   * one before that, which it may compact as well.
   */
  async passCompaction(): Promise<void> {
    await this.#putAndDelete(asBytes('~'));
  }

  /** Two revisions that change nothing. */
  async #putAndDelete(key: Bytes): Promise<void> {
    const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
    await this.send({ kind: 'put', token: 0, key, value: NO_BYTES, lease: 0n, ...flags });
    await this.send({ kind: 'deleteRange', token: 0, key, rangeEnd: NO_BYTES, prevKv: false });
  }

  async #deliveredUpTo(at: Revision): Promise<void> {
    if (this.seen >= at) return;
    const delivered = new Promise<void>((resolve) => {
      this.#waiting = { revision: at, resolve };
    });
    await inTime(delivered, ANSWER_MS, `etcd-virtual: the watch did not deliver revision ${at}`);
    this.#waiting = undefined;
  }
}

/** What is wrong with the server, in a line; throws what is no trouble of the server's. */
export const troubleOf = (error: unknown): string => {
  if (error instanceof TargetError) return error.message;
  if (error instanceof WarpFailed || error instanceof WarpUnsupported) {
    return `etcd-virtual: ${error.message}`;
  }
  throw error;
};
