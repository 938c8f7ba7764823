/** Watch streams: what they deliver, and how watches begin and end. */
import type { Bytes } from '../api/bytes.ts';
import type { CancelWatch, Watch, WatchId, WatchProgress } from '../api/command.ts';
import type { Delivery, WatchEvent } from '../api/response.ts';
import { type Instant, nextRevision, revision } from '../api/units.ts';
import { firstNotice, firstTick, withEvents } from './notices.ts';
import { answered, joined, NONE, refused, silent, type Step } from './outcome.ts';
import { momentsFrom } from './past.ts';
import type { RuleId } from './rules.ts';
import { changed } from './changes.ts';
import type { Moment, State, Watcher, WatchStream } from './state.ts';
import { PROFILES } from './versions.ts';
import { streamWith } from './watchers.ts';

/** The outcome of a step with what each watch delivers of its events (KV-22). */
export function delivered(before: State, outcome: Step): Step {
  const deliveries: Delivery[] = [];
  for (const moment of momentsFrom(outcome.state, before.revision + 1)) {
    for (const { stream, watchers } of outcome.state.streams) {
      for (const watcher of watchers) {
        if (watcher.ended || watcher.from > moment.revision) continue;
        const events = eventsFor(watcher.command, moment);
        if (events.length === 0) continue;
        const { revision: at } = moment;
        deliveries.push({ stream, watch: watcher.id, revision: at, events, compactRevision: NO });
      }
    }
  }
  if (deliveries.length === 0) return outcome;
  const streams = withEvents(outcome.state, deliveries, before.now);
  const isSame = streams === outcome.state.streams;
  const state = isSame ? outcome.state : changed(outcome.state, { streams });
  const { answers, events } = outcome;
  return { state, answers, events, deliveries, rules: joined(outcome.rules, DELIVERED) };
}

export function watch(state: State, command: Watch, now: Instant): Step {
  const { rangeEnd, startRevision: start, token } = command;
  const stream = streamOf(state, command, now);
  const negativeStart = PROFILES[state.settings.server.etcd].negativeStart;
  // KV-23
  if (start < 0n && negativeStart === 'refused') return refused(state, token, 'compacted', START);
  if (rangeEnd !== '' && rangeEnd !== '\0' && rangeEnd <= firstKey(command)) {
    return refused(state, token, 'empty-range', CREATE);
  }
  // KV-25: also while the watch of that id has been ended by the server only.
  if (command.watch !== 0n && stream.watchers.some(({ id }) => id === command.watch)) {
    return refused(state, token, 'watch-id-in-use', CREATE);
  }
  const id = command.watch === 0n ? nextWatchId(stream) : command.watch;
  const nextId = command.watch === 0n ? id + 1n : stream.nextId;
  const watcher = begun(state, command, id, now);
  const watchers = [...stream.watchers, watcher];
  const streams = withStream(state, streamWith(stream, { nextId, watchers }));
  const response = { kind: 'watchCreated', revision: state.revision, watch: id } as const;
  const outcome = answered(changed(state, { now, streams }), token, response, CREATE);
  if (start === 0n) return outcome;
  const deliveries = watcher.ended ? [ended(state, watcher)] : caughtUp(state, watcher);
  const caught = deliveries.length === 0 ? START : joined(START, DELIVERED);
  const rules = joined(CREATE, watcher.ended ? COMPACTED : caught);
  const { answers, events } = outcome;
  return { state: outcome.state, answers, events, deliveries, rules };
}

export function cancelWatch(state: State, command: CancelWatch, now: Instant): Step {
  const stream = streamOf(state, command, now);
  const { watch: id, token } = command;
  const watchers = stream.watchers.filter((watcher) => watcher.id !== id);
  // KV-26: nobody hears of a watch that is not there.
  if (watchers.length === stream.watchers.length) return silent(opened(state, stream, now), CANCEL);
  const streams = withStream(state, streamWith(stream, { watchers }));
  const response = { kind: 'watchCanceled', revision: state.revision, watch: id } as const;
  return answered(changed(state, { now, streams }), token, response, CANCEL);
}

export function watchProgress(before: State, command: WatchProgress, now: Instant): Step {
  const stream = streamOf(before, command, now);
  const { watchers } = stream;
  const state = opened(before, stream, now);
  // KV-27
  const isThere = ({ command: { startRevision }, ended: isEnded }: Watcher): boolean =>
    !isEnded && startRevision <= BigInt(state.revision);
  const all = watchers.length > 0 && watchers.every(isThere);
  const whenAll = PROFILES[state.settings.server.etcd].progress === 'when all are there';
  if (whenAll && !all) return silent(state, PROGRESS);
  const response = { kind: 'progress', revision: state.revision } as const;
  return answered(state, command.token, response, PROGRESS);
}

/** The events of a revision that a watch asked for; none: nothing is delivered (KV-24). */
const eventsFor = (command: Watch, { events }: Moment): readonly WatchEvent[] => {
  const [only] = events;
  // Most revisions are one event.
  if (only !== undefined && events.length === 1) {
    if (!isWanted(command, only)) return NONE;
    return command.prevKv ? events : [withoutPrevKv(only)];
  }
  const wanted = events.filter((event) => isWanted(command, event));
  return command.prevKv ? wanted : wanted.map(withoutPrevKv);
};

const isWanted = (command: Watch, { kind, kv: { key } }: WatchEvent): boolean => {
  if (kind === 'put' ? command.noPut : command.noDelete) return false;
  const [first, end] = [firstKey(command), command.rangeEnd];
  return end === '' ? key === first : key >= first && (end === '\0' || key < end);
};

const withoutPrevKv = ({ kind, kv }: WatchEvent): WatchEvent => ({ kind, kv, prevKv: null });

/** KV-23: where a watch begins, and whether that is still there. */
const begun = (state: State, command: Watch, id: WatchId, now: Instant): Watcher => {
  const { startRevision: start } = command;
  const next = nextRevision(state.revision);
  const from = start > BigInt(next) ? revision(Number(start)) : next;
  // KV-17
  const isGone = start !== 0n && start < BigInt(state.compacted);
  return { id, command, from, ended: isGone, notice: firstNotice(state, command, now) };
};

/**
 * KV-23: what has happened since the start that was asked for, a delivery a revision. A server
 * takes up to a tenth of a second for that, and may join revisions.
 */
const caughtUp = (state: State, { id, command }: Watcher): readonly Delivery[] => {
  const { startRevision: start, stream } = command;
  // What never was cannot be delivered: such a watch begins with the next revision.
  if (start < 0n || start > BigInt(state.revision)) return [];
  const deliveries: Delivery[] = [];
  for (const moment of momentsFrom(state, Number(start))) {
    const events = eventsFor(command, moment);
    if (events.length === 0) continue;
    const { revision: at } = state;
    deliveries.push({ stream, watch: id, revision: at, events, compactRevision: NO });
  }
  return deliveries;
};

/** KV-17: the server ends a watch whose start is gone. */
const ended = (state: State, { id, command: { stream } }: Watcher): Delivery => ({
  stream,
  watch: id,
  revision: NO,
  events: [],
  compactRevision: state.compacted,
});

/** An empty key stands for the first one that there can be. */
const firstKey = ({ key }: Watch): Bytes => (key === '' ? ('\0' as Bytes) : key);

/** KV-25: the next one that is not in use; one that was in use is not chosen again. */
const nextWatchId = ({ nextId, watchers }: WatchStream): WatchId => {
  let id = nextId;
  while (watchers.some((watcher) => watcher.id === id)) id += 1n;
  return id;
};

const streamOf = (state: State, { stream }: Pick<Watch, 'stream'>, now: Instant): WatchStream =>
  state.streams.find((each) => each.stream === stream) ?? {
    stream,
    nextId: 0n,
    watchers: [],
    ticked: firstTick(state, now),
  };

/** KV-29: a stream counts from its first request, whatever that is. */
const opened = (state: State, stream: WatchStream, now: Instant): State =>
  state.streams.includes(stream)
    ? state
    : changed(state, { now, streams: withStream(state, stream) });

const withStream = (state: State, stream: WatchStream): readonly WatchStream[] => {
  const index = state.streams.findIndex((each) => each.stream === stream.stream);
  return index < 0 ? [...state.streams, stream] : state.streams.with(index, stream);
};

const NO = revision(0);

const CREATE: readonly RuleId[] = ['KV-25'];
const START: readonly RuleId[] = ['KV-23'];
const COMPACTED: readonly RuleId[] = ['KV-17'];
const CANCEL: readonly RuleId[] = ['KV-26'];
const PROGRESS: readonly RuleId[] = ['KV-27'];
const DELIVERED: readonly RuleId[] = ['KV-22', 'KV-24'];
