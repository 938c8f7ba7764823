/** States of the model that nobody can change without being noticed. */
import type { State } from '../src/model/index.ts';

/**
 * The state, with every object in it frozen. Its tables keep their rows to themselves: see
 * `tablesOf`.
 */
export const frozen = (state: State): State => {
  const { attachments, kvs, leases, queue } = state;
  for (const table of [leases, queue, kvs, attachments]) {
    for (const row of table.all()) Object.freeze(row);
    Object.freeze(table);
  }
  for (const waiting of state.waiting) {
    Object.freeze(waiting.command);
    Object.freeze(waiting);
  }
  Object.freeze(state.waiting);
  // The moments before were frozen with the states before.
  if (state.past !== null) {
    for (const event of state.past.events) Object.freeze(event);
    Object.freeze(state.past.events);
    Object.freeze(state.past);
  }
  for (const { watchers } of state.streams) Object.freeze(watchers);
  Object.freeze(state.streams);
  Object.freeze(state.settings.server);
  Object.freeze(state.settings);
  return Object.freeze(state);
};

/** All that is in a state: a copy of it is equal before and after when nothing was changed. */
export const tablesOf = ({ attachments, kvs, leases, past, queue, ...rest }: State): unknown => {
  const sizes = [attachments.size, kvs.size, leases.size, queue.size];
  const rows = [attachments.all(), kvs.all(), leases.all(), queue.all()];
  const latest = past === null ? null : { revision: past.revision, events: past.events };
  return { ...rest, latest, sizes, rows };
};
