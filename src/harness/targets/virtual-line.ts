/** What the sessions that follow each other on one etcd on a virtual clock share. */
import { NO_BYTES } from '../../api/bytes.ts';
import type { Response, WatchEvent } from '../../api/response.ts';
import type { Revision } from '../../api/units.ts';
import { WarpFailed } from '../../timewarp/index.ts';
import { type Completion, TargetError } from '../target.ts';
import type { UnaryCommand } from './grpc-calls.ts';
import { watchPrefix } from './grpc-watch.ts';
import { callLean } from './lean-calls.ts';
import type { VirtualEtcd } from './virtual-etcd.ts';
import type { VirtualTurns } from './virtual-turns.ts';

interface Watcher {
  watched(at: Revision, events: readonly WatchEvent[]): void;
}

/**
 * How long a request may take, in real milliseconds; time stands still for the server meanwhile.
 */
const DEADLINE_MS = 10_000;

export class VirtualLine {
  readonly server: VirtualEtcd;
  readonly turns: VirtualTurns;
  /** Who is told of the events of the watch. */
  current: Watcher | undefined;
  /** The highest revision that the watch has delivered. */
  seen: number = 1;
  /** Why it can be used no more; null while it can. */
  broken: string | null = null;
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
    const completion = await callLean(this.server.lean, command, DEADLINE_MS);
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

/** What is wrong with the server, in a line; throws what is no trouble of the server's. */
export const troubleOf = (error: unknown): string => {
  if (error instanceof TargetError) return error.message;
  if (error instanceof WarpFailed) return `etcd-virtual: ${error.message}`;
  throw error;
};
