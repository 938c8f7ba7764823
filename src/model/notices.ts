/**
 * Progress that the server tells unasked (KV-29). A ticker of each watch stream tells it of the
 * watches that asked for that, but for those that have been told events since it last ticked. Its
 * period is random: of what it may do and has to do, only bounds are known.
 */
import type { Watch } from '../api/command.ts';
import type { Notify } from '../api/input.ts';
import type { Delivery } from '../api/response.ts';
import {
  after,
  type Instant,
  instant,
  type Milliseconds,
  milliseconds,
  revision,
} from '../api/units.ts';
import { NONE, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { changed } from './changes.ts';
import type { Notice, State, Watcher, WatchStream } from './state.ts';
import { PROFILES } from './versions.ts';
import { noticedAt, streamWith } from './watchers.ts';

/** KV-29: of a server's periods; none is as long as the second. */
interface Periods {
  readonly shortest: Milliseconds;
  readonly longest: Milliseconds;
}

const periodsOf = ({ settings: { server } }: State): Periods => {
  const shortest = server.progressInterval ?? milliseconds(600_000);
  return { shortest, longest: milliseconds(shortest + Math.ceil(shortest / 10)) };
};

/** How long a watch that begins in the past may take to catch up (KV-23). */
const CATCHING_UP = milliseconds(100);

const NEVER = instant(Infinity);

/** Tells a watch how far it is. */
export function notify(state: State, { stream, watch }: Notify, now: Instant): Step {
  const streams = state.streams.map((each) =>
    each.stream === stream ? told(state, each, watch, now) : each,
  );
  const compactRevision = revision(0);
  const delivery = { stream, watch, revision: state.revision, events: [], compactRevision };
  const next = changed(state, { now, streams });
  return { state: next, answers: NONE, events: NONE, deliveries: [delivery], rules: PROGRESS };
}

/** What is wrong with telling a watch its progress now; null: nothing. */
export const breachOfNotice = (
  state: State,
  { stream: id, watch }: Notify,
  now: Instant,
): RuleId | null => {
  const stream = state.streams.find((each) => each.stream === id);
  const watcher = stream?.watchers.find((each) => each.id === watch);
  if (stream === undefined || watcher === undefined) return 'KV-29';
  if (watcher.ended || !watcher.command.progressNotify) return 'KV-29';
  // Early releases of 3.5 do as 3.4 does, where a watch that has yet to begin is there.
  const { etcd } = state.settings.server;
  if (etcd !== '3.5' && !isThere(state, watcher)) return 'KV-29';
  return isEarly(stream.ticked, now) || isEarly(watcher.notice, now) ? 'KV-29' : null;
};

/** A watch that should have been told by now, and on which stream; undefined: there is none. */
export const lateNotice = (state: State, now: Instant): Notify | undefined => {
  for (const { stream, watchers } of state.streams) {
    for (const watcher of watchers) {
      if (watcher.notice.by > now || watcher.ended || !watcher.command.progressNotify) continue;
      if (isThere(state, watcher)) return { kind: 'notify', stream, watch: watcher.id };
    }
  }
  return undefined;
};

/** The streams after a leap: of the ticks that it passes over, one comes where it lands. */
export const afterLeap = ({ streams }: State, leap: Milliseconds): readonly WatchStream[] => {
  if (!streams.some(({ watchers }) => watchers.some(wantsProgress))) return streams;
  const later = (watcher: Watcher): Watcher => {
    const { at, after: from, by } = watcher.notice;
    return noticedAt(watcher, { at, after: from, by: after(by, leap) });
  };
  return streams.map((stream) => streamWith(stream, { watchers: stream.watchers.map(later) }));
};

/** Of a stream that opens now. */
export const firstTick = (state: State, now: Instant): Notice => ({
  at: NEVER,
  after: after(now, periodsOf(state).shortest),
  by: NEVER,
});

/** Of a watch that begins now. */
export const firstNotice = (state: State, { startRevision }: Watch, now: Instant): Notice => {
  const isPast = startRevision > 0n && startRevision <= BigInt(state.revision);
  const isUnclear = startRevision < 0n || startRevision > BigInt(state.revision);
  // What it catches up with are events, too.
  const { longest } = periodsOf(state);
  const by = isPast ? after(now, milliseconds(CATCHING_UP + 2 * longest)) : after(now, longest);
  return { at: NEVER, after: now, by: isUnclear ? NEVER : by };
};

/** The streams after deliveries of events, of which the ticker's next turn takes account. */
export const withEvents = (
  state: State,
  deliveries: readonly Delivery[],
  before: Instant,
): readonly WatchStream[] => {
  const { now } = state;
  if (!state.streams.some(({ watchers }) => watchers.some(wantsProgress))) return state.streams;
  const { longest, shortest } = periodsOf(state);
  return state.streams.map((stream) => {
    const own = deliveries.filter((delivery) => delivery.stream === stream.stream);
    const isToldLess = ({ id, command }: Watcher): boolean =>
      command.progressNotify && own.some(({ watch }) => watch === id);
    if (own.length === 0 || !stream.watchers.some(isToldLess)) return stream;
    // A ticker that came due before now may tick now, and the order of the two be either.
    const due = soonestTick(stream, before, now);
    // It passes over the tick that comes next.
    const by = after(now, milliseconds(2 * longest));
    const notice = { at: now, after: after(due, shortest), by };
    const watchers = stream.watchers.map((watcher) =>
      isToldLess(watcher) ? noticedAt(watcher, notice) : watcher,
    );
    return streamWith(stream, { watchers });
  });
};

const wantsProgress = ({ command }: Watcher): boolean => command.progressNotify;

/** The stream ticked at some instant after that of the state, and no later than now. */
const told = (state: State, stream: WatchStream, id: Watcher['id'], now: Instant): WatchStream => {
  const { longest, shortest } = periodsOf(state);
  const due = soonestTick(stream, state.now, now);
  const isFirst = stream.ticked.at !== now;
  const ticked = isFirst ? { at: now, after: after(due, shortest), by: NEVER } : stream.ticked;
  const notice = { at: now, after: now, by: after(now, longest) };
  const watchers = stream.watchers.map((watcher) =>
    watcher.id === id ? noticedAt(watcher, notice) : watcher,
  );
  return streamWith(stream, { ticked, watchers });
};

/**
 * When a tick that is seen now was due, at the soonest. Where something else has come now, a leap
 * may have landed here, and the grid stays as it was.
 */
const soonestTick = ({ ticked }: WatchStream, before: Instant, now: Instant): Instant =>
  before < now ? instant(Math.max(ticked.after, before)) : ticked.after;

const isEarly = (notice: Notice, now: Instant): boolean => now !== notice.at && now < notice.after;

/** To 3.4 also one that has yet to begin. */
const isThere = (state: State, { command }: Watcher): boolean =>
  PROFILES[state.settings.server.etcd].progress === 'always' ||
  command.startRevision <= BigInt(state.revision);

const PROGRESS: readonly RuleId[] = ['KV-29'];
