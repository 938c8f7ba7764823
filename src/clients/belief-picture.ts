/**
 * What a picture of a trace shows: for each lease the spans in which its client believed in it, and
 * those in which the server had it; when faults were at work, and when somebody said something.
 */
import { Beliefs, describeEntry } from './belief-timeline.ts';
import { printFault } from './story-text.ts';
import type { Fault } from './story.ts';
import type { Trace } from './trace.ts';
import type { BreachOf } from './trial.ts';

/** Milliseconds of virtual time. */
export interface Stretch {
  readonly from: number;
  readonly until: number;
}

export interface Lane {
  readonly name: string;
  readonly believed: readonly Stretch[];
  readonly alive: readonly Stretch[];
}

export interface Row {
  readonly at: number;
  readonly what: string;
  readonly kind: 'client' | 'server' | 'fault' | 'message';
  readonly isBreach: boolean;
}

export interface BeliefPicture {
  readonly until: number;
  readonly lanes: readonly Lane[];
  readonly faults: readonly (Stretch & { readonly what: string })[];
  readonly rows: readonly Row[];
  /** When a contract was broken; null: none was. */
  readonly brokenAt: number | null;
}

export const beliefPicture = (trace: Trace, breach: BreachOf | null): BeliefPicture => {
  const beliefs = new Beliefs(trace);
  const until = trace.findLast(({ kind }) => kind === 'closing')?.at ?? trace.at(-1)?.at ?? 0;
  const lanes = beliefs.names.map((name) => ({
    name,
    believed: new Stretches(),
    alive: new Stretches(),
  }));
  const rows: Row[] = [];
  for (const [index, entry] of trace.entries()) {
    beliefs.take(entry);
    for (const { name, believed, alive } of lanes) {
      const [client, server] = beliefs.mark(name);
      believed.see(entry.at, client === '█');
      alive.see(entry.at, server === '█');
    }
    const isBreach = breach?.entry === index;
    const what = describeEntry(entry, beliefs) ?? (isBreach ? entry.kind : null);
    if (what !== null)
      rows.push({ at: entry.at, what: what.trim(), kind: kindOf(entry), isBreach });
  }
  return {
    until,
    lanes: lanes.map(({ name, believed, alive }) => ({
      name,
      believed: believed.until(until),
      alive: alive.until(until),
    })),
    faults: faultsIn(trace, until),
    rows,
    brokenAt: (breach === null ? null : trace[breach.entry]?.at) ?? null,
  };
};

class Stretches {
  readonly #closed: Stretch[] = [];
  #since: number | null = null;

  see(at: number, isOn: boolean): void {
    if (isOn) this.#since ??= at;
    else if (this.#since !== null) {
      this.#closed.push({ from: this.#since, until: at });
      this.#since = null;
    }
  }

  until(end: number): readonly Stretch[] {
    const open = this.#since === null ? [] : [{ from: this.#since, until: end }];
    const all = [...this.#closed, ...open].map(({ from, until }) => ({
      from,
      until: Math.min(until, end),
    }));
    return all.filter(({ from, until }) => until > from);
  }
}

const faultsIn = (trace: Trace, end: number): BeliefPicture['faults'] => {
  const over = new Map<Fault, number>();
  for (const entry of trace) if (entry.kind === 'healed') over.set(entry.fault, entry.at);
  return trace.flatMap((entry) => {
    if (entry.kind !== 'fault') return [];
    const until = Math.min(end, over.get(entry.fault) ?? entry.at);
    return [{ from: entry.at, until, what: printFault(entry.fault) }];
  });
};

const kindOf = ({ kind }: Trace[number]): Row['kind'] => {
  switch (kind) {
    case 'told':
    case 'settled':
    case 'said':
    case 'uncaught':
    case 'closing':
    case 'end':
      return 'client';
    case 'fault':
    case 'healed':
    case 'struck':
      return 'fault';
    case 'lease':
    case 'key':
      return 'server';
    case 'connected':
    case 'disconnected':
    case 'refused':
    case 'opened':
    case 'ended':
    case 'request':
    case 'served':
    case 'reply':
      return 'message';
  }
};
