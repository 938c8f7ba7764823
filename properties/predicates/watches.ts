/** Properties of watches. */
import type { Watch, WatchId } from '../../src/api/command.ts';
import type { WatchEvent } from '../../src/api/response.ts';
import type { Chronicle, Delivered, Request } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { wordEvent } from './revoke.ts';

export const compactedStart: Property = {
  title: 'KV-17: a watch from a compacted revision is ended with that revision, and no other',
  sometimes: ['a compacted start', 'another start'],
  *cases(history) {
    for (const { asked, deliveries, request } of watches(history)) {
      const { compacted, entry } = request;
      const isGone = asked.startRevision !== 0n && asked.startRevision < BigInt(compacted);
      const name = isGone ? 'a compacted start' : 'another start';
      const words = deliveries.map((given) => `${given.compactRevision}/${given.revision}`);
      const ends = words.filter((word) => !word.startsWith('0/')).join();
      const expected = isGone ? `${compacted}/0, 1` : ', any';
      const count = isGone ? words.length : 'any';
      yield { name, entry, expected, observed: `${ends}, ${count}` };
    }
  },
};

export const revisionsTogether: Property = {
  title: 'KV-22: a watch delivers the events of a revision together, in order, each once',
  sometimes: ['several events', 'several deliveries'],
  *cases(history) {
    for (const { deliveries } of watches(history)) {
      let last = 0;
      for (const { entry, events } of deliveries) {
        const revisions = [...new Set(events.map(({ kv }) => kv.modRevision))];
        const [at = 0] = revisions;
        const name = events.length > 1 ? 'several events' : 'one event';
        const inOrder = events.length === 0 || (revisions.length === 1 && at > last);
        yield { name, entry, expected: 'true', observed: `${inOrder}` };
        const write = history.writes.find(({ revision }) => revision === at);
        const all = write?.events.map(({ kv }) => kv.key) ?? [];
        const places = events.map(({ kv }) => all.indexOf(kv.key));
        const ordered = places.every((place, index) => place >= (places[index - 1] ?? 0));
        yield { name, entry, expected: 'true', observed: `${ordered}` };
        if (last > 0)
          yield { name: 'several deliveries', entry, expected: 'true', observed: `${inOrder}` };
        last = Math.max(last, at);
      }
    }
  },
};

export const fromItsStart: Property = {
  title: 'KV-23: a watch begins at the revision asked for, or with the next one, and misses none',
  sometimes: ['from now on', 'from the past', 'from the future'],
  *cases(history) {
    for (const { asked, deliveries, end, isEnded, request } of watches(history)) {
      if (isEnded || asked.startRevision < 0n) continue;
      const { compacted, entry, revision } = request;
      const start = asked.startRevision === 0n ? revision + 1 : Number(asked.startRevision);
      const wanted = history.writes.filter(
        (write) => write.revision >= start && write.revision !== compacted && write.entry < end,
      );
      const expected = wanted
        .filter(({ events }) => events.some((event) => isWanted(asked, event)))
        .map((write) => write.revision);
      const revisions = deliveries.flatMap(({ events }) => events.map(({ kv }) => kv.modRevision));
      const observed = [...new Set(revisions)].filter((at) => at !== compacted);
      const later = start > revision + 1 ? 'from the future' : 'from now on';
      const name = start <= revision ? 'from the past' : later;
      yield { name, entry, expected: expected.join(), observed: observed.join() };
    }
  },
};

export const asAskedFor: Property = {
  title: 'KV-24: a watch delivers events of its range, filtered, with previous values if asked',
  sometimes: ['a filter', 'previous values', 'a range', 'a key'],
  *cases(history) {
    for (const { asked, deliveries, request } of watches(history)) {
      for (const { entry, events } of deliveries) {
        for (const event of events) {
          const write = history.writes.find(({ revision }) => revision === event.kv.modRevision);
          const isPast = event.kv.modRevision === request.compacted;
          const old = isPast ? null : (write?.store.get(event.kv.key) ?? null);
          const prevKv = asked.prevKv ? old : null;
          const told = isWanted(asked, event) ? wordEvent({ ...event, prevKv }) : 'no event';
          const plain = asked.rangeEnd === '' ? 'a key' : 'a range';
          const what = asked.prevKv ? 'previous values' : plain;
          const name = asked.noPut || asked.noDelete ? 'a filter' : what;
          yield { name, entry, expected: told, observed: wordEvent(event) };
        }
      }
    }
  },
};

export const idsCounted: Property = {
  title: 'KV-25: the server counts watch ids from 0 on each stream, and passes over those in use',
  sometimes: ['the first one', 'a later one', 'one asked for', 'one in use'],
  *cases({ requests }) {
    const used = new Map<number, Set<WatchId>>();
    const next = new Map<number, WatchId>();
    for (const { command, entry, response } of requests) {
      if (command.kind === 'cancelWatch' && response !== null) {
        used.get(command.stream)?.delete(command.watch);
      }
      if (command.kind !== 'watch') continue;
      const { stream, watch: id } = command;
      const inUse = used.get(stream) ?? new Set();
      used.set(stream, inUse);
      if (response?.kind === 'refused') {
        if (response.reason !== 'watch-id-in-use') continue;
        yield { name: 'one in use', entry, expected: 'true', observed: `${inUse.has(id)}` };
      } else if (response?.kind === 'watchCreated') {
        const expected = id === 0n ? firstFree(inUse, next.get(stream) ?? 0n) : id;
        if (id === 0n) next.set(stream, expected + 1n);
        const chosen = expected === 0n ? 'the first one' : 'a later one';
        const name = id === 0n ? chosen : 'one asked for';
        const isNew = `${!inUse.has(response.watch)}`;
        const observed = `${response.watch}, ${isNew}`;
        yield { name, entry, expected: `${expected}, true`, observed };
        inUse.add(response.watch);
      }
    }
  },
};

export const cancelled: Property = {
  title: 'KV-26: cancelling a watch is answered once, and nothing comes after',
  sometimes: ['a watch that is there', 'a watch that is not'],
  *cases({ deliveries, requests }) {
    const there = new Set<string>();
    for (const [index, { command, entry, response }] of requests.entries()) {
      if (command.kind === 'watch' && response?.kind === 'watchCreated') {
        there.add(`${command.stream}.${response.watch}`);
      }
      if (command.kind !== 'cancelWatch') continue;
      const { stream, watch: id } = command;
      const isThere = there.delete(`${stream}.${id}`);
      const name = isThere ? 'a watch that is there' : 'a watch that is not';
      const again = requests
        .slice(index)
        .find((later) => later.command.kind === 'watch' && isOf(later.command, stream));
      const after = deliveries.filter(
        (given) =>
          given.stream === stream &&
          given.watch === id &&
          given.entry > entry &&
          given.entry < (again?.entry ?? Number.POSITIVE_INFINITY),
      );
      const expected = `${isThere ? 'watchCanceled' : undefined}, 0`;
      yield { name, entry, expected, observed: `${response?.kind}, ${after.length}` };
    }
  },
};

export const progressTold: Property = {
  title: 'KV-27: progress is told at the current revision, in 3.4 always',
  sometimes: ['an answer', 'no answer', 'an answer of 3.4'],
  *cases({ history, requests }) {
    const isOld = history.header.config.etcd === '3.4';
    const watched = new Set<number>();
    for (const { command, entry, response, revision } of requests) {
      if (response?.kind === 'watchCreated' && command.kind === 'watch')
        watched.add(command.stream);
      if (command.kind !== 'watchProgress') continue;
      const told = response?.kind === 'progress' ? `at ${response.revision}` : 'nothing';
      const always = isOld ? `at ${revision}` : null;
      const without = watched.has(command.stream) ? null : 'nothing';
      const expected = always ?? without ?? (told === 'nothing' ? told : `at ${revision}`);
      const said = isOld ? 'an answer of 3.4' : 'an answer';
      yield { name: told === 'nothing' ? 'no answer' : said, entry, expected, observed: told };
    }
  },
};

export const progressByItself: Property = {
  title: 'KV-29: a watch that asked for it is told its progress every ten minutes, if it is quiet',
  sometimes: ['a word on progress', 'a word after events', 'a quiet watch'],
  *cases(history) {
    const opened = new Map<number, number>();
    for (const { command, at } of history.requests) {
      if ('stream' in command && !opened.has(command.stream)) opened.set(command.stream, at);
    }
    for (const { asked, deliveries, end, isEnded, request } of watches(history)) {
      const least = (opened.get(asked.stream) ?? 0) + TEN_MINUTES;
      let heard = Number.NEGATIVE_INFINITY;
      for (const { at, compactRevision, entry, events, revision } of deliveries) {
        if (events.length > 0) heard = at;
        if (events.length > 0 || compactRevision !== 0) continue;
        const isTime = at >= least && (at === heard || at >= heard + TEN_MINUTES);
        const name = heard > 0 ? 'a word after events' : 'a word on progress';
        const observed = `${asked.progressNotify}, ${isTime}, ${revision}`;
        const current = history.writes.findLast((write) => write.entry < entry)?.revision ?? 1;
        yield { name, entry, expected: `true, true, ${current}`, observed };
      }
      if (!asked.progressNotify || isEnded || asked.startRevision !== 0n) continue;
      const gone = history.requests.find(({ entry }) => entry === end)?.at ?? history.end;
      // The leaps of the clock are short, and few.
      const isLong = gone - request.at > 2 * TEN_MINUTES;
      if (!isLong || deliveries.some(({ events }) => events.length > 0)) continue;
      const observed = deliveries.length > 0 ? 'told' : 'not told';
      yield { name: 'a quiet watch', entry: request.entry, expected: 'told', observed };
    }
  },
};

const TEN_MINUTES = 600_000;

const firstFree = (inUse: ReadonlySet<WatchId>, from: WatchId): WatchId =>
  inUse.has(from) ? firstFree(inUse, from + 1n) : from;

interface Watched {
  readonly request: Request;
  readonly asked: Watch;
  readonly deliveries: readonly Delivered[];
  /** The entry at which its client cancelled it. */
  readonly end: number;
  /** The server ended it. */
  readonly isEnded: boolean;
}

/** The watches that were created, each with what it delivered. */
const watches = ({ deliveries, requests }: Chronicle): readonly Watched[] =>
  requests.flatMap((request, index) => {
    const { command, entry, response } = request;
    if (command.kind !== 'watch' || response?.kind !== 'watchCreated') return [];
    const isIt = (other: { readonly stream: number; readonly watch: WatchId }): boolean =>
      other.stream === command.stream && other.watch === response.watch;
    const cancel = requests
      .slice(index)
      .find((later) => later.command.kind === 'cancelWatch' && isIt(later.command));
    const end = cancel?.entry ?? Number.POSITIVE_INFINITY;
    const own = deliveries.filter(
      (given) => isIt(given) && given.entry > entry && given.entry < end,
    );
    const isEnded = own.some(({ compactRevision }) => compactRevision !== 0);
    return [{ request, asked: command, deliveries: own, end, isEnded }];
  });

const isOf = (command: Watch, stream: number): boolean => command.stream === stream;

/** In the range, and not filtered out. */
const isWanted = (asked: Watch, { kind, kv }: WatchEvent): boolean => {
  if (kind === 'put' ? asked.noPut : asked.noDelete) return false;
  const first = asked.key === '' ? '\0' : asked.key;
  if (asked.rangeEnd === '') return kv.key === first;
  return kv.key >= first && (asked.rangeEnd === '\0' || kv.key < asked.rangeEnd);
};
