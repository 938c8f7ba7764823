/**
 * Watches and their streams with something else about them. Written out, as `copyOf` is: what is
 * spread is of another hidden class at each place that spreads it, and slow to read everywhere.
 */
import type { Notice, Watcher, WatchStream } from './state.ts';

export const streamWith = (
  stream: WatchStream,
  changes: Partial<Omit<WatchStream, 'stream'>>,
): WatchStream => ({
  stream: stream.stream,
  nextId: changes.nextId ?? stream.nextId,
  watchers: changes.watchers ?? stream.watchers,
  ticked: changes.ticked ?? stream.ticked,
});

/** The watch with another notice. */
export const noticedAt = (watcher: Watcher, notice: Notice): Watcher => ({
  id: watcher.id,
  command: watcher.command,
  from: watcher.from,
  ended: watcher.ended,
  notice,
});
