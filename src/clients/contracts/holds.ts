/** Who says to hold a lock, or to lead, does; and takes away nothing but what is his own. */
import type { Breach, Contract } from '../contract.ts';
import type { Trace, TraceEntry } from '../trace.ts';
import { type HoldBelief, holdBeliefs, instantOf, leaseBeliefs } from './beliefs.ts';
import { keepAlivesOf, mayBeOver } from './renewals.ts';
import { awakeAt, kindsIn, sleeps, troublesOf } from './spans.ts';

export const HOLDS: readonly Contract[] = [
  {
    id: 'FUZZ-24',
    title: 'Who is told to hold a lock, or to lead, has a key of his own on the server.',
    weight: 'safety',
    source: 'plain safety: it is the key that keeps others out',
    needs: [],
    check: (trace, slack = 0) => {
      for (const belief of holdBeliefs(trace)) {
        const breach = keylessHold(trace, belief, slack);
        if (breach !== null) return breach;
      }
      return null;
    },
  },
  {
    id: 'FUZZ-25',
    title: 'Two do not hold the same lock, or lead, at once.',
    weight: 'safety',
    source: 'plain safety: it is what locks are for',
    needs: [],
    check: (trace, slack = 0) => twoAtOnce(trace, slack),
  },
  {
    id: 'FUZZ-26',
    title: 'Nobody deletes a key that goes with the lease of another client.',
    weight: 'safety',
    source: 'plain safety: release only what is your own',
    needs: [],
    check: (trace) => foreignDeletion(trace),
  },
  {
    id: 'FUZZ-27',
    title: 'A client puts no key with a lease that it gave up.',
    weight: 'safety',
    source: 'plain safety: somebody else may act on the strength of it by then',
    needs: ['put'],
    check: (trace, slack = 0) => {
      for (const { client, name, lease, until, end } of leaseBeliefs(trace)) {
        if (end !== 'given up') continue;
        const lostAt = instantOf(trace, until);
        const isLater = (one: Write): boolean =>
          one.client === client && one.lease === lease && one.at > lostAt + slack;
        const entry = trace.findIndex((one) => isWrite(one) && isLater(one));
        if (entry < 0) continue;
        const what =
          `client ${client} gave ${name} up at ${lostAt} ms, and put a key with it at ` +
          `${instantOf(trace, entry)} ms`;
        return { entry, what, shape: 'put after loss' };
      }
      return null;
    },
  },
  {
    id: 'FUZZ-28',
    title: 'A lock, or an office, that was given back leaves no key.',
    weight: 'safety',
    source: 'plain safety: it keeps all others out',
    needs: [],
    check: (trace, slack = 0) => {
      for (const belief of holdBeliefs(trace)) {
        const told = trace[belief.until];
        if (told?.kind !== 'told' || told.act.kind === 'close') continue;
        const { call } = told;
        const done = trace.findIndex((one) => one.kind === 'settled' && one.call === call);
        const settled = trace[done];
        if (settled?.kind !== 'settled' || settled.error !== null) continue;
        if (createdAt(trace, belief, done) !== createdAt(trace, belief, belief.from)) continue;
        if (createdAt(trace, belief, done) === null) continue;
        if (mayBeOver(trace, belief, settled.at, slack)) continue;
        const what =
          `client ${belief.client} reported ${belief.name} given back at ${settled.at} ` +
          'ms, and its key was there';
        return { entry: done, what, shape: 'key left' };
      }
      return null;
    },
  },
  {
    id: 'FUZZ-29',
    title: 'The lease of a lock, or an office, that was lost or given back is renewed no more.',
    weight: 'safety',
    source: 'plain safety: what is left of it keeps all others out',
    needs: [],
    check: (trace, slack = 0) => {
      for (const belief of holdBeliefs(trace)) {
        const over = overAt(trace, belief);
        const later = keepAlivesOf(trace, belief).find(({ at }) => at > over + slack);
        if (later === undefined) continue;
        const what =
          `client ${belief.client} had ${belief.name} no more at ${over} ms, and renewed ` +
          `its lease at ${later.at} ms`;
        return { entry: later.entry, what, shape: `renewed after ${belief.end}` };
      }
      return null;
    },
  },
];

/** When a hold was given up, or given back as far as the client says; Infinity: neither. */
const overAt = (trace: Trace, { until, end }: HoldBelief): number => {
  const entry = trace[until];
  if (end === 'given up') return instantOf(trace, until);
  if (entry?.kind !== 'told') return Infinity;
  const { call } = entry;
  return trace.find((one) => one.kind === 'settled' && one.call === call)?.at ?? Infinity;
};

/** When the key of a hold was created, as the server knows it after an entry; null: it is not. */
const createdAt = (trace: Trace, { key }: HoldBelief, until: number): number | null => {
  let created: number | null = null;
  for (let index = 0; index <= Math.min(until, trace.length - 1); index += 1) {
    const one = trace[index] as TraceEntry;
    if (one.kind === 'key' && one.key === key) created = one.present ? one.createRevision : null;
  }
  return created;
};

const keylessHold = (trace: Trace, belief: HoldBelief, slack: number): Breach | null => {
  const { client, name, key, revision, from, until } = belief;
  const at = instantOf(trace, from);
  const kinds = kindsIn(troublesOf(trace, client), at - 30_000, instantOf(trace, until));
  const created = createdAt(trace, belief, from);
  if (created === null || (revision !== null && BigInt(created) !== revision)) {
    // It may have been taken away at the very instant, or while the client was asleep.
    const gone = trace.findLastIndex((one, index) => index < from && isLossOf(one, key));
    const isRecent = gone >= 0 && awakeAt(sleeps(trace), instantOf(trace, gone)) >= at - slack;
    if (created === null && (isRecent || isRevokedByAnother(trace, belief, gone))) return null;
    const what = `client ${client} had ${name} at ${at} ms, and its key was not there`;
    return { entry: from, what, shape: `no key, ${kinds}` };
  }
  const lost = trace.findIndex((one, index) => index > from && index < until && isLossOf(one, key));
  if (lost < 0 || isRevokedByAnother(trace, belief, lost)) return null;
  const deleter = deleterOf(trace, lost);
  if (deleter !== null && deleter !== client) return null;
  const late = instantOf(trace, until) - awakeAt(sleeps(trace), instantOf(trace, lost));
  if (late <= slack) return null;
  const what =
    `client ${client} had ${name} for ${late} ms after its key was gone at ` +
    `${instantOf(trace, lost)} ms`;
  return { entry: lost, what, shape: `key gone, ${kinds}`, excess: late };
};

const isLossOf = (one: TraceEntry, key: string): boolean =>
  one.kind === 'key' && one.key === key && !one.present;

/** Somebody else revoked its lease: the client cannot know before it asks. */
const isRevokedByAnother = (trace: Trace, { name }: HoldBelief, until: number): boolean =>
  trace.some(
    (one, index) =>
      one.kind === 'fault' &&
      one.fault.kind === 'revoke by another' &&
      one.fault.name === name &&
      (index <= until || one.at === trace[until]?.at),
  );

/** The client whose request took a key away; null: its lease did, by ending. */
const deleterOf = (trace: Trace, entry: number): number | null => {
  const gone = trace[entry];
  if (gone?.kind !== 'key') return null;
  const isOfLease = trace.some(
    (one) =>
      one.kind === 'lease' &&
      one.at === gone.at &&
      one.lease === gone.lease &&
      one.deadline === null,
  );
  if (isOfLease) return null;
  const served = trace.findLast((one, index) => index < entry && one.kind === 'served');
  if (served?.kind !== 'served') return null;
  const request = trace.find((one) => one.kind === 'request' && one.request === served.request);
  return request?.kind === 'request' ? request.client : null;
};

const twoAtOnce = (trace: Trace, slack: number): Breach | null => {
  const beliefs = holdBeliefs(trace);
  for (const first of beliefs) {
    const second = beliefs.find(
      ({ name, from }) => name === first.name && from > first.from && from < first.until,
    );
    if (second === undefined) continue;
    const since = instantOf(trace, second.from);
    const together = instantOf(trace, first.until) - awakeAt(sleeps(trace), since);
    if (together <= slack || isRevokedByAnother(trace, first, second.from)) continue;
    const kinds = kindsIn(troublesOf(trace, first.client), since - 30_000, since);
    const what =
      `client ${second.client} had ${first.name} from ${since} ms on, and client ` +
      `${first.client} for ${together} ms more`;
    return { entry: second.from, what, shape: kinds, excess: together };
  }
  return null;
};

const foreignDeletion = (trace: Trace): Breach | null => {
  const owners = new Map<bigint, number>();
  for (const [entry, one] of trace.entries()) {
    if (one.kind === 'reply' && one.call === 'grant' && one.lease !== null) {
      owners.set(one.lease, one.client);
    } else if (one.kind === 'request') {
      if (one.call === 'grant' && one.lease !== null) owners.set(one.lease, one.client);
    } else if (one.kind === 'key' && !one.present && one.lease !== 0n) {
      const deleter = deleterOf(trace, entry);
      const owner = owners.get(one.lease);
      if (deleter === null || owner === undefined || deleter === owner) continue;
      const what = `client ${deleter} deleted ${one.key} of client ${owner} at ${one.at} ms`;
      return { entry, what, shape: 'deletes what is of another' };
    }
  }
  return null;
};

type Write = Extract<TraceEntry, { readonly kind: 'request' }>;
const isWrite = (one: TraceEntry): one is Write =>
  one.kind === 'request' && (one.call === 'put' || one.call === 'txn');
