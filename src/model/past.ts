/** Looking back: the keys as they were, and the revisions since. */
import type { Revision } from '../api/units.ts';
import type { Moment, State } from './state.ts';

/** The keys as they were at a revision that is neither compacted nor in the future (KV-19). */
export const kvsAt = (state: Pick<State, 'kvs' | 'past'>, revision: Revision): State['kvs'] => {
  let { kvs } = state;
  for (let moment = state.past; moment !== null; moment = moment.before) {
    if (moment.revision <= revision) break;
    // The first event of a key tells what there was before the revision.
    for (const { kv, prevKv } of moment.events.toReversed()) {
      kvs = prevKv === null ? kvs.without(kv.key) : kvs.with(kv.key, prevKv);
    }
  }
  return kvs;
};

/** The revisions from this one on that wrote something, the oldest first. */
export const momentsFrom = (state: Pick<State, 'past'>, revision: number): readonly Moment[] => {
  const moments: Moment[] = [];
  for (let moment = state.past; moment !== null; moment = moment.before) {
    if (moment.revision < revision) break;
    moments.push(moment);
  }
  return moments.length < 2 ? moments : moments.toReversed();
};
