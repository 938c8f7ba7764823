/** What is over is left alone: no requests, nothing that is left open, no errors nobody catches. */
import type { Breach, Contract } from '../contract.ts';
import type { Trace, TraceEntry } from '../trace.ts';
import { leaseBeliefs } from './beliefs.ts';
import { keepAlivesOf } from './renewals.ts';

export const QUIET: readonly Contract[] = [
  {
    id: 'FUZZ-13',
    title: 'A lease that was revoked is renewed no more.',
    weight: 'quality',
    source: 'plain use: a renewal is for somebody who wants the lease',
    needs: ['lease'],
    check: (trace, slack = 0) => renewedAfter(trace, 'revoke', slack),
  },
  {
    id: 'FUZZ-14',
    title: 'A lease that was released is renewed no more.',
    weight: 'safety',
    source: 'the Go client, where the end of the context ends renewals (GO-11)',
    needs: ['lease'],
    check: (trace, slack = 0) => renewedAfter(trace, 'release', slack),
  },
  {
    id: 'FUZZ-15',
    title: 'A lease that was given up is renewed no more.',
    weight: 'safety',
    source: 'plain safety: nobody holds what is kept alive, and nobody else can have it',
    needs: ['lease'],
    check: (trace, slack = 0) => {
      for (const belief of leaseBeliefs(trace)) {
        if (belief.end !== 'given up') continue;
        const lostAt = trace[belief.until]?.at ?? 0;
        const later = keepAlivesOf(trace, belief).find(({ at }) => at > lostAt + slack);
        if (later === undefined) continue;
        const what =
          `client ${belief.client} gave ${belief.name} up at ${lostAt} ms, and renewed ` +
          `it at ${later.at} ms`;
        return { entry: later.entry, what, shape: 'renewed after loss' };
      }
      return null;
    },
  },
  {
    id: 'FUZZ-16',
    title: 'A client that is closed asks for nothing more.',
    weight: 'quality',
    source: 'plain use: close means close',
    needs: ['lease'],
    check: (trace, slack = 0) => askedAfterClose(trace, slack),
  },
  {
    id: 'FUZZ-17',
    title: 'A client that is closed leaves no timer, connection or stream.',
    weight: 'quality',
    source: 'plain use: a process can end, and a server is not filled with what nobody uses',
    needs: ['lease'],
    check: (trace) => {
      const entry = trace.findIndex(({ kind }) => kind === 'end');
      const end = trace[entry];
      if (end?.kind !== 'end') return null;
      const left = (['timers', 'connections', 'streams'] as const).filter((what) => end[what] > 0);
      if (left.length === 0) return null;
      const what = left.map((what) => `${end[what]} ${what}`).join(', ');
      return { entry, what: `${what} left after close`, shape: left.join(', ') };
    },
  },
  {
    id: 'FUZZ-18',
    title: 'No error is left for nobody to catch.',
    weight: 'safety',
    source: 'plain use: it ends the process',
    needs: ['lease'],
    check: (trace) => {
      const entry = trace.findIndex(({ kind }) => kind === 'uncaught');
      const found = trace[entry];
      if (found?.kind !== 'uncaught') return null;
      return { entry, what: found.error, shape: found.error.replaceAll(/\d+/g, 'N') };
    },
  },
  {
    id: 'FUZZ-19',
    title: 'Nobody storms a server: at most 10 connections in a second, and 90 in half a minute.',
    weight: 'quality',
    source: 'plain use: many clients do it at once, when the server can bear it least',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      crowd(trace, 10, 1_000 - slack) ?? crowd(trace, 90, 30_000 - slack),
  },
];

/** Renewals after a call of that kind has settled, of what was granted before it. */
const renewedAfter = (trace: Trace, kind: 'revoke' | 'release', slack: number): Breach | null => {
  for (const belief of leaseBeliefs(trace)) {
    const told = trace[belief.until];
    if (told?.kind !== 'told' || told.act.kind !== kind) continue;
    const settled = settledAt(trace, told.call);
    const later = keepAlivesOf(trace, belief).find(({ at }) => at > settled + slack);
    if (later === undefined) continue;
    const what =
      `client ${belief.client} was told to ${kind} ${belief.name} and had done so at ` +
      `${settled} ms, and renewed it at ${later.at} ms`;
    return { entry: later.entry, what, shape: `renewed after ${kind}` };
  }
  return null;
};

/** When a call was done; Infinity: never. */
const settledAt = (trace: Trace, call: number): number =>
  trace.find((entry) => entry.kind === 'settled' && entry.call === call)?.at ?? Infinity;

const askedAfterClose = (trace: Trace, slack: number): Breach | null => {
  const closedAt = new Map<number, number>();
  const closing = new Map<number, number>();
  for (const [index, entry] of trace.entries()) {
    if (entry.kind === 'told' && entry.act.kind === 'close') closing.set(entry.call, entry.client);
    else if (entry.kind === 'settled') {
      const client = closing.get(entry.call);
      if (client !== undefined) closedAt.set(client, entry.at);
    } else if (isAsking(entry)) {
      const closed = closedAt.get(entry.client);
      if (closed === undefined || entry.at <= closed + slack) continue;
      const what =
        `client ${entry.client} was closed at ${closed} ms, and ${WORDS[entry.kind]} ` +
        `at ${entry.at} ms`;
      return { entry: index, what, shape: WORDS[entry.kind] };
    }
  }
  return null;
};

type Asking = Extract<TraceEntry, { readonly kind: 'request' | 'connected' | 'refused' }>;
const isAsking = (entry: TraceEntry): entry is Asking => entry.kind in WORDS;
const WORDS = { request: 'asked', connected: 'connected', refused: 'tried to connect' } as const;

/** More than `most` attempts to connect within `span` milliseconds. */
const crowd = (trace: Trace, most: number, span: number): Breach | null => {
  const tries = new Map<number, number[]>();
  for (const [entry, one] of trace.entries()) {
    if (one.kind !== 'connected' && one.kind !== 'refused') continue;
    const instants = tries.get(one.client) ?? [];
    tries.set(one.client, [...instants, one.at]);
    const first = instants.at(-most);
    if (first === undefined || one.at - first >= span) continue;
    const when = `from ${first} ms to ${one.at} ms`;
    const what = `client ${one.client} connected ${most + 1} times ${when}`;
    return { entry, what, shape: `more than ${most}` };
  }
  return null;
};
