/**
 * Watches that begin in the past, and how long a real server may take to bring them up to date:
 * its loop passes every 100 ms, and takes a watch 1,000 revisions further, where the model and the
 * simulator deliver at once. Until then nothing is sure but that events come whole and in order.
 */
import type {
  CancelWatch,
  Command,
  StreamId,
  Token,
  Watch,
  WatchId,
  WatchProgress,
} from '../api/command.ts';
import type { Response } from '../api/response.ts';
import { after, type Instant, milliseconds, type Revision } from '../api/units.ts';
import { PerWatch } from './per-watch.ts';

/** Between two passes of the loop that brings watches up to date. */
const SYNC_INTERVAL = 100;

/** Those that one pass reads for a watch, whether it wants their events or not. */
const REVISIONS_A_PASS = 1000;

interface Progress {
  readonly stream: StreamId;
  readonly startRevision: bigint;
  readonly since: Instant;
  readonly isPast: boolean;
  /** When it is up to date at the latest. */
  until: Instant;
}

export class CatchingUp {
  readonly #asked = new Map<Token, Watch>();
  readonly #watches = new PerWatch<Progress>();
  /** Those that may be behind, and some that were. */
  readonly #behind = new Set<Progress>();
  readonly #unsure = new Set<StreamId>();
  /** Requests for progress that may be answered or not. */
  readonly #optional = new Set<Token>();
  /** The highest revision that an answer or an event showed. */
  #revision = 0;

  /** Tells of a request, before its answer. */
  called(command: Command, now: Instant): void {
    switch (command.kind) {
      case 'watch':
        this.#asked.set(command.token, command);
        return;
      case 'cancelWatch':
        if (this.isBehind(command.stream, command.watch, now)) this.#unsure.add(command.stream);
        this.#watches.delete(command.stream, command.watch);
        return;
      case 'watchProgress':
        this.#askProgress(command, now);
        return;
      case 'compact':
        for (const { stream, until } of this.#watches.all()) {
          if (now < until) this.#unsure.add(stream);
        }
        return;
      default:
    }
  }

  /** Tells of an answer; the request, when it was for a watch. */
  answered(token: Token, response: Response, now: Instant): Watch | undefined {
    if (response.kind === 'refused') return this.#asked.get(token);
    this.wrote(response.revision, now);
    const command = this.#asked.get(token);
    if (command === undefined || response.kind !== 'watchCreated') return command;
    const { stream, startRevision } = command;
    const isPast = startRevision !== 0n && startRevision <= BigInt(response.revision);
    const watch = { stream, startRevision, since: now, isPast, until: now };
    this.#watches.set(stream, response.watch, watch);
    if (isPast) {
      watch.until = this.#upToDateBy(watch);
      this.#behind.add(watch);
    }
    return command;
  }

  /** Tells of a revision of the store: who is behind may need another pass for it. */
  wrote(revision: Revision, now: Instant): void {
    if (revision <= this.#revision) return;
    this.#revision = revision;
    for (const watch of this.#behind) {
      if (now > watch.until) this.#behind.delete(watch);
      else watch.until = this.#upToDateBy(watch);
    }
  }

  /** Tells that the server was restarted: its streams are gone, and what they carried. */
  restarted(): void {
    this.#watches.clear();
    this.#behind.clear();
    this.#unsure.clear();
    this.#optional.clear();
  }

  /** Whether the watch had something to catch up with. */
  startedInPast(stream: StreamId, watch: WatchId): boolean {
    return this.#watches.get(stream, watch)?.isPast === true;
  }

  /** Whether the watch may not have delivered everything yet. */
  isBehind(stream: StreamId, watch: WatchId, now: Instant): boolean {
    return now < (this.#watches.get(stream, watch)?.until ?? -Infinity);
  }

  /** Whether there is any stream, or any request, of which that holds. */
  get hasUnsure(): boolean {
    return this.#unsure.size + this.#optional.size > 0;
  }

  /**
   * KV-27: whether a request for progress came while a watch of its stream had yet to begin: to
   * early releases of 3.5 such a watch is up to date, to later ones it is not.
   */
  isOptional(token: Token): boolean {
    return this.#optional.has(token);
  }

  /**
   * Whether something was asked of the stream, or compacted, while one of its watches was behind:
   * what the server did then cannot be known, so nothing that follows on the stream is judged.
   */
  isUnsure(stream: StreamId): boolean {
    return this.#unsure.has(stream);
  }

  #upToDateBy({ since, startRevision }: Progress): Instant {
    const revisions = BigInt(this.#revision) - (startRevision < 1n ? 1n : startRevision) + 1n;
    const passes = Math.ceil(Number(revisions) / REVISIONS_A_PASS);
    return after(since, milliseconds(passes * SYNC_INTERVAL));
  }

  #askProgress({ stream, token }: WatchProgress, now: Instant): void {
    for (const watch of this.#watches.all()) {
      if (watch.stream !== stream) continue;
      if (now < watch.until) this.#unsure.add(stream);
      if (watch.startRevision > this.#revision) this.#optional.add(token);
    }
  }
}

/** Whether a request is carried by a watch stream. */
export const isOfWatches = (command: Command): command is Watch | CancelWatch | WatchProgress => {
  const { kind } = command;
  return kind === 'watch' || kind === 'cancelWatch' || kind === 'watchProgress';
};
