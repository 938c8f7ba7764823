/**
 * Closed windows: when one call returns at the very instant at which another is made, either may
 * have come first. So at one instant calls are made before others return, except by a client that
 * waited for the return.
 */
import type { Token } from '../../api/command.ts';
import type { Entry } from '../history.ts';

/** An entry and its place in the history. */
export interface Placed {
  readonly entry: Entry;
  readonly index: number;
}

export function overlapping(entries: readonly Placed[]): readonly Placed[] {
  const clients = new Map<Token, string>();
  for (const { entry } of entries) {
    if (entry.kind !== 'call') continue;
    clients.set(entry.command.token, `${entry.session}/${entry.client}`);
  }
  const ordered: Placed[] = [];
  for (let start = 0, end = 0; start < entries.length; start = end) {
    const at = entries[start]?.entry.at;
    while (entries[end]?.entry.at === at) end += 1;
    ordered.push(...atOnce(entries.slice(start, end), clients));
  }
  return ordered;
}

const atOnce = (
  entries: readonly Placed[],
  clients: ReadonlyMap<Token, string>,
): readonly Placed[] => {
  if (entries.length === 1) return entries;
  const returned = new Set<string>();
  const calls: Placed[] = [];
  const rest: Placed[] = [];
  for (const placed of entries) {
    const { entry } = placed;
    if (entry.kind === 'return') returned.add(clients.get(entry.token) ?? '');
    const waited = entry.kind === 'call' && returned.has(`${entry.session}/${entry.client}`);
    (entry.kind === 'call' && !waited ? calls : rest).push(placed);
  }
  return [...calls, ...rest];
};
