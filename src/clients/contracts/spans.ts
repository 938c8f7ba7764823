/** When something was wrong, read off a trace: a reason not to judge what clients did then. */
import type { Fault } from '../story.ts';
import type { Trace } from '../trace.ts';
import { oncePerTrace } from './once-per-trace.ts';

export interface Span {
  readonly from: number;
  /** The last millisecond of it. */
  readonly until: number;
  readonly fault: Fault;
}

/** When the clients' process stood still. */
export const sleeps = (trace: Trace): Span[] =>
  lastingSpans(trace).filter(({ fault }) => fault.kind === 'pause client');

/** `at`, or when the process went on if it stood still then. */
export const awakeAt = (sleeping: readonly Span[], at: number): number => {
  let awake = at;
  for (const { from, until } of sleeping) if (from <= awake && awake <= until) awake = until;
  return awake;
};

/**
 * When a client could not count on its server. A fault that waits for messages lasts until it has
 * met the last one.
 */
export const troublesOf = (trace: Trace, client: number): Span[] => {
  const spans = [...lastingSpans(trace), ...momentSpans(trace)];
  return spans.filter(({ fault }) => concerns(fault, client) && !HARMLESS.has(fault.kind));
};

/** Nothing was wrong from `from` to `until`. */
export const isCalm = (troubles: readonly Span[], from: number, until: number): boolean =>
  troubles.every((trouble) => trouble.until < from || trouble.from > until);

/** Kinds of faults that were at work then, for the shape of a finding. */
export const kindsIn = (troubles: readonly Span[], from: number, until: number): string => {
  const met = troubles.filter((trouble) => trouble.until >= from && trouble.from <= until);
  const kinds = [...new Set(met.map(({ fault }) => fault.kind))].sort();
  return kinds.length === 0 ? 'no fault' : kinds.join(', ');
};

/** They keep no client from its server. */
const HARMLESS: ReadonlySet<Fault['kind']> = new Set(['wall clock', 'drift', 'revoke by another']);

const concerns = (fault: Fault, client: number): boolean => {
  const aimed = 'aim' in fault ? fault.aim.client : 'client' in fault ? fault.client : null;
  return aimed === null || aimed === client;
};

const lastingSpans = oncePerTrace<Span>((trace) => {
  const open: { readonly from: number; readonly fault: Fault }[] = [];
  const spans: Span[] = [];
  for (const entry of trace) {
    if (entry.kind === 'fault' && isLasting(entry.fault)) {
      open.push({ from: entry.at, fault: entry.fault });
    } else if (entry.kind === 'healed') {
      const index = open.findIndex(({ fault }) => fault === entry.fault);
      const found = open[index];
      if (found === undefined) continue;
      open.splice(index, 1);
      spans.push({ ...found, until: entry.at + lagOf(found.fault) });
    }
  }
  const until = endOf(trace);
  return [...spans, ...open.map(({ from, fault }) => ({ from, fault, until }))];
});

/** A fault that waits for messages lasts, too: the trace says when it is over. */
const isLasting = (fault: Fault): boolean =>
  'for' in fault ||
  'down' in fault ||
  'side' in fault ||
  fault.kind === 'refuse' ||
  fault.kind === 'ttl zero';

const MOMENTS: ReadonlySet<Fault['kind']> = new Set([
  'end',
  'reset',
  'abandon',
  'disconnect',
  'goaway',
  'new leader',
]);

const momentSpans = oncePerTrace<Span>((trace) =>
  trace.flatMap((entry) =>
    entry.kind === 'fault' && MOMENTS.has(entry.fault.kind)
      ? [{ from: entry.at, until: entry.at, fault: entry.fault }]
      : [],
  ),
);

const lagOf = (fault: Fault): number => {
  if (fault.kind === 'delay') return fault.by;
  return fault.kind === 'overtake' ? 2_000 : 0;
};

const endOf = (trace: Trace): number => trace.at(-1)?.at ?? 0;
