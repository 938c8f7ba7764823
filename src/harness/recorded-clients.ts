/** The clients and streams of a recorded history, and their numbers in a schedule. */
import { LIMITS } from '../limits.ts';
import type { Entry } from './history.ts';
import { STREAMS_PER_CLIENT } from './interpreter.ts';

/**
 * The clients of a history under their numbers in a schedule, and their streams likewise: as our
 * own runs count them where that is how, or else by order of use. Clients beyond the most that a
 * schedule may have share numbers with the first ones, but not streams.
 */
export class Clients {
  readonly #numbers = new Map<string, number>();
  /** By client's number and kind: its streams, and their numbers. */
  readonly #streams = new Map<string, Map<string, number>>();

  constructor(calls: readonly Call[]) {
    const [first] = calls;
    const isPlain = calls.every(
      ({ session, client }) => session === first?.session && client <= LIMITS.clients,
    );
    for (const call of calls) {
      const name = `${call.session}/${call.client}`;
      if (!this.#numbers.has(name)) {
        const next = 1 + (this.#numbers.size % LIMITS.clients);
        this.#numbers.set(name, isPlain ? call.client : next);
      }
      const stream = streamName(call);
      if (stream === null) continue;
      const streams = this.#streamsOf(call);
      if (!streams.has(stream)) streams.set(stream, 1 + (streams.size % MAX_STREAMS));
    }
    for (const streams of this.#streams.values()) numberAsOurs(streams);
  }

  of({ session, client }: Call): number {
    return this.#numbers.get(`${session}/${client}`) ?? 1;
  }

  streamOf(call: Call): number {
    return this.#streamsOf(call).get(streamName(call) ?? '') ?? 1;
  }

  /** Keep-alive and watch streams are numbered each by themselves. */
  #streamsOf(call: Call): Map<string, number> {
    const kind = call.command.kind === 'keepAlive' ? 'leases' : 'watches';
    const name = `${this.of(call)}/${kind}`;
    const streams = this.#streams.get(name) ?? new Map<string, number>();
    this.#streams.set(name, streams);
    return streams;
  }
}

/** As many streams of one client have a text form. */
const MAX_STREAMS = 100;

const streamName = ({ session, client, command }: Call): string | null =>
  'stream' in command ? `${session}/${client}/${command.stream}` : null;

const numberAsOurs = (streams: Map<string, number>): void => {
  const numbers = [...streams.keys()].map(
    (name) => Number(name.split('/')[2]) % STREAMS_PER_CLIENT,
  );
  const isOurs = numbers.every((number) => number >= 1 && number <= MAX_STREAMS);
  if (!isOurs || new Set(numbers).size < numbers.length) return;
  for (const [index, name] of [...streams.keys()].entries()) {
    streams.set(name, numbers[index] as number);
  }
};

export type Call = Entry & { readonly kind: 'call' };
