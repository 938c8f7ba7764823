/** A belief ends in time, once, and for good. */
import type { Contract } from '../contract.ts';
import type { Trace, TraceEntry } from '../trace.ts';
import { instantOf, type LeaseBelief, leaseBeliefs } from './beliefs.ts';
import { deadlineAt, renewalsOf, saidGone } from './renewals.ts';
import { awakeAt, kindsIn, sleeps, troublesOf } from './spans.ts';

/** Milliseconds that it may take to say what one knows, where nobody is hurt by it. */
const SOON = 1_500;

export const BELIEF: readonly Contract[] = [
  {
    id: 'FUZZ-01',
    title: 'Nobody believes that a lease is alive which the server has expired.',
    weight: 'safety',
    source: 'plain safety: what the lease protects belongs to somebody else then',
    needs: ['lease'],
    check: (trace, slack = 0) => {
      for (const [index, entry] of trace.entries()) {
        if (entry.kind !== 'lease' || entry.by !== 'expiry') continue;
        const believer = leaseBeliefs(trace).find(
          ({ lease, from, until }) => lease === entry.lease && from < index && index < until,
        );
        if (believer === undefined) continue;
        const late = instantOf(trace, believer.until) - awakeAt(sleeps(trace), entry.at);
        if (late <= slack) continue;
        const expired = `${nameOf(believer)} expired at ${entry.at} ms`;
        const what = `${expired} and was believed alive ${late} ms on`;
        const shape = `expired, ${around(trace, believer, entry.at)}`;
        return { entry: index, what, shape, excess: late };
      }
      return null;
    },
  },
  {
    id: 'FUZZ-02',
    title:
      'A lease is believed alive for its TTL after the last answered request was sent, no longer.',
    weight: 'safety',
    source: 'plain safety: the server counts from when it carries the request out, at the earliest',
    needs: ['lease'],
    check: (trace, slack = 0) => overdue(trace, slack),
  },
  {
    id: 'FUZZ-03',
    title: 'The loss of a lease is told within 1.5 s after its time is up.',
    weight: 'quality',
    source: 'the Go client, which looks for what is overdue every second (GO-07)',
    needs: ['lease'],
    check: (trace, slack = 0) => overdue(trace, SOON + slack),
  },
  {
    id: 'FUZZ-04',
    title: 'The loss of a lease is told once.',
    weight: 'quality',
    source: 'the Go client, whose channel closes once (GO-09)',
    needs: ['lease'],
    check: (trace) => afterLoss(trace, 'lost'),
  },
  {
    id: 'FUZZ-05',
    title: 'A lease that was given up stays so.',
    weight: 'safety',
    source: 'plain safety: whoever was told has begun to act on it',
    needs: ['lease'],
    check: (trace) => afterLoss(trace, 'renewed'),
  },
  {
    id: 'FUZZ-06',
    title: 'A lease of which the server says TTL 0 is given up within 1.5 s.',
    weight: 'safety',
    source: "etcd's API: TTL 0 or less is the answer for a lease that is gone (KA-03)",
    needs: ['lease'],
    check: (trace, slack = 0) => {
      for (const belief of leaseBeliefs(trace)) {
        const gone = saidGone(trace, belief, belief.until - 1);
        if (gone === null) continue;
        const at = instantOf(trace, gone);
        const late = instantOf(trace, belief.until) - awakeAt(sleeps(trace), at);
        if (late <= SOON + slack) continue;
        const what =
          `${nameOf(belief)}: TTL 0 was answered at ${at} ms, and believed alive ${late} ` +
          'ms on';
        return { entry: gone, what, shape: 'TTL 0 ignored' };
      }
      return null;
    },
  },
];

const nameOf = ({ client, name }: LeaseBelief): string => `client ${client}, ${name}`;

/** The faults since a belief began, or in the last TTL. */
const around = (trace: Trace, { client, ttl }: LeaseBelief, at: number): string =>
  kindsIn(troublesOf(trace, client), at - ttl * 1_000, at);

const overdue = (trace: Trace, slack: number) => {
  for (const belief of leaseBeliefs(trace)) {
    const late = overdueIn(trace, belief, slack);
    if (late === null) continue;
    const { deadline, until } = late;
    const over = instantOf(trace, until) - deadline;
    const what =
      `${nameOf(belief)}: its time was up at ${deadline} ms, and it was believed ` +
      `alive ${over} ms on`;
    return {
      entry: Math.min(until, trace.length - 1),
      what,
      shape: around(trace, belief, deadline),
      excess: over,
    };
  }
  return null;
};

/** The first answer, or the end, that finds the belief alive after its time. */
const overdueIn = (trace: Trace, belief: LeaseBelief, slack: number) => {
  const renewals = renewalsOf(trace, belief);
  const sleeping = sleeps(trace);
  const isLate = (deadline: number, at: number): boolean =>
    at > awakeAt(sleeping, deadline) + slack;
  const later = renewals.filter(({ entry }) => entry > belief.from && entry < belief.until);
  for (const { entry, answeredAt } of later) {
    const deadline = deadlineAt(renewals, entry - 1);
    if (isLate(deadline, answeredAt)) return { deadline, until: entry };
  }
  const deadline = deadlineAt(renewals, belief.until);
  const end = instantOf(trace, belief.until);
  return isLate(deadline, end) ? { deadline, until: belief.until } : null;
};

/** What is said of a lease after its loss, before it is granted anew. */
const afterLoss = (trace: Trace, kind: 'lost' | 'renewed') => {
  for (const belief of leaseBeliefs(trace)) {
    if (belief.end !== 'given up') continue;
    for (let index = belief.until + 1; index < trace.length; index += 1) {
      const entry = trace[index] as TraceEntry;
      if (entry.kind !== 'said' || entry.client !== belief.client) continue;
      const { event } = entry;
      if (!('lease' in event) || event.lease !== belief.name) continue;
      if (event.kind === 'granted') break;
      if (event.kind !== kind) continue;
      const what =
        `${nameOf(belief)} was given up at ${instantOf(trace, belief.until)} ms, and ` +
        `${kind} at ${entry.at} ms`;
      return { entry: index, what, shape: `${kind} after loss` };
    }
  }
  return null;
};
