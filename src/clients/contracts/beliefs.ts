/** What clients believe, read off a trace: of leases, and of locks and offices. */
import type { Trace, TraceEntry } from '../trace.ts';
import type { Act } from '../story.ts';
import { oncePerTrace } from './once-per-trace.ts';

/**
 * From when a client says that it has something until it does not have it any more, or
 * must not.
 */
export interface Belief {
  readonly client: number;
  readonly name: string;
  /** The lease it stands on. */
  readonly lease: bigint;
  /** Index of the entry that says so. */
  readonly from: number;
  /** Index of the entry that ends it; the length of the trace when nothing does. */
  readonly until: number;
  /** `given up`: the client says so by itself; `told`: somebody told it to. */
  readonly end: 'given up' | 'told' | 'never';
}

export interface LeaseBelief extends Belief {
  /** Granted, in seconds. */
  readonly ttl: number;
}

export interface HoldBelief extends Belief {
  readonly key: string;
  readonly revision: bigint | null;
}

/** In the order in which they begin. */
export const leaseBeliefs = oncePerTrace<LeaseBelief>((trace) =>
  trace.flatMap((entry, from) => {
    if (entry.kind !== 'said' || entry.event.kind !== 'granted') return [];
    const { client } = entry;
    const { lease: name, id, ttl } = entry.event;
    const end = endOf(trace, from, client, (next) => {
      if (next.kind === 'said') {
        const { event } = next;
        return (event.kind === 'lost' || event.kind === 'granted') && event.lease === name;
      }
      return LEASE_ENDS.has(next.act.kind) && isAbout(next.act, name);
    });
    return [{ client, name, lease: id, ttl, from, ...end }];
  }),
);

export const holdBeliefs = oncePerTrace<HoldBelief>((trace) =>
  trace.flatMap((entry, from) => {
    if (entry.kind !== 'said' || entry.event.kind !== 'acquired') return [];
    const { client } = entry;
    const { name, key, revision, lease } = entry.event;
    const end = endOf(trace, from, client, (next) => {
      if (next.kind === 'said') {
        return next.event.kind === 'yielded' && next.event.name === name;
      }
      return HOLD_ENDS.has(next.act.kind) && isAbout(next.act, name);
    });
    return [{ client, name, lease, key, revision, from, ...end }];
  }),
);

/** When an entry is; for the end of a trace, when that is. */
export const instantOf = (trace: Trace, index: number): number =>
  trace[Math.min(index, trace.length - 1)]?.at ?? 0;

type SaidOrTold = Extract<TraceEntry, { readonly kind: 'said' | 'told' }>;

const LEASE_ENDS: ReadonlySet<Act['kind']> = new Set(['revoke', 'release', 'close']);
const HOLD_ENDS: ReadonlySet<Act['kind']> = new Set(['unlock', 'resign', 'close']);

const isAbout = (act: Act, name: string): boolean => !('name' in act) || act.name === name;

const endOf = (
  trace: Trace,
  from: number,
  client: number,
  ends: (entry: SaidOrTold) => boolean,
): Pick<Belief, 'until' | 'end'> => {
  for (let index = from + 1; index < trace.length; index += 1) {
    const entry = trace[index] as TraceEntry;
    if (entry.kind !== 'said' && entry.kind !== 'told') continue;
    if (entry.client !== client || !ends(entry)) continue;
    return { until: index, end: entry.kind === 'said' ? 'given up' : 'told' };
  }
  return { until: trace.length, end: 'never' };
};
