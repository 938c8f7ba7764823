/**
 * Judges what the watches of clients delivered on a real clock, against what the harness's own
 * watch over the keys of the session saw: the events of the range, from the start on, filtered, in
 * the order of their revisions, none twice. When they came is not judged, but that those came which
 * the own watch had long seen.
 */
import type { StreamId, Token, Watch, WatchId } from '../../api/command.ts';
import { type Delivery, isNotice, type WatchEvent } from '../../api/response.ts';
import type { Instant } from '../../api/units.ts';
import { sameEvent } from '../../model/index.ts';
import { isAskedFor } from '../blame-delivery.ts';
import { wordPlace } from '../describe.ts';
import type { Entry, History } from '../history.ts';
import { CONFORMANT, type Verdict, violation } from '../verdict.ts';
import { longestLag } from './lag.ts';

export function checkDeliveries(history: History): Verdict {
  const watches = watchesOf(history);
  if ('kind' in watches) return watches;
  if (watches.length === 0) return CONFORMANT;
  const lag = longestLag(history);
  const seen = seenBySession(history);
  const end = history.entries.length - 1;
  for (const watch of watches) {
    const verdict = judge(watch, seen.get(watch.session) ?? [], lag, end);
    if (verdict !== null) return verdict;
  }
  return CONFORMANT;
}

/** A watch of a client, from its creation until it ended, or the history did. */
interface ClientWatch {
  readonly session: number;
  readonly command: Watch;
  readonly id: WatchId;
  /** The first revision that it is to deliver. */
  readonly from: number;
  readonly created: Instant;
  ends: Instant;
  readonly deliveries: {
    readonly entry: number;
    readonly at: Instant;
    readonly delivery: Delivery;
  }[];
}

/** The watches, or a violation where the server gave one an id that it must not give (KV-25). */
const watchesOf = ({ entries }: History): readonly ClientWatch[] | Verdict => {
  const asked = new Map<Token, { readonly command: Watch; readonly session: number }>();
  const cancels = new Map<Token, string>();
  const open = new Map<string, ClientWatch>();
  const all: ClientWatch[] = [];
  const chosen = new Map<StreamId, WatchId>();
  const ends = entries.at(-1)?.at ?? (0 as Instant);
  for (const [index, entry] of entries.entries()) {
    if (entry.kind === 'call') noteCall(entry, asked, cancels, open);
    if (entry.kind === 'delivery') {
      const { at, delivery } = entry;
      const name = `${delivery.stream}/${delivery.watch}`;
      open.get(name)?.deliveries.push({ entry: index, at, delivery });
    }
    if (entry.kind !== 'return' || entry.completion.kind !== 'answered') continue;
    const { response } = entry.completion;
    const request = asked.get(entry.token);
    if (response.kind === 'watchCreated' && request !== undefined) {
      const { command, session } = request;
      const wanted = Number(command.startRevision);
      const from = wanted === 0 ? response.revision + 1 : wanted;
      const id = response.watch;
      const least = command.watch === 0n ? (chosen.get(command.stream) ?? -1n) + 1n : id;
      if (command.watch === 0n) chosen.set(command.stream, id);
      if (id < least || open.has(`${command.stream}/${id}`)) {
        return violation('KV-25', index, 'an id that is not and was not in use', `${id}`);
      }
      const created = entry.at;
      const watch = { session, command, id, from, created, ends, deliveries: [] };
      open.set(`${command.stream}/${id}`, watch);
      all.push(watch);
    }
    const cancelled = cancels.get(entry.token);
    if (cancelled !== undefined) open.delete(cancelled);
  }
  return all;
};

/** From the call on that cancels it, a watch owes nothing. */
const noteCall = (
  { at, command, session }: Entry & { readonly kind: 'call' },
  asked: Map<Token, { readonly command: Watch; readonly session: number }>,
  cancels: Map<Token, string>,
  open: ReadonlyMap<string, ClientWatch>,
): void => {
  if (command.kind === 'watch') asked.set(command.token, { command, session });
  if (command.kind !== 'cancelWatch') return;
  const name = `${command.stream}/${command.watch}`;
  cancels.set(command.token, name);
  const watch = open.get(name);
  if (watch !== undefined && watch.ends > at) watch.ends = at;
};

type Seen = Entry & { readonly kind: 'watch' };

const seenBySession = ({ entries }: History): ReadonlyMap<number, readonly Seen[]> => {
  const seen = new Map<number, Seen[]>();
  for (const entry of entries) {
    if (entry.kind !== 'watch') continue;
    const own = seen.get(entry.session);
    if (own === undefined) seen.set(entry.session, [entry]);
    else own.push(entry);
  }
  return seen;
};

const judge = (
  watch: ClientWatch,
  seen: readonly Seen[],
  lag: number,
  end: number,
): Verdict | null => {
  // What a negative start means differs, and one that was compacted is told by its end.
  const ended = watch.deliveries.some(({ delivery }) => delivery.compactRevision !== 0);
  if (watch.command.startRevision < 0n || ended) return null;
  const expected = expectedOf(watch, seen);
  let count = 0;
  let last = 0;
  /** Up to where it has been told everything, by the server's own word. */
  let told = 0;
  for (const { entry, at, delivery } of watch.deliveries) {
    if (isNotice(delivery)) {
      // KV-29: when it comes is not judged.
      if (watch.command.progressNotify) told = delivery.revision;
      else return violation('KV-29', entry, 'no word on progress', `of ${delivery.revision}`);
    }
    const first = delivery.events[0]?.kv.modRevision;
    if (first !== undefined && first === last)
      return violation('KV-22', entry, 'all events of a revision at once', 'more');
    if (first !== undefined && first <= told)
      return violation('KV-29', entry, `no more events up to ${told}`, `one of ${first}`);
    for (const event of delivery.events) {
      const next = expected[count];
      // The own watch has not seen it yet: then nobody knows.
      if (next === undefined) return null;
      // KV-26: as it is told to cancel, etcd forgets that it was asked for previous values; what it
      // has not sent by then goes without.
      const isBare = at >= watch.ends && event.prevKv === null;
      const wanted = isBare ? { ...next.event, prevKv: null } : next.event;
      if (!sameEvent(wanted, event)) return wrong(watch, entry, wanted, event);
      count += 1;
      last = event.kv.modRevision;
    }
    if (delivery.revision < last) {
      return violation('KV-22', entry, `revision ${last}`, `${delivery.revision}`);
    }
  }
  const owed = expected[count];
  if (owed === undefined) return null;
  if (Math.max(owed.at, watch.created) + lag >= watch.ends) return null;
  return violation('KV-22', end, wordPlace(owed.event), 'nothing');
};

interface Owed {
  readonly event: WatchEvent;
  readonly at: Instant;
}

/** What the own watch of the session saw of the range, as the client asked for it. */
const expectedOf = ({ command, from }: ClientWatch, seen: readonly Seen[]): Owed[] => {
  const owed: Owed[] = [];
  for (const entry of seen) {
    if (entry.revision < from) continue;
    for (const event of entry.events) {
      if (!isAskedFor(command, event)) continue;
      owed.push({ event: command.prevKv ? event : { ...event, prevKv: null }, at: entry.at });
    }
  }
  return owed;
};

const wrong = (
  { command, from }: ClientWatch,
  entry: number,
  expected: WatchEvent,
  seen: WatchEvent,
): Verdict => {
  const isSame = wordPlace(expected) === wordPlace(seen);
  const rule =
    seen.kv.modRevision < from ? 'KV-23' : isSame || !isAskedFor(command, seen) ? 'KV-24' : 'KV-22';
  return violation(rule, entry, wordPlace(expected), wordPlace(seen));
};
