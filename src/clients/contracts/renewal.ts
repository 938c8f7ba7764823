/** Leases are renewed: often enough, not too often, and as long as it can be done. */
import type { Breach, Contract } from '../contract.ts';
import type { Trace, TraceEntry } from '../trace.ts';
import { instantOf, type LeaseBelief, leaseBeliefs } from './beliefs.ts';
import { deadlineAt, isOnServer, keepAlivesOf, renewalsOf, saidGone } from './renewals.ts';
import { awakeAt, isCalm, kindsIn, sleeps, type Span, troublesOf } from './spans.ts';

/** Milliseconds after which trouble that is over is no excuse. */
const GRACE = 2_000;
/** Milliseconds by which a renewal may be later than a third of the TTL: the Go client's grid. */
const GRID = 600;
/** Renewals within a TTL: three, and two for what is on its way. */
const MOST = 5;
/** Renewals of a lease within a second, whatever is wrong. */
const FLOOD = 10;

export const RENEWAL: readonly Contract[] = [
  {
    id: 'FUZZ-07',
    title: 'A lease that is there is not given up before its time.',
    weight: 'quality',
    source: 'the Go client, which gives up for no error but TTL 0 and time (GO-08, GO-09)',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(lossesOf(trace, slack), (loss) => {
        if (!loss.isEarly || loss.isBeside || loss.isDenied) return null;
        const { belief, deadline, at } = loss;
        const what =
          `${nameOf(belief)} was given up at ${at} ms; it was alive until ${deadline} ms ` +
          'at least';
        return { entry: belief.until, what, shape: `early, ${loss.kinds}` };
      }),
  },
  {
    id: 'FUZZ-08',
    title: 'A lease that could have been renewed is not lost: 2 s without trouble are enough.',
    weight: 'quality',
    source:
      'plain use: a client that renews at a third of the TTL and tries again at once keeps it',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(lossesOf(trace, slack), (loss) => {
        const { belief, deadline, basis, at, troubles } = loss;
        // What the server says of a lease that was left to expire is no excuse.
        if (loss.isDenied && !isExpired(trace, belief)) return null;
        if (loss.isEarly || basis === -Infinity || isRevoked(trace, belief)) return null;
        // To renew is to ask and to be answered, and once more where that was not heard in time.
        const late = 3 * slack;
        if (late > (belief.ttl * 2_000) / 3 - GRID && slack > 0) return null;
        const enough = Math.max(GRACE, (belief.ttl * 1_000) / 3 + GRID) + late;
        const from = Math.max(basis, deadline - enough);
        if (deadline - from < Math.min(enough, belief.ttl * 1_000)) return null;
        if (!isCalm(troubles, from, deadline)) return null;
        const what =
          `${nameOf(belief)} was lost at ${at} ms, though nothing was in its way from ` +
          `${Math.ceil(from)} ms on`;
        return { entry: belief.until, what, shape: `lost, ${loss.kinds}` };
      }),
  },
  {
    id: 'FUZZ-09',
    title:
      'Without trouble a lease is renewed when a third of its granted TTL, or 0.6 s ' +
      'more, has passed.',
    weight: 'quality',
    source: "etcd's documentation and the Go client: about three renewals in a TTL (GO-06)",
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(leaseBeliefs(trace), (belief) => longGap(trace, belief, slack)),
  },
  {
    id: 'FUZZ-10',
    title: 'Without trouble a lease is renewed at most five times within its granted TTL.',
    weight: 'quality',
    source: 'the Go client: about three renewals in a TTL (GO-06)',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(leaseBeliefs(trace), (belief) => {
        const troubles = troublesOf(trace, belief.client);
        const isJudged = (from: number, to: number): boolean =>
          isCalm(troubles, from - GRACE, to) && isBelieved(trace, belief, from, to);
        return crowd(trace, belief, MOST, belief.ttl * 1_000 - slack, isJudged);
      }),
  },
  {
    id: 'FUZZ-11',
    title: 'A lease is renewed at most ten times within a second, whatever is wrong.',
    weight: 'quality',
    source: 'the Go client, which asks every 500 ms while it has no answer (GO-04)',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(leaseBeliefs(trace), (belief) =>
        crowd(trace, belief, FLOOD, 1_000 - slack, () => true),
      ),
  },
  {
    id: 'FUZZ-12',
    title: 'The end of one lease does not end others of the client.',
    weight: 'quality',
    source: 'the Go client, where a bad lease closes no channels but its own (GO-05)',
    needs: ['lease'],
    check: (trace, slack = 0) =>
      firstOf(lossesOf(trace, slack), (loss) => {
        if (!loss.isEarly || !loss.isBeside || loss.isDenied) return null;
        const what =
          `${nameOf(loss.belief)} was given up at ${loss.at} ms, right after another ` +
          'lease of the client had ended';
        return { entry: loss.belief.until, what, shape: 'beside another' };
      }),
  },
];

const nameOf = ({ client, name }: LeaseBelief): string => `client ${client}, ${name}`;

const firstOf = <T>(values: Iterable<T>, breach: (value: T) => Breach | null): Breach | null => {
  for (const value of values) {
    const found = breach(value);
    if (found !== null) return found;
  }
  return null;
};

interface Loss {
  readonly belief: LeaseBelief;
  readonly at: number;
  /** When the last answered request was sent, and what it lets believe. */
  readonly basis: number;
  readonly deadline: number;
  /** Before its time, though it was there and no answer said otherwise. */
  readonly isEarly: boolean;
  /** Another lease of the client ended just before. */
  readonly isBeside: boolean;
  /** An answer said so. */
  readonly isDenied: boolean;
  readonly troubles: readonly Span[];
  readonly kinds: string;
}

/** Leases that clients gave up. */
const lossesOf = (trace: Trace, slack: number): Loss[] =>
  leaseBeliefs(trace).flatMap((belief) => {
    const entry = trace[belief.until];
    if (belief.end !== 'given up' || entry?.kind !== 'said' || entry.event.kind !== 'lost')
      return [];
    const isDenied = wasDenied(trace, belief);
    const { at } = entry;
    // What it has heard itself, and before that instant: at which its time may have been up.
    const renewals = renewalsOf(trace, belief).filter(
      ({ isHearsay, answeredAt, sentAt }) =>
        !isHearsay && (answeredAt < at - slack || sentAt === at),
    );
    const deadline = deadlineAt(renewals, belief.until);
    const basis = deadline - belief.ttl * 1_000;
    const troubles = troublesOf(trace, belief.client);
    const isEarly = at < deadline - slack && isOnServer(trace, belief.lease, belief.until);
    const isBeside = isCalm(troubles, basis, at) && endsBeside(trace, belief, at, slack);
    const kinds = kindsIn(troubles, basis, at);
    return [{ belief, at, basis, deadline, isEarly, isBeside, isDenied, troubles, kinds }];
  });

/** An answer within the grace before the loss said TTL 0, whatever others said. */
const wasDenied = (trace: Trace, { client, lease, from, until }: LeaseBelief): boolean => {
  const since = instantOf(trace, until) - GRACE;
  return trace
    .slice(from, until)
    .some(
      (one) =>
        one.kind === 'reply' &&
        one.call === 'keep-alive' &&
        one.client === client &&
        one.lease === lease &&
        one.ttl !== null &&
        one.ttl <= 0 &&
        one.at >= since,
    );
};

/** Nobody can renew what was revoked. */
const isRevoked = (trace: Trace, { lease, until }: LeaseBelief): boolean =>
  trace.some(
    (one, index) =>
      index < until && one.kind === 'lease' && one.lease === lease && one.by === 'revoke',
  );

/** Its time ran out on the server. */
const isExpired = (trace: Trace, { lease, until }: LeaseBelief): boolean =>
  trace.some(
    (one, index) =>
      index < until && one.kind === 'lease' && one.lease === lease && one.by === 'expiry',
  );

/** Another lease of the client was given up, revoked, or said to be gone in the last 100 ms. */
const endsBeside = (
  trace: Trace,
  { client, lease, name, until }: LeaseBelief,
  at: number,
  slack: number,
) => {
  const since = at - 100 - slack;
  for (let index = until - 1; index >= 0 && instantOf(trace, index) >= since; index -= 1) {
    const entry = trace[index] as TraceEntry;
    if (!('client' in entry) || entry.client !== client) continue;
    if (entry.kind === 'reply' && entry.call === 'keep-alive' && entry.lease !== lease) {
      if (entry.ttl !== null && entry.ttl <= 0) return true;
    }
    if (entry.kind === 'told' && entry.act.kind === 'revoke' && entry.act.name !== name)
      return true;
  }
  return false;
};

/** A client renews while it believes; the instants from the grant on, and when it stops. */
const longGap = (trace: Trace, belief: LeaseBelief, slack: number): Breach | null => {
  const sleeping = sleeps(trace);
  const troubles = troublesOf(trace, belief.client);
  const most = Math.floor((belief.ttl * 1_000) / 3) + GRID + slack;
  const end = instantOf(trace, belief.until);
  const asked = keepAlivesOf(trace, belief).filter(({ at }) => at <= end);
  const instants = [instantOf(trace, belief.from), ...asked.map(({ at }) => at), end];
  for (const [index, from] of instants.slice(0, -1).entries()) {
    const to = instants[index + 1] as number;
    if (to - from <= most || !isCalm(troubles, from - GRACE, from + most)) continue;
    if (
      awakeAt(sleeping, from + most) !== from + most ||
      saidGone(trace, belief, belief.until) !== null
    )
      continue;
    const span = `from ${from} ms to ${to} ms`;
    const what = `${nameOf(belief)}, TTL ${belief.ttl} s, was not renewed ${span}`;
    const entry = asked[index]?.entry ?? belief.until;
    return { entry, what, shape: 'too seldom' };
  }
  return null;
};

/** More than `most` requests within `span` milliseconds. */
const crowd = (
  trace: Trace,
  belief: LeaseBelief,
  most: number,
  span: number,
  isJudged: (from: number, to: number) => boolean,
): Breach | null => {
  const asked = keepAlivesOf(trace, belief);
  for (let index = most; index < asked.length; index += 1) {
    const [first, last] = [asked[index - most], asked[index]];
    if (first === undefined || last === undefined) continue;
    if (last.at - first.at >= span || !isJudged(first.at, last.at)) continue;
    const what =
      `${nameOf(belief)}, TTL ${belief.ttl} s, was renewed ${most + 1} times from ` +
      `${first.at} ms to ${last.at} ms`;
    return { entry: last.entry, what, shape: 'too often' };
  }
  return null;
};

const isBelieved = (trace: Trace, { from, until }: LeaseBelief, start: number, end: number) =>
  instantOf(trace, from) <= start && end <= instantOf(trace, until);
