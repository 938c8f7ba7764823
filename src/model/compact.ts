/** Compact: the past goes, as far as asked; the present stays (KV-14). */
import type { Compact } from '../api/command.ts';
import type { WatchEvent } from '../api/response.ts';
import { type Instant, type Revision, revision } from '../api/units.ts';
import { answered, refused, type Step } from './outcome.ts';
import { momentsFrom } from './past.ts';
import type { RuleId } from './rules.ts';
import { changed } from './changes.ts';
import type { Moment, State } from './state.ts';
import { PROFILES } from './versions.ts';

export function compact(state: State, command: Compact, now: Instant): Step {
  const { token } = command;
  // KV-20: `physical` makes no difference to what clients see.
  if (command.revision <= BigInt(state.compacted)) {
    return refused(state, token, 'compacted', COMPACT);
  }
  if (command.revision > BigInt(state.revision)) {
    return refused(state, token, 'future-revision', COMPACT);
  }
  const compacted = revision(Number(command.revision));
  // KV-14: keys and attachments stay.
  const next = changed(state, { now, compacted, past: pastFrom(state, compacted) });
  const response = { kind: 'compacted', revision: state.revision } as const;
  return answered(next, token, response, state.attachments.size > 0 ? ATTACHED : COMPACT);
}

/** The moments from this revision on. */
const pastFrom = (state: State, compacted: Revision): Moment | null => {
  let past: Moment | null = null;
  for (const { revision: at, events } of momentsFrom(state, compacted)) {
    const kept = at === compacted ? keptEvents(state, events) : events;
    past = { revision: at, events: kept, before: past };
  }
  return past;
};

/**
 * What is left of the events of the very revision compacted at: the last of each key, without what
 * was there before.
 */
const keptEvents = (state: State, events: readonly WatchEvent[]): readonly WatchEvent[] => {
  const keepsDeletions = PROFILES[state.settings.server.etcd].compaction === 'keeps deletions';
  const last = new Map(events.map((event) => [event.kv.key, event]));
  return events
    .filter((event) => last.get(event.kv.key) === event)
    .filter((event) => event.kind === 'put' || keepsDeletions)
    .map(({ kind, kv }) => ({ kind, kv, prevKv: null }));
};

const COMPACT: readonly RuleId[] = ['KV-20'];
const ATTACHED: readonly RuleId[] = ['KV-20', 'KV-14'];
