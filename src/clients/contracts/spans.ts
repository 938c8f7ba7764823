/** When something was wrong, read off a trace: a reason not to judge what clients did then. */
import type { Aim, Fault } from '../story.ts';
import type { Trace, TraceEntry } from '../trace.ts';

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
  const spans = [...lastingSpans(trace), ...momentSpans(trace), ...messageSpans(trace)];
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

const lastingSpans = (trace: Trace): Span[] => {
  const open: { readonly from: number; readonly fault: Fault }[] = [];
  const spans: Span[] = [];
  for (const entry of trace) {
    if (entry.kind === 'fault' && ('for' in entry.fault || 'down' in entry.fault)) {
      open.push({ from: entry.at, fault: entry.fault });
    } else if (entry.kind === 'healed') {
      const index = open.findIndex(({ fault }) => fault === entry.fault);
      const found = open[index];
      if (found === undefined) continue;
      open.splice(index, 1);
      spans.push({ ...found, until: entry.at });
    }
  }
  const until = endOf(trace);
  return [...spans, ...open.map(({ from, fault }) => ({ from, fault, until }))];
};

const MOMENTS: ReadonlySet<Fault['kind']> = new Set([
  'end',
  'reset',
  'abandon',
  'disconnect',
  'goaway',
  'new leader',
]);

const momentSpans = (trace: Trace): Span[] =>
  trace.flatMap((entry) =>
    entry.kind === 'fault' && MOMENTS.has(entry.fault.kind)
      ? [{ from: entry.at, until: entry.at, fault: entry.fault }]
      : [],
  );

interface Pending {
  readonly from: number;
  readonly fault: Fault & { readonly aim: Aim };
  left: number;
}

/** Follows which message met which fault. Of two that fit, the older one is met. */
const messageSpans = (trace: Trace): Span[] => {
  const pending: Pending[] = [];
  const spans: Span[] = [];
  const calls = new Map<number, Extract<TraceEntry, { kind: 'request' }>>();
  const meet = (entry: { at: number; client: number; call: string }, what: string): void => {
    const index = pending.findIndex(
      ({ fault }) => meets(fault) === what && isAimedAt(fault.aim, entry),
    );
    const met = pending[index];
    if (met === undefined) return;
    met.left -= 1;
    if (met.left > 0) return;
    pending.splice(index, 1);
    spans.push({ from: met.from, until: entry.at + lagOf(met.fault), fault: met.fault });
  };
  for (const entry of trace) {
    if (entry.kind === 'fault' && 'aim' in entry.fault && meets(entry.fault) !== null) {
      pending.push({ from: entry.at, fault: entry.fault, left: entry.fault.aim.times });
    } else if (entry.kind === 'opened') meet(entry, 'call');
    else if (entry.kind === 'request') {
      calls.set(entry.request, entry);
      meet(entry, 'request');
    } else if (entry.kind === 'served') {
      const request = calls.get(entry.request);
      if (request === undefined) continue;
      meet({ ...request, at: entry.at }, 'reply');
      if (request.call === 'keep-alive') meet({ ...request, at: entry.at }, 'ttl');
    } else if (entry.kind === 'closing') break;
  }
  // What is left waits in vain.
  return [...spans, ...pending.map(({ from, fault }) => ({ from, fault, until: endOf(trace) }))];
};

const meets = (fault: Fault): string | null => {
  if (fault.kind === 'refuse') return 'call';
  if (fault.kind === 'ttl zero') return 'ttl';
  return 'side' in fault ? fault.side : null;
};

const lagOf = (fault: Fault): number => {
  if (fault.kind === 'delay') return fault.by;
  return fault.kind === 'overtake' ? 2_000 : 0;
};

const isAimedAt = (aim: Aim, { client, call }: { client: number; call: string }): boolean =>
  (aim.client === null || aim.client === client) && (aim.call === null || aim.call === call);

const endOf = (trace: Trace): number => trace.at(-1)?.at ?? 0;
