/** What a client is told to do is done, or said not to be. */
import type { Breach, Contract } from '../contract.ts';
import type { Trace, TraceEntry } from '../trace.ts';
import { leaseBeliefs } from './beliefs.ts';
import { isOnServer, mayBeOver } from './renewals.ts';
import { kindsIn, troublesOf } from './spans.ts';

export const CALLS: readonly Contract[] = [
  {
    id: 'FUZZ-20',
    title: 'Every call settles, at the latest when the client is closed.',
    weight: 'quality',
    source: 'plain use: somebody waits for it',
    needs: ['lease'],
    check: (trace) => {
      const settled = new Set(trace.flatMap((one) => (one.kind === 'settled' ? [one.call] : [])));
      const entry = trace.findIndex((one) => one.kind === 'told' && !settled.has(one.call));
      const told = trace[entry];
      if (told?.kind !== 'told' || trace.every(({ kind }) => kind !== 'end')) return null;
      const { kind } = told.act;
      const what = `client ${told.client} was told to ${kind} at ${told.at} ms, and never was done`;
      return { entry, what, shape: `${kind} never settles` };
    },
  },
  {
    id: 'FUZZ-21',
    title: 'A lease is gone when its revocation was reported done.',
    weight: 'safety',
    source: "etcd's API: revoking a lease deletes its keys",
    needs: ['lease'],
    check: (trace, slack = 0) => {
      for (const { client, name, lease, until } of leaseBeliefs(trace)) {
        const told = trace[until];
        if (told?.kind !== 'told' || told.act.kind !== 'revoke') continue;
        const done = doneAt(trace, told.call);
        if (done === null || !isOnServer(trace, lease, done)) continue;
        if (mayBeOver(trace, { client, lease }, trace[done]?.at ?? 0, slack)) continue;
        const what =
          `client ${client} reported ${name} revoked at ${trace[done]?.at} ms, and it ` +
          'was there';
        return { entry: done, what, shape: 'not revoked' };
      }
      return null;
    },
  },
  {
    id: 'FUZZ-22',
    title: 'A lease that is revoked before it is granted is revoked all the same.',
    weight: 'safety',
    source: 'plain safety: what nobody wants would be kept alive for ever',
    needs: ['lease'],
    check: (trace, slack = 0) => {
      for (const [index, told] of trace.entries()) {
        if (told.kind !== 'told' || told.act.kind !== 'revoke') continue;
        const breach = revokedTooSoon(trace, index, told, slack);
        if (breach !== null) return breach;
      }
      return null;
    },
  },
  {
    id: 'FUZZ-23',
    title: 'A client does not keep leases alive that nobody was told of.',
    weight: 'safety',
    source: 'plain safety: what they protect is locked up for as long as the process lives',
    needs: ['lease'],
    check: (trace, slack = 0) => secretLease(trace, slack),
  },
];

type Told = Extract<TraceEntry, { readonly kind: 'told' }>;

/** The entry at which a call ended well; null: it did not. */
const doneAt = (trace: Trace, call: number): number | null => {
  const index = trace.findIndex((one) => one.kind === 'settled' && one.call === call);
  const settled = trace[index];
  return settled?.kind === 'settled' && settled.error === null ? index : null;
};

/** Milliseconds that a revocation may come after. */
const LATER = 2_000;

const revokedTooSoon = (
  trace: Trace,
  index: number,
  { client, call, act }: Told,
  slack: number,
) => {
  const later = LATER + slack;
  const grant = pendingGrant(trace, index, client, 'name' in act ? act.name : '');
  const done = doneAt(trace, call);
  if (grant === null || done === null) return null;
  const settled = trace.findIndex((one) => one.kind === 'settled' && one.call === grant.call);
  const last = Math.max(done, settled);
  if (settled < 0 || grantsBetween(trace, client, grant.entry + 1, last)) return null;
  const at = trace[last]?.at ?? 0;
  const from = trace[grant.entry]?.at ?? 0;
  const end = trace.findIndex((one) => one.at > at + later || one.kind === 'closing');
  // What came at the last moment may not have been read any more.
  const granted = answersOf(trace, client, grant.entry, last, at - slack);
  // Who gave the grant up, and asked for its end then, cannot know that it came after that.
  const asked = revocationsIn(trace.slice(settled, last), client);
  const there = granted.find((one) => !asked.has(one) && isOnServer(trace, one, end - 1));
  if (there === undefined || end < 0) return null;
  const what =
    `client ${client} was told to revoke ${'name' in act ? act.name : ''} before ` +
    `it was granted; it was there ${later} ms after that was reported done`;
  return { entry: last, what, shape: kindsIn(troublesOf(trace, client), from, at) };
};

/** The grant under way of that name, if the client grants nothing else meanwhile. */
const pendingGrant = (trace: Trace, until: number, client: number, name: string) => {
  const pending = new Map<
    number,
    { readonly call: number; readonly entry: number; name: string }
  >();
  for (const [entry, one] of trace.slice(0, until).entries()) {
    if (one.kind === 'settled') pending.delete(one.call);
    else if (one.kind === 'told' && one.client === client && 'ttl' in one.act) {
      pending.set(one.call, { call: one.call, entry, name: one.act.name });
    }
  }
  const [only] = pending.values();
  return pending.size === 1 && only?.name === name ? only : null;
};

/** Whether the client is told to grant something else meanwhile. */
const grantsBetween = (trace: Trace, client: number, from: number, until: number): boolean =>
  trace
    .slice(from, until)
    .some((one) => one.kind === 'told' && one.client === client && 'ttl' in one.act);

/** Leases whose grants were answered in that time. */
const answersOf = (
  trace: Trace,
  client: number,
  from: number,
  until: number,
  latest: number,
): bigint[] =>
  trace.slice(from, until).flatMap((one) => {
    if (one.kind !== 'reply' || one.call !== 'grant' || one.client !== client) return [];
    if (one.at > latest) return [];
    return one.code === 0 && one.lease !== null ? [one.lease] : [];
  });

/** Leases that the client asked to revoke. */
const revocationsIn = (trace: Trace, client: number): ReadonlySet<bigint | null> =>
  new Set(
    trace.flatMap((one) =>
      one.kind === 'request' && one.call === 'revoke' && one.client === client ? [one.lease] : [],
    ),
  );

const GRANTING: ReadonlySet<string> = new Set(['grant', 'lock', 'campaign']);

/** Renewals by a client that has no grant under way, of a lease that it never spoke of. */
const secretLease = (trace: Trace, slack: number): Breach | null => {
  const known = new Set<bigint>();
  for (const one of trace) {
    if (one.kind !== 'said') continue;
    if (one.event.kind === 'granted') known.add(one.event.id);
    else if (one.event.kind === 'acquired') known.add(one.event.lease);
  }
  const pending = new Map<number, number>();
  const quietSince = new Map<number, number>();
  for (const [entry, one] of trace.entries()) {
    if (one.kind === 'told' && GRANTING.has(one.act.kind)) pending.set(one.call, one.client);
    else if (one.kind === 'settled' && pending.delete(one.call)) {
      quietSince.set(one.client, one.at);
    } else if (one.kind === 'request' && one.call === 'keep-alive' && one.lease !== null) {
      const { client, lease, at } = one;
      if (known.has(lease) || [...pending.values()].includes(client)) continue;
      if (at <= (quietSince.get(client) ?? -1) + slack) continue;
      const what = `client ${client} renewed at ${at} ms a lease that it has told nobody of`;
      return { entry, what, shape: 'secret lease' };
    }
  }
  return null;
};
