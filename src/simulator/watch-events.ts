/** What a watch is shown of the changes of the store. */
import { NO_BYTES } from '../api/bytes.ts';
import type { WatchEvent } from '../api/response.ts';
import type { History, Version } from './history.ts';
import { isBefore } from './range-tree.ts';
import type { Watched } from './watch-index.ts';

/** What a watch wants to see of the keys that it watches. */
export interface Taste extends Watched {
  readonly prevKv: boolean;
  readonly noPut: boolean;
  readonly noDelete: boolean;
}

export const NO_EVENTS: readonly WatchEvent[] = [];

/** KV-24: of events of keys that the watch watches, what it wants to see, as it wants to see it. */
export const eventsFor = (taste: Taste, events: readonly WatchEvent[]): readonly WatchEvent[] => {
  const { noDelete, noPut, prevKv } = taste;
  const wanted =
    noPut || noDelete ? events.filter(({ kind }) => (kind === 'put' ? !noPut : !noDelete)) : events;
  return prevKv ? wanted : withoutPrevKvs(wanted);
};

/** The same events without what was before; the same list when there is nothing to leave out. */
export const withoutPrevKvs = (events: readonly WatchEvent[]): readonly WatchEvent[] =>
  events.every(({ prevKv }) => prevKv === null) ? events : events.map(withoutPrevKv);

/** KV-23: the past as a watch that starts there sees it: revision by revision, up to `last`. */
export function* eventsOf(
  history: History,
  watched: Watched & { readonly start: number },
  last: number,
): Generator<readonly [revision: number, events: readonly WatchEvent[]]> {
  for (const versions of changesSince(history, watched, last)) {
    const { modRevision } = versions[0] as Version;
    yield [modRevision, versions.map((version) => eventOf(history, version))];
  }
}

function* changesSince(
  history: History,
  { key, rangeEnd, start }: Watched & { readonly start: number },
  last: number,
): Generator<readonly Version[]> {
  if (rangeEnd === NO_BYTES && start > history.floor) {
    yield* byRevision(history.versionsFrom(key, start));
    return;
  }
  const isWatched = (version: Version): boolean =>
    rangeEnd === NO_BYTES
      ? version.key === key
      : version.key >= key && isBefore(version.key, rangeEnd);
  for (let revision = history.firstFrom(start); revision <= last; revision += 1) {
    const versions = history.changesOf(revision).filter(isWatched);
    if (versions.length > 0) yield versions;
  }
}

function* byRevision(versions: readonly Version[]): Generator<readonly Version[]> {
  let first = 0;
  for (let next = 1; next <= versions.length; next += 1) {
    if (versions[next]?.modRevision === versions[first]?.modRevision) continue;
    yield versions.slice(first, next);
    first = next;
  }
}

/** KV-13: the previous pair is that of the revision before; once compacted it is missing. */
const eventOf = (history: History, kv: Version): WatchEvent => {
  const before = kv.modRevision - 1;
  const isCreated = kv.createRevision === kv.modRevision;
  const prevKv = isCreated || before < history.floor ? undefined : history.get(kv.key, before);
  return { kind: kv.version === 0 ? 'delete' : 'put', kv, prevKv: prevKv ?? null };
};

const withoutPrevKv = (event: WatchEvent): WatchEvent =>
  event.prevKv === null ? event : { kind: event.kind, kv: event.kv, prevKv: null };
