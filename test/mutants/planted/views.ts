/** Views of ranges, the past, and compaction. */
import type { Mutant } from '../mutant.ts';

export const VIEWS: readonly Mutant[] = [
  {
    id: 'range-never-more',
    file: 'range-view.ts',
    search: 'const more = ordered.length > limit;',
    replace: 'const more = false;',
    rules: ['KV-18'],
    note: 'A range that was cut does not say so.',
  },
  {
    id: 'range-counts-shown',
    file: 'range-view.ts',
    search: ': cut, more, count };',
    replace: ': cut, more, count: cut.length };',
    rules: ['KV-18'],
    note: 'A range counts the keys that it shows.',
  },
  {
    id: 'range-target-without-order',
    file: 'range-view.ts',
    search: "  if (sortTarget === 'key' && sortOrder !== 'descend') return kvs;",
    replace: `  if (sortOrder === 'none') return kvs;
  if (sortTarget === 'key' && sortOrder !== 'descend') return kvs;`,
    rules: ['KV-18'],
    note: 'A sort target without an order does not sort.',
  },
  {
    id: 'range-ties-backwards',
    file: 'range-view.ts',
    search:
      "kvs.toSorted(sortOrder === 'descend' ? (left, right) => compare(right, left) : compare);",
    replace: `sortOrder === 'descend'
    ? kvs.toSorted(compare).toReversed()
    : kvs.toSorted(compare);`,
    rules: ['KV-18'],
    note: 'Downward, keys that are equal come backwards.',
  },
  {
    id: 'range-minimum-excluded',
    file: 'range-view.ts',
    search: 'modified >= minModRevision',
    replace: 'modified > minModRevision',
    rules: ['KV-18'],
    note: 'The minimum of the mod revision is left out.',
  },
  {
    id: 'keys-only-keep-lease',
    file: 'range-view.ts',
    search: "const hasLease = etcd !== '3.7' || sortTarget === 'value';",
    replace: 'const hasLease = true;',
    config: { etcd: '3.7' },
    rules: ['KV-12', 'KV-18', 'KV-28'],
    note: 'In 3.7 too keys alone have their leases.',
  },
  {
    id: 'keys-only-lose-lease',
    file: 'range-view.ts',
    search: "const hasLease = etcd !== '3.7' || sortTarget === 'value';",
    replace: "const hasLease = sortTarget === 'value';",
    rules: ['KV-12', 'KV-18', 'KV-28'],
    note: 'In 3.5 too keys alone have no leases.',
  },
  {
    id: 'past-header-of-the-past',
    file: 'kv-requests.ts',
    search: '  return shown(kvs, view, now.revision, etcd);',
    replace: `  const at = view.revision > 0n ? (Number(view.revision) as Revision) : now.revision;
  return shown(kvs, view, at, etcd);`,
    rules: ['KV-19'],
    note: 'A range at a revision answers with that one.',
  },
  {
    id: 'past-compacted-itself',
    file: 'kv-requests.ts',
    search: "return revision < store.history.floor ? 'compacted'",
    replace: "return revision <= store.history.floor ? 'compacted'",
    rules: ['KV-19'],
    note: 'The compacted revision itself cannot be read.',
  },
  {
    id: 'past-compacted-readable',
    file: 'kv-requests.ts',
    search: "return revision < store.history.floor ? 'compacted'",
    replace: "return revision < store.history.floor - 1 ? 'compacted'",
    rules: ['KV-19'],
    note: 'The revision below the compacted one can still be asked for.',
  },
  {
    id: 'future-readable',
    file: 'kv-requests.ts',
    search: "  if (revision > store.revision) return 'future-revision';\n",
    replace: '',
    rules: ['KV-19'],
    note: 'A revision to come shows the present.',
  },
  {
    id: 'past-off-by-one',
    file: 'kv-requests.ts',
    search: 'store.rangeAt(key, rangeEnd, Number(view.revision));',
    replace: 'store.rangeAt(key, rangeEnd, Math.min(store.revision, Number(view.revision) + 1));',
    rules: ['KV-19', 'REVOKE-06'],
    note: 'A range at a revision shows the next one.',
  },
  {
    id: 'compact-twice',
    file: 'kv-requests.ts',
    search: "  if (revision <= store.history.floor) return refused('compacted');",
    replace: "  if (revision < store.history.floor) return refused('compacted');",
    rules: ['KV-20'],
    note: 'A revision can be compacted twice.',
  },
  {
    id: 'compact-future',
    file: 'kv-requests.ts',
    search: "  if (revision > store.revision) return refused('future-revision');\n",
    replace:
      '  if (revision > store.revision) return { kind: "compacted", revision: store.revision };\n',
    rules: ['KV-20'],
    note: 'A compaction of what is yet to come is accepted.',
  },
];
