/**
 * What the watches of clients delivered, in canonical form: for each watch its events in the order
 * of their revisions, between one step and the next; not how they were shared out among responses.
 * What a watch delivers that begins in the past is told once it must have caught up.
 */
import type { Command, Token } from '../api/command.ts';
import type { Delivery, Response, WatchEvent } from '../api/response.ts';
import type { Instant, Revision } from '../api/units.ts';
import { CatchingUp, isOfWatches } from './catching-up.ts';
import type { TraceWords } from './trace-words.ts';

export class TraceDeliveries {
  readonly #words: TraceWords;
  readonly #catchingUp = new CatchingUp();
  readonly #seen = new Map<string, Delivery[]>();
  /** What revisions are called that leases of one turn share out among them (EXP-06). */
  readonly #renamed = new Map<number, number>();

  constructor(words: TraceWords) {
    this.#words = words;
  }

  called(command: Command, at: Instant): void {
    this.#catchingUp.called(command, at);
  }

  answered(token: Token, response: Response, at: Instant): void {
    this.#catchingUp.answered(token, response, at);
  }

  wrote(revision: Revision, at: Instant): void {
    this.#catchingUp.wrote(revision, at);
  }

  /** The server was restarted: what watches had to catch up with is told or lost. */
  restarted(): void {
    this.#catchingUp.restarted();
    this.#seen.clear();
  }

  delivered(delivery: Delivery): void {
    const name = `${delivery.stream}/${delivery.watch}`;
    const seen = this.#seen.get(name);
    if (seen === undefined) this.#seen.set(name, [delivery]);
    else seen.push(delivery);
  }

  renamed(from: number, to: number): void {
    this.#renamed.set(from, to);
  }

  /** Whether what is answered on the stream is anybody's guess. */
  isUnsure(command: Command): boolean {
    if (!isOfWatches(command)) return false;
    return this.#catchingUp.isOptional(command.token) || this.#catchingUp.isUnsure(command.stream);
  }

  /** What was delivered up to `now`, but for watches that may not have caught up by then. */
  flush(now: Instant): string {
    if (this.#seen.size === 0) return '';
    const lines: string[] = [];
    for (const [name, deliveries] of this.#seen) {
      const { stream, watch } = deliveries[0] as Delivery;
      const unsure = this.#catchingUp.isUnsure(stream);
      if (!unsure && this.#catchingUp.isBehind(stream, watch, now)) continue;
      this.#seen.delete(name);
      const told = unsure ? '' : this.#told(deliveries);
      if (told !== '') lines.push(`D${name} ${told}\n`);
    }
    return lines.sort().join('');
  }

  #told(deliveries: readonly Delivery[]): string {
    const events = deliveries
      .flatMap((delivery) => delivery.events)
      .map((event) => ({ event, revision: this.#revisionOf(event) }))
      .sort((left, right) => left.revision - right.revision);
    const words = events.map(({ event, revision }) => this.#words.event(event, revision));
    const ends = deliveries.filter(({ compactRevision }) => compactRevision !== 0);
    return [...words, ...ends.map(({ compactRevision }) => `ended ${compactRevision}`)].join(' ');
  }

  #revisionOf({ kv }: WatchEvent): number {
    return this.#renamed.get(kv.modRevision) ?? kv.modRevision;
  }
}
