/** What all sessions with one etcd on a virtual clock share: the server, and a watch over it. */
import { asBytes, NO_BYTES } from '../../api/bytes.ts';
import type { Watch } from '../../api/command.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import { type Completion, TargetError } from '../target.ts';
import { callUnary, type UnaryCommand } from './grpc-calls.ts';
import { watchPrefix } from './grpc-watch.ts';
import { WatchStream } from './grpc-watch-stream.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';
import type { VirtualTurns } from './virtual-turns.ts';

/** The session that is under way. */
interface Watching {
  watched(at: Revision, events: readonly WatchEvent[]): void;
}

/**
 * How long a request may take, in real milliseconds; time stands still for the server meanwhile.
 */
const DEADLINE_MS = 30_000;

const OVER_NOTHING: Watch = {
  kind: 'watch',
  token: 0,
  stream: 0,
  watch: 0n,
  key: asBytes('b'),
  rangeEnd: asBytes('a'),
  startRevision: 0n,
  prevKv: false,
  noPut: false,
  noDelete: false,
  progressNotify: false,
  fragment: false,
};

export class VirtualLine {
  readonly server: VirtualEtcd;
  readonly turns: VirtualTurns;
  current: Watching | undefined;
  /** The highest revision that the watch has delivered. */
  seen: number = 1;
  #drain: WatchStream | undefined;
  readonly #drained: (() => void)[] = [];
  #waiting: { readonly revision: number; readonly resolve: () => void } | undefined;

  constructor(server: VirtualEtcd, turns: VirtualTurns) {
    this.server = server;
    this.turns = turns;
  }

  async watch(): Promise<void> {
    await watchPrefix(this.server.etcd, NO_BYTES, {
      watched: (at, events) => {
        this.seen = at;
        this.current?.watched(at, events);
        if (this.#waiting !== undefined && at >= this.#waiting.revision) this.#waiting.resolve();
      },
      ended: () => {},
    });
  }

  /** The completion of a request, after all events up to its revision have been seen. */
  async complete(command: UnaryCommand): Promise<Completion> {
    const completion = await callUnary(this.server.etcd, command, DEADLINE_MS);
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

  /** What the server sent on the connection of the leases before now has been read after this. */
  async drain(): Promise<void> {
    await this.send({ kind: 'timeToLive', token: 0, id: 0n, keys: false });
  }

  /** The same of the connection of the watches: a watch over nothing is refused at once. */
  async drainWatches(): Promise<void> {
    const read = new Promise<void>((resolve) => {
      this.#drained.push(resolve);
    });
    if (this.#drain === undefined || this.#drain.ended) {
      this.#drain = new WatchStream(this.server.etcd, 0, {
        answered: () => this.#drained.shift()?.(),
        delivered: () => {},
      });
    }
    this.#drain.send(OVER_NOTHING);
    await read;
  }

  /**
   * Moves on until what was compacted lies before the first revision of the next session, and the
   * one before that, which it may compact as well.
   */
  async passCompaction(): Promise<void> {
    const put = { key: asBytes('~'), value: NO_BYTES, lease: 0n } as const;
    const flags = { ignoreLease: false, ignoreValue: false, prevKv: false };
    await this.send({ kind: 'put', token: 0, ...put, ...flags });
    const one = { key: put.key, rangeEnd: NO_BYTES, prevKv: false };
    await this.send({ kind: 'deleteRange', token: 0, ...one });
  }

  async #deliveredUpTo(at: Revision): Promise<void> {
    if (this.seen >= at) return;
    await new Promise<void>((resolve, reject) => {
      const patience = setTimeout(() => {
        reject(new TargetError(`etcd-virtual: the watch did not deliver revision ${at}`));
      }, DEADLINE_MS);
      const resolved = (): void => {
        clearTimeout(patience);
        resolve();
      };
      this.#waiting = { revision: at, resolve: resolved };
    });
    this.#waiting = undefined;
  }
}
