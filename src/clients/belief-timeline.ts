/**
 * A trace as a timeline: for each lease what its client believes, beside what the server knows.
 * `██` both say that it is there; `█·` only the client believes it; `·█` only the server knows it.
 */
import { LIMITS } from '../limits.ts';
import type { BreachOf } from './trial.ts';
import { printFault, printStep } from './story-text.ts';
import type { Trace, TraceEntry } from './trace.ts';

export const beliefTimeline = (trace: Trace, breach: BreachOf | null): string => {
  const beliefs = new Beliefs(trace);
  const names = beliefs.names;
  const rows: string[] = [];
  let skipped = 0;
  for (const [index, entry] of trace.entries()) {
    beliefs.take(entry);
    const text = describeEntry(entry, beliefs);
    const isShown = breach?.entry === index;
    if (text === null && !isShown) continue;
    if (rows.length >= LIMITS.reportLines && !isShown) {
      skipped += 1;
      continue;
    }
    const marks = names.map((name) => beliefs.mark(name).padEnd(width(name))).join(' ');
    const at = `${(entry.at / 1000).toFixed(3)}s`.padStart(10);
    rows.push(`${isShown ? '>' : ' '}${at}  ${marks}  ${cut(text ?? entry.kind)}`.trimEnd());
  }
  const header = `${'at'.padStart(11)}  ${names.map((name) => name.padEnd(width(name))).join(' ')}`;
  const more = skipped === 0 ? [] : [`  … and ${skipped} more`];
  return [header.trimEnd(), ...rows, ...more, ''].join('\n');
};

const width = (name: string): number => Math.max(2, name.length);

/** Characters of what a line tells. */
const LONGEST = 200;

const cut = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

/** What clients believe and what is true, as a trace goes on. */
export class Beliefs {
  readonly names: readonly string[];
  /** Lease ids by the names that clients gave. */
  readonly #ids = new Map<string, bigint>();
  readonly #nameOf = new Map<bigint, string>();
  readonly #believed = new Set<string>();
  readonly #alive = new Set<bigint>();

  constructor(trace: Trace) {
    for (const entry of trace) {
      if (entry.kind !== 'said') continue;
      const { event } = entry;
      if (event.kind === 'granted') this.#name(event.lease, event.id);
      if (event.kind === 'acquired') this.#name(holdOf(entry.client, event.name), event.lease);
    }
    this.names = [...this.#ids.keys()];
  }

  #name(name: string, id: bigint): void {
    if (!this.#ids.has(name)) this.#ids.set(name, id);
    this.#nameOf.set(id, name);
  }

  take(entry: TraceEntry): void {
    if (entry.kind === 'lease') {
      if (entry.deadline === null) this.#alive.delete(entry.lease);
      else this.#alive.add(entry.lease);
    } else if (entry.kind === 'told') {
      const { act } = entry;
      if (act.kind === 'revoke' || act.kind === 'release') this.#believed.delete(act.name);
    } else if (entry.kind === 'said') this.#hear(entry.client, entry.event);
  }

  #hear(client: number, event: (TraceEntry & { kind: 'said' })['event']): void {
    switch (event.kind) {
      case 'granted':
        this.#believed.add(event.lease);
        break;
      case 'acquired':
        this.#believed.add(holdOf(client, event.name));
        // The same may be held again, with another lease.
        this.#ids.set(holdOf(client, event.name), event.lease);
        break;
      case 'lost':
        this.#believed.delete(event.lease);
        break;
      case 'yielded':
        this.#believed.delete(holdOf(client, event.name));
        break;
      case 'renewed':
        break;
    }
  }

  mark(name: string): string {
    const id = this.#ids.get(name);
    const isAlive = id !== undefined && this.#alive.has(id);
    return `${this.#believed.has(name) ? '█' : '·'}${isAlive ? '█' : '·'}`;
  }

  lease(id: bigint | null): string {
    return id === null ? '' : ` ${this.#nameOf.get(id) ?? 'a lease without a name'}`;
  }
}

/** Locks and elections have one name for all clients. */
const holdOf = (client: number, name: string): string => `${name}/c${client + 1}`;

/** Null: not worth a line. */
export const describeEntry = (entry: TraceEntry, beliefs: Beliefs): string | null => {
  switch (entry.kind) {
    case 'told':
      return printStep(entry.act);
    case 'settled':
      return entry.error === null ? null : `${who(entry)}: call ${entry.call}: ${entry.error}`;
    case 'said':
      return `${who(entry)} says: ${describeEvent(entry.event)}`;
    case 'uncaught':
      return `nobody catches ${entry.error}`;
    case 'struck':
      return `! ${entry.fault.kind} strikes ${who(entry)}`;
    case 'fault':
      return `! ${printFault(entry.fault)}`;
    case 'healed':
      return `! over: ${printFault(entry.fault)}`;
    case 'connected':
      return `${who(entry)} is connected (${entry.connection})`;
    case 'disconnected':
      return `${who(entry)} is disconnected (${entry.connection})`;
    case 'refused':
      return `${who(entry)} cannot connect`;
    case 'request':
      return `${who(entry)} → ${entry.call}${beliefs.lease(entry.lease)}`;
    case 'reply': {
      const ttl = entry.ttl === null ? '' : ` ttl=${entry.ttl}`;
      const code = entry.code === 0 ? '' : ` status ${entry.code}`;
      return `${who(entry)} ← ${entry.call}${beliefs.lease(entry.lease)}${ttl}${code}`;
    }
    case 'lease':
      return entry.by === 'renewal' || entry.by === 'grant'
        ? `  server: ${entry.by} of${beliefs.lease(entry.lease)} until ${entry.deadline ?? 0} ms`
        : `  server: ${entry.by} of${beliefs.lease(entry.lease)}`;
    case 'key':
      return `  server: ${entry.key} is ${entry.present ? 'there' : 'gone'}`;
    case 'closing':
      return 'the story is over: clients are closed';
    case 'end':
      return (
        `left: ${entry.timers} timers, ${entry.connections} connections, ` +
        `${entry.streams} streams`
      );
    case 'opened':
    case 'ended':
    case 'served':
      return null;
  }
};

const who = ({ client }: { readonly client: number }): string => `c${client + 1}`;

const describeEvent = (event: (TraceEntry & { kind: 'said' })['event']): string => {
  switch (event.kind) {
    case 'granted':
      return `${event.lease} is granted, ttl=${event.ttl}`;
    case 'renewed':
      return `${event.lease} is renewed`;
    case 'lost':
      return `${event.lease} is lost: ${event.why}`;
    case 'acquired':
      return `${event.name} is mine (${event.key})`;
    case 'yielded':
      return `${event.name} is not mine any more`;
  }
};
