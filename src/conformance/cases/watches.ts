/** What watches tell of leases. */
import type { Cases } from '../case.ts';

export const WATCHES: Cases = [
  {
    id: 'watch-of-a-revoke',
    rules: ['REVOKE-05', 'REVOKE-02'],
    title: 'a watch delivers all deletes of a revoke together, with the previous values',
    why: 'The events have key and revision and nothing else; the previous value names the lease.',
    source: 'kvstore: delete; watchable store: notify',
    needs: [],
    story: `
at 0   c1  grant A ttl=60          → A ttl=60
at +0  c1  put b value=1 lease=A   → ok
at +0  c1  put a value=2 lease=A   → ok
at +0  c2  watch w a to z prev-kv
at +0  c1  revoke A                → ok
at +0  c1  put a value=3           → ok
at +0  c2  cancel w`,
  },
  {
    id: 'watch-of-an-expiry',
    rules: ['EXP-08', 'EXP-07'],
    title: 'an expiry looks like a revoke to whoever watches',
    why: 'There is no other kind of event for it; each lease has a revision of its own.',
    source: 'lessor: Revoke',
    needs: [],
    story: `
at 1ms                c1  grant A ttl=2          → A ttl=2
at +0                 c1  grant B ttl=2          → B ttl=2
at +0                 c1  put a value=1 lease=A  → ok
at +0                 c1  put b value=2 lease=B  → ok
at +0                 c2  watch w a to z prev-kv
at A.deadline+1500ms  c1  get a                  → none
at +0                 c2  cancel w`,
  },
  {
    id: 'watch-from-the-past',
    rules: ['REVOKE-05'],
    title: 'a watch from an old revision tells the past as it was, deletes of a revoke included',
    why: 'The history has the same events for those who come late.',
    source: 'watchable store: syncWatchers',
    needs: [],
    story: `
at 0      c1  grant A ttl=60         → A ttl=60
at +0     c1  put a value=1 lease=A  → ok
at +0     c1  put b lease=A          → ok
at +0     c1  revoke A               → ok
at +0     c2  watch w a to z from=rev-2 prev-kv
at +0     c1  put a value=2          → ok
at +300ms c2  cancel w`,
  },
  {
    id: 'watch-filters',
    rules: ['REVOKE-05'],
    title: 'a watch without deletes hears nothing of a revoke, one without puts only of that',
    why: 'Filters apply to the events of leases as to all others.',
    source: 'rpc/watch: FiltersFromRequest',
    needs: [],
    story: `
at 0   c1  grant A ttl=60         → A ttl=60
at +0  c2  watch w a to z no-delete
at +0  c3  watch v a to z no-put prev-kv
at +0  c1  put a value=1 lease=A  → ok
at +0  c1  revoke A               → ok
at +0  c1  put a value=2          → ok
at +0  c2  cancel w
at +0  c3  cancel v`,
  },
  {
    id: 'watch-of-the-compacted-past',
    rules: ['KV-17'],
    title: 'a watch from a compacted revision is ended, and told up to where the past is gone',
    why: 'Its last response has compact_revision, and header revision 0.',
    source: 'rpc/watch: sendLoop',
    needs: ['exclusive server', 'virtual clock'],
    story: `
at 0      c1  put a             → ok
at +0     c1  put a value=2     → ok
at +0     c1  put a value=3     → ok
at +0     c1  compact rev       → ok
at +0     c2  watch w a from=rev-2
at +300ms c1  put a value=4     → ok`,
  },
];
