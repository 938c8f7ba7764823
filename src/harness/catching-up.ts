/**
 * Watches that begin in the past, and how long a real server may take to bring them up to date:
 * its loop passes every 100 ms, where the model and the simulator deliver at once. Until then
 * nothing is sure but that events come whole and in order.
 */
import type { Command, StreamId, Token, Watch, WatchId } from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { after, type Instant, milliseconds } from '../api/units.ts';

/** Between two passes of the loop that brings watches up to date. */
const SYNC_INTERVAL = milliseconds(100);

interface Progress {
  readonly stream: StreamId;
  readonly isPast: boolean;
  /** When it is up to date at the latest. */
  readonly until: Instant;
}

export class CatchingUp {
  readonly #asked = new Map<Token, Watch>();
  readonly #watches = new Map<string, Progress>();
  readonly #unsure = new Set<StreamId>();

  /** Tells of a request, before its answer. */
  called(command: Command, now: Instant): void {
    switch (command.kind) {
      case 'watch':
        this.#asked.set(command.token, command);
        return;
      case 'cancelWatch':
        if (this.isBehind(command.stream, command.watch, now)) this.#unsure.add(command.stream);
        return;
      case 'watchProgress':
      case 'compact':
        for (const { stream, until } of this.#watches.values()) {
          const isMeant = command.kind === 'compact' || command.stream === stream;
          if (isMeant && now < until) this.#unsure.add(stream);
        }
        return;
      default:
    }
  }

  /** Tells of an answer; the request, when it was for a watch. */
  answered(token: Token, response: Response, now: Instant): Watch | undefined {
    const command = this.#asked.get(token);
    if (command === undefined || response.kind !== 'watchCreated') return command;
    const { stream, startRevision } = command;
    const isPast = startRevision !== 0n && startRevision <= BigInt(response.revision);
    const until = isPast ? after(now, SYNC_INTERVAL) : now;
    this.#watches.set(nameOf(stream, response.watch), { stream, isPast, until });
    return command;
  }

  /** Whether the watch had something to catch up with. */
  startedInPast(stream: StreamId, watch: WatchId): boolean {
    return this.#watches.get(nameOf(stream, watch))?.isPast === true;
  }

  /** Whether the watch may not have delivered everything yet. */
  isBehind(stream: StreamId, watch: WatchId, now: Instant): boolean {
    return now < (this.#watches.get(nameOf(stream, watch))?.until ?? -Infinity);
  }

  /** Whether there is any stream of which that holds. */
  get hasUnsure(): boolean {
    return this.#unsure.size > 0;
  }

  /**
   * Whether something was asked of the stream, or compacted, while one of its watches was behind:
   * what the server did then cannot be known, so nothing that follows on the stream is judged.
   */
  isUnsure(stream: StreamId): boolean {
    return this.#unsure.has(stream);
  }
}

const nameOf = (stream: StreamId, watch: WatchId): string => `${stream}/${watch}`;
