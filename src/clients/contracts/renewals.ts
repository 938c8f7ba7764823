/** Requests that renew leases, their answers, and what a client can conclude from them. */
import type { Trace, TraceEntry } from '../trace.ts';
import type { LeaseBelief } from './beliefs.ts';

/** A grant or a keep-alive that was answered well. */
export interface Renewal {
  /** Index of the entry of the answer. */
  readonly entry: number;
  readonly sentAt: number;
  readonly answeredAt: number;
  /** In seconds. */
  readonly ttl: number;
  /** It is known from the server alone: the client may have heard of it, or not. */
  readonly isHearsay: boolean;
}

/** Of one lease, in the order of the answers. A client that never hears of an answer has none. */
export const renewalsOf = (trace: Trace, { client, lease }: { client: number; lease: bigint }) => {
  const sent = new Map<number, number>();
  const renewals: Renewal[] = [];
  for (const [entry, one] of trace.entries()) {
    if (one.kind === 'request') sent.set(one.request, one.at);
    else if (one.kind === 'lease' && one.lease === lease && one.by === 'grant') {
      // A client that chose the id may learn of the grant in other ways than by its answer.
      const { at: sentAt, ttl } = one;
      renewals.push({ entry, sentAt, answeredAt: sentAt, ttl, isHearsay: true });
    } else if (one.kind === 'reply' && one.client === client && one.lease === lease) {
      const sentAt = one.request === null ? undefined : sent.get(one.request);
      const { at: answeredAt, ttl } = one;
      if (sentAt === undefined || ttl === null || ttl <= 0 || !RENEWS.has(one.call)) continue;
      renewals.push({ entry, sentAt, answeredAt, ttl, isHearsay: false });
    }
  }
  return renewals;
};

const RENEWS: ReadonlySet<string> = new Set(['grant', 'keep-alive']);

/** The instant until which the answers up to an entry let a client believe. */
export const deadlineAt = (renewals: readonly Renewal[], until: number): number => {
  let deadline = -Infinity;
  for (const { entry, sentAt, ttl } of renewals) {
    if (entry <= until) deadline = Math.max(deadline, sentAt + ttl * 1_000);
  }
  return deadline;
};

/**
 * On a real clock: whether a client may have taken its time for up, by the answers that it is sure
 * to have heard.
 */
export const mayBeOver = (
  trace: Trace,
  of: { client: number; lease: bigint },
  at: number,
  slack: number,
): boolean => {
  if (slack === 0) return false;
  const heard = renewalsOf(trace, of).filter(({ answeredAt }) => answeredAt <= at - slack);
  return deadlineAt(heard, trace.length) <= at + slack;
};

/** When it was asked to renew the lease, with the entry. */
export const keepAlivesOf = (trace: Trace, { client, lease }: { client: number; lease: bigint }) =>
  trace.flatMap((one, entry) => (isKeepAlive(one, client, lease) ? [{ entry, at: one.at }] : []));

const isKeepAlive = (one: TraceEntry, client: number, lease: bigint): boolean =>
  one.kind === 'request' &&
  one.call === 'keep-alive' &&
  one.client === client &&
  one.lease === lease;

/** The server said TTL 0 of it, and that was the last word until then. */
export const saidGone = (trace: Trace, belief: LeaseBelief, until: number): number | null => {
  let gone: number | null = null;
  for (let index = belief.from; index <= Math.min(until, trace.length - 1); index += 1) {
    const one = trace[index] as TraceEntry;
    if (one.kind !== 'reply' || one.call !== 'keep-alive' || one.lease !== belief.lease) continue;
    if (one.client !== belief.client || one.code !== 0 || one.ttl === null) continue;
    if (one.ttl > 0) gone = null;
    else gone ??= index;
  }
  return gone;
};

/** Whether the lease is on the server after an entry. */
export const isOnServer = (trace: Trace, lease: bigint, until: number): boolean => {
  let there = false;
  for (let index = 0; index <= Math.min(until, trace.length - 1); index += 1) {
    const one = trace[index] as TraceEntry;
    if (one.kind === 'lease' && one.lease === lease) there = one.deadline !== null;
  }
  return there;
};
