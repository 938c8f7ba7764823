/**
 * Widens the windows of calls and delays deliveries. Each request still takes effect within its
 * window; a client's requests follow each other, but for keep-alives, which nobody waits for; and
 * streams and watches keep their order.
 */
import type { Token } from '../../../src/api/command.ts';
import { type Instant, instant } from '../../../src/api/units.ts';
import type { Random } from '../../../src/seed.ts';
import type { Seen } from './on-a-real-clock.ts';

type CallEntry = Seen & { kind: 'call' };

export function stretched(
  entries: readonly Seen[],
  random: Random,
  stretch: number,
): readonly Seen[] {
  if (stretch === 0) return entries;
  const stretching = new Stretching(entries, random, stretch);
  const moved = entries.map((entry) => ({ ...entry, at: stretching.instantOf(entry) }));
  return moved.sort((left, right) => left.at - right.at);
}

class Stretching {
  readonly #random: Random;
  readonly #stretch: number;
  readonly #returns = new Map<Token, Instant>();
  readonly #calls = new Map<Token, CallEntry>();
  /** By client and by stream: no earlier than this is what comes next. */
  readonly #floors = new Map<string, number>();
  /** By token: when the client's next request takes effect, which this one returns before. */
  readonly #ceilings = new Map<Token, Instant>();

  constructor(entries: readonly Seen[], random: Random, stretch: number) {
    this.#random = random;
    this.#stretch = stretch;
    const last = new Map<string, Token>();
    for (const entry of entries) {
      if (entry.kind === 'return') this.#returns.set(entry.token, entry.at);
      if (entry.kind !== 'call') continue;
      const { token, kind } = entry.command;
      this.#calls.set(token, entry);
      if (kind === 'keepAlive') continue;
      const previous = last.get(clientOf(entry));
      if (previous !== undefined) this.#ceilings.set(previous, entry.at);
      last.set(clientOf(entry), token);
    }
  }

  instantOf(entry: Seen): Instant {
    switch (entry.kind) {
      case 'call': {
        const order = orderOf(entry);
        const floor = this.#floors.get(`call ${order}`) ?? 0;
        const at = Math.max(floor, entry.at - this.#some(), 0);
        this.#floors.set(`call ${order}`, at);
        return instant(at);
      }
      case 'return': {
        const call = this.#calls.get(entry.token) as CallEntry;
        const order = orderOf(call);
        const floor = this.#floors.get(`return ${order}`) ?? 0;
        const ceiling = this.#ceilings.get(entry.token) ?? Infinity;
        const at = Math.max(floor, Math.min(ceiling, entry.at + this.#some()));
        this.#floors.set(`return ${order}`, at);
        if (call.command.kind === 'watch') {
          // What a stream delivers comes after what it answered before.
          const deliveries = `delivery ${call.command.stream}`;
          this.#floors.set(deliveries, Math.max(at, this.#floors.get(deliveries) ?? 0));
        }
        // Keep-alives are not waited for.
        if (call.command.kind !== 'keepAlive') this.#floors.set(`call ${order}`, at);
        return instant(at);
      }
      case 'watch':
        return this.#delivered(`watch ${entry.session}`, entry.at);
      case 'delivery':
        return this.#delivered(`delivery ${entry.delivery.stream}`, entry.at);
    }
  }

  #delivered(order: string, seen: Instant): Instant {
    const at = Math.max(this.#floors.get(order) ?? 0, seen + this.#some());
    this.#floors.set(order, at);
    return instant(at);
  }

  /** Most often little. */
  #some(): number {
    const most = this.#random.pick([0, this.#stretch / 100, this.#stretch / 10, this.#stretch]);
    return (most * this.#random.below(1000)) / 1000;
  }
}

const clientOf = ({ session, client }: CallEntry): string => `${session}/${client}`;

const orderOf = (call: CallEntry): string =>
  call.command.kind === 'keepAlive' ? `stream ${call.command.stream}` : `client ${clientOf(call)}`;
