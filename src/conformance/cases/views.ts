/** Ranges, their views and their past; how watches are asked for. */
import type { Cases } from '../case.ts';

export const VIEWS: Cases = [
  {
    id: 'views-of-a-range',
    rules: ['KV-18', 'KV-12'],
    title: 'a range counts all its keys, then bounds, sorts and cuts what it shows',
    why: 'The count knows nothing of the limit; more says that something was cut off.',
    source: 'apply: Range',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                   → A ttl=60
at +0  c1  put b value=1 lease=A            → ok
at +0  c1  put a value=3                    → ok
at +0  c1  put c value=2                    → ok
at +0  c1  get a to d                       → a=3, b=1 lease=A, c=2
at +0  c1  get a to d limit=2               → a=3, b=1 lease=A, more of 3
at +0  c1  get a to d sort=value asc        → b=1 lease=A, c=2, a=3
at +0  c1  get a to d sort=mod desc limit=1 → c=2, more of 3
at +0  c1  get a to d count-only            → none of 3
at +0  c1  revoke A                         → ok`,
  },
  {
    id: 'ranges-at-a-revision',
    rules: ['KV-19'],
    title: 'a range at a revision shows the keys as they were; one yet to come is refused',
    why: 'The store keeps every revision until it is compacted.',
    source: 'kvstore: rangeKeys',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                → A ttl=60
at +0  c1  put k value=1 lease=A         → ok
at +0  c1  get k rev=rev                 → k=1 lease=A
at +0  c1  put k value=2                 → ok
at +0  c1  get k rev=rev                 → k=2
at +0  c1  get k rev=1000000000          → refused future-revision
at +0  c1  revoke A                      → ok
at +0  c1  get k                         → k=2`,
  },
  {
    id: 'compaction',
    rules: ['KV-20', 'KV-19'],
    title: 'a compaction is refused at or below the last one, and above the current revision',
    why: 'What it drops cannot be read any more; what is left can.',
    source: 'kvstore: Compact',
    needs: ['exclusive server'],
    story: `
at 0   c1  put k value=1          → ok
at +0  c1  put k value=2          → ok
at +0  c1  put k value=3          → ok
at +0  c1  compact rev-1          → ok
at +0  c1  get k rev=rev-1        → k=2
at +0  c1  get k rev=rev-2        → refused compacted
at +0  c1  compact rev-1          → refused compacted
at +0  c1  compact 1000000000     → refused future-revision
at +0  c1  get k                  → k=3`,
  },
  {
    id: 'alarm-answers',
    rules: ['KV-21', 'GRANT-09'],
    title: 'an alarm request names the alarm that is raised, or that it raised or cleared',
    why: 'A second clear finds none.',
    source: 'apply: Alarm',
    needs: ['exclusive server'],
    story: `
at 0   c1  alarm list      → none
at +0  c1  alarm raise     → no-space
at +0  c1  alarm list      → no-space
at +0  c1  put k           → refused no-space
at +0  c1  alarm clear     → no-space
at +0  c1  alarm clear     → none
at +0  c1  put k           → ok`,
  },
  {
    id: 'watches-on-a-stream',
    rules: ['KV-22', 'KV-24', 'KV-25', 'KV-26', 'REVOKE-05'],
    title:
      'several watches share a stream; each gets what it asked for, once, until it is cancelled',
    why: 'Ids are counted on the stream; what is cancelled is silent.',
    source: 'rpc/watch: recvLoop, sendLoop',
    needs: [],
    story: `
at 0   c1  grant A ttl=60             → A ttl=60
at +0  c2  watch v k prev-kv          → ok id=0
at +0  c2  watch w k no-put           → ok id=1
at +0  c1  put k value=1 lease=A      → ok
at +0  c1  put l value=1 lease=A      → ok
at +0  c1  revoke A                   → ok
at +0  c2  cancel v                   → ok
at +0  c1  put k value=2              → ok
at +0  c1  del k                      → deleted 1
at +0  c2  cancel w                   → ok`,
  },
  {
    id: 'where-a-watch-begins',
    rules: ['KV-23', 'KV-22'],
    title: 'a watch begins at the revision asked for, or with the next one',
    why: 'One from the past is told all since then, one from the future nothing before.',
    source: 'rpc/watch: recvLoop; watchable store: watch',
    needs: [],
    story: `
at 0      c1  put k value=1            → ok
at +0     c1  put k value=2            → ok
at +0     c2  watch v k from=rev-1     → ok id=0
at +0     c2  watch w k                → ok id=1
at +300ms c1  put k value=3            → ok
at +0     c2  cancel v                 → ok
at +0     c2  cancel w                 → ok`,
  },
  {
    id: 'progress-of-a-stream',
    rules: ['KV-27'],
    title: 'a request for progress is answered once all watches of the stream are there',
    why: 'So a client knows that it has missed nothing up to that revision.',
    source: 'rpc/watch: recvLoop',
    needs: [],
    story: `
at 0   c1  put k              → ok
at +0  c2  watch w k          → ok id=0
at +0  c1  put k value=2      → ok
at +0  c2  progress           → ok
at +0  c2  cancel w           → ok`,
  },
  {
    id: 'progress-by-itself',
    rules: ['KV-29'],
    title: 'a watch that asked for it is told its progress when it hears nothing else',
    why: 'So a client of a quiet watch can begin again where nothing is compacted yet.',
    source: 'rpc/watch: sendLoop, GetProgressReportInterval',
    needs: ['virtual clock'],
    story: `
at 0      c1  put k                        → ok
at +0     c2  watch w k progress-notify    → ok id=0
at +0     c2  watch v k                    → ok id=1
at +599s  c1  get k                        → k
at +61s   c1  put j                        → ok
at +1s    c1  put k value=2                → ok
at +660s  c1  get k                        → k=2
at +660s  c2  cancel w                     → ok`,
  },
  {
    id: 'reads-within-a-txn',
    rules: ['KV-28', 'KV-10'],
    title: 'an operation of a transaction sees what those before it wrote',
    why: 'They are carried out one after the other, at one revision.',
    source: 'apply: applyTxn',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                                  → A ttl=60
at +0  c1  put k value=1                                   → ok
at +0  c1  txn then get k; put k value=2 lease=A; get k    → then k=1; ok; k=2 lease=A
at +0  c1  txn then del k; get k                           → then deleted 1; none
at +0  c1  revoke A                                        → ok`,
  },
  {
    id: 'order-of-a-range',
    rules: ['KV-18'],
    title: 'a range is sorted by its target, up or down; what is equal stays in the order of keys',
    why: 'Sorting is stable, downward too; a target without an order sorts upward.',
    source: 'apply: Range, executeRange',
    needs: [],
    story: `
at 0   c1  put b value=1                          → ok
at +0  c1  put a value=2                          → ok
at +0  c1  put c value=1                          → ok
at +0  c1  get a to d sort=value                  → b=1, c=1, a=2
at +0  c1  get a to d sort=value desc             → a=2, b=1, c=1
at +0  c1  get a to d sort=version desc           → a=2, b=1, c=1
at +0  c1  get a to d sort=create desc            → c=1, a=2, b=1`,
  },
  {
    id: 'bounds-of-a-range',
    rules: ['KV-18'],
    title: 'the bounds on mod and create revisions are included',
    why: 'Keys outside of them are not shown; whether they count is the same as on etcd.',
    source: 'apply: Range, pruneKVs',
    needs: [],
    story: `
at 0   c1  put a                                  → ok
at +0  c1  put b                                  → ok
at +0  c1  put c                                  → ok
at +0  c1  get a to d min-mod=rev
at +0  c1  get a to d max-mod=rev-1
at +0  c1  get a to d min-create=rev-1 max-create=rev-1`,
  },
  {
    id: 'keys-alone',
    rules: ['KV-18', 'KV-12'],
    title: 'keys alone have no values, and leases as the version has it',
    why: 'From 3.7 on they have none, unless sorted by value.',
    source: 'mvcc: rangeKeys',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                         → A ttl=60
at +0  c1  put k value=v lease=A                  → ok
at +0  c1  get k keys-only
at +0  c1  get k keys-only sort=value
at +0  c1  txn then get k keys-only
at +0  c1  get k                                  → k=v lease=A
at +0  c1  revoke A                               → ok`,
  },
  {
    id: 'ids-of-watches',
    rules: ['KV-25', 'KV-26'],
    title: 'an id that was cancelled is not chosen again, and one in use is refused',
    why: 'The server counts them on a stream.',
    source: 'rpc/watch: recvLoop; watchable store: NewWatch',
    needs: [],
    story: `
at 0   c2  watch v k                              → ok id=0
at +0  c2  cancel v                               → ok
at +0  c2  watch w k                              → ok id=1
at +0  c2  watch x k id=7                         → ok id=7
at +0  c2  watch y k id=7                         → refused watch-id-in-use
at +0  c1  put k                                  → ok
at +0  c2  cancel w                               → ok
at +0  c2  cancel x                               → ok`,
  },
  {
    id: 'watch-from-the-compacted-revision',
    rules: ['KV-20', 'KV-23'],
    title: 'a watch from the compacted revision itself is told what came from there on',
    why: 'The past is gone before it, not with it.',
    source: 'watchable store: syncWatchers',
    needs: ['exclusive server'],
    story: `
at 0      c1  put k value=1                       → ok
at +0     c1  put k value=2                       → ok
at +0     c1  put k value=3                       → ok
at +0     c1  compact rev-1                       → ok
at +0     c2  watch w k from=rev-1                → ok id=0
at +300ms c1  put k value=4                       → ok
at +0     c2  cancel w                            → ok`,
  },
  {
    id: 'watch-of-the-future',
    rules: ['KV-23', 'KV-24'],
    title: 'a watch from a revision to come hears of nothing before it',
    why: 'It is there, and waits.',
    source: 'watchable store: watch, notify',
    needs: ['exclusive server'],
    story: `
at 0   c1  put k value=1                          → ok
at +0  c2  watch w k from=rev+3                   → ok id=0
at +0  c1  put k value=2                          → ok
at +0  c1  put k value=3                          → ok
at +0  c1  put k value=4                          → ok
at +0  c1  put k value=5                          → ok
at +0  c2  cancel w                               → ok`,
  },
  {
    id: 'unanswered-on-a-stream',
    rules: ['KV-26', 'KV-27'],
    title: 'to cancel a watch that is not there, and progress without one, are not answered',
    why: 'There is nothing to say.',
    source: 'rpc/watch: recvLoop',
    needs: ['virtual clock'],
    story: `
at 0   c1  put k                                  → ok
at +0  c2  progress
at +0  c2  watch w k                              → ok id=0
at +0  c2  cancel #5                              → waits
at +0  c2  progress                               → ok
at +0  c2  cancel w                               → ok`,
  },
  {
    id: 'progress-of-a-watch-to-come',
    rules: ['KV-27'],
    title:
      'progress of a stream with a watch that is yet to begin: told or not, as the version has it',
    why: 'From 3.6 on it is not told before all watches have begun.',
    source: 'watchable store: progressIfSync',
    needs: ['virtual clock'],
    story: `
at 0   c1  put k                                  → ok
at +0  c2  watch w k from=rev+1000
at +0  c2  progress
at +0  c1  put k                                  → ok`,
  },
];
