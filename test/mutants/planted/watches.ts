/** Watches: where they begin and end, and what they deliver. */
import type { Mutant } from '../mutant.ts';

export const WATCHES: readonly Mutant[] = [
  {
    id: 'watch-start-at-compacted',
    file: 'watches.ts',
    search: '    if (watcher.start < history.floor) {',
    replace: '    if (watcher.start <= history.floor) {',
    rules: ['KV-17', 'KV-20'],
    note: 'A watch from the compacted revision itself is ended.',
  },
  {
    id: 'watch-ended-with-header',
    file: 'watches.ts',
    search: 'revision: NO_REVISION, events: NO_EVENTS, compactRevision',
    replace: 'revision: store.revision, events: NO_EVENTS, compactRevision',
    rules: ['KV-17'],
    note: 'A watch of the compacted past ends with a revision in its header.',
  },
  {
    id: 'watch-filters-swapped',
    file: 'watch-events.ts',
    search: "(kind === 'put' ? !noPut : !noDelete)",
    replace: "(kind === 'put' ? !noDelete : !noPut)",
    rules: ['KV-24', 'KV-22'],
    note: 'A watch without puts gets them, and no deletes.',
  },
  {
    id: 'watch-previous-unasked',
    file: 'watch-events.ts',
    search: '  return prevKv ? wanted : withoutPrevKvs(wanted);',
    replace: '  return wanted;',
    rules: ['KV-24'],
    note: 'A watch delivers previous values unasked.',
  },
  {
    id: 'watch-previous-of-compacted',
    file: 'watch-events.ts',
    search: 'history.get(kv.key, before);',
    replace: 'history.get(kv.key, before + 1);',
    rules: ['KV-24', 'KV-13'],
    note: 'A watch that catches up has the new value for the previous one.',
  },
  {
    id: 'watch-id-again',
    file: 'watcher.ts',
    search: '  while (stream.watchers.has(stream.nextId)) stream.nextId += 1n;',
    replace: `  stream.nextId = 0n;
  while (stream.watchers.has(stream.nextId)) stream.nextId += 1n;`,
    rules: ['KV-25'],
    note: 'The server chooses an id again that was cancelled.',
  },
  {
    id: 'watch-id-in-use-accepted',
    file: 'watches.ts',
    search: "    return isInUse ? 'watch-id-in-use' : undefined;",
    replace: '    return undefined;',
    rules: ['KV-25'],
    note: 'An id that is in use can be asked for.',
  },
  {
    id: 'watch-cancel-unknown',
    file: 'watches.ts',
    search: '    if (watchers === undefined || watcher === undefined) return;\n',
    replace: `    if (watchers === undefined || watcher === undefined) {
      answer(token, { kind: 'watchCanceled', revision: store.revision, watch });
      return;
    }
`,
    rules: ['KV-26'],
    note: 'Cancelling a watch that is not there is answered.',
  },
  {
    id: 'watch-cancelled-delivers',
    file: 'watches.ts',
    search: '    if (!watcher.hasEnded) this.#index.remove(watcher);\n    watchers.delete(watch);',
    replace: '    watchers.delete(watch);',
    rules: ['KV-24', 'KV-26'],
    note: 'A watch that was cancelled goes on delivering.',
  },
  {
    id: 'progress-before-start',
    file: 'watches.ts',
    search: 'if (hasEnded || start > revision) return;',
    replace: 'if (hasEnded) return;',
    config: { etcd: '3.6' },
    rules: ['KV-27'],
    note: 'Progress is told to a stream with a watch that has yet to begin.',
  },
  {
    id: 'progress-without-watch',
    file: 'watches.ts',
    search: '      if (watchers === undefined || watchers.size === 0) return;\n      for',
    replace: '      if (watchers !== undefined) for',
    rules: ['KV-27'],
    note: 'Progress is told to a stream without a watch.',
  },
  {
    id: 'watch-past-skips-first',
    file: 'watch-events.ts',
    search: 'let revision = history.firstFrom(start);',
    replace: 'let revision = history.firstFrom(start) + 1;',
    rules: ['KV-22', 'KV-23'],
    note: 'A watch from the past misses its first revision.',
  },
  {
    id: 'watch-past-forgotten',
    file: 'watches.ts',
    search: '    const isPast = watcher.start !== 0 && watcher.start <= store.revision;',
    replace: '    const isPast = false;',
    rules: ['KV-17', 'KV-22', 'KV-23'],
    note: 'A watch does not catch up.',
  },
  {
    id: 'watch-future-early',
    file: 'watcher.ts',
    search: '    next: Math.max(start, after + 1),',
    replace: '    next: after + 1,',
    also: [
      {
        file: 'watches.ts',
        search: 'watcher.hasEnded || revision < watcher.start',
        replace: 'watcher.hasEnded',
      },
    ],
    rules: ['KV-23', 'KV-24'],
    note: 'A watch of the future begins at once.',
  },
  {
    id: 'watch-events-backwards',
    file: 'watches.ts',
    search: '      events: wanted,\n',
    replace: '      events: [...wanted].reverse(),\n',
    rules: ['KV-22', 'KV-24'],
    note: 'A watch delivers the events of a revision backwards.',
  },
];
