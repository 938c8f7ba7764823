/** Transactions, and the past. */
import type { Cases } from '../case.ts';

/** One operation more than a transaction may have. */
const GETS = Array.from({ length: 129 }, () => 'get k').join('; ');

export const TRANSACTIONS: Cases = [
  {
    id: 'txn-unknown-lease',
    rules: ['KV-07'],
    title: 'an unknown lease fails a transaction when its branch is taken, and only then',
    why: 'The whole transaction fails and writes nothing; what is not taken is not looked at.',
    source: 'apply: checkRequests, Txn',
    needs: [],
    story: `
at 0   c1  txn then put a; put b lease=U                         → refused lease-not-found
at +0  c1  get a                                                 → none
at +0  c1  txn if version(a)>0 then put b lease=U else put c     → else ok
at +0  c1  get c                                                 → c
at +0  c1  txn then put d; (txn then put e lease=U)              → refused lease-not-found
at +0  c1  get d                                                 → none
at +0  c1  txn then put d; (txn if version(x)>0 then put e lease=U)  → then ok; (else nothing)
at +0  c1  get d                                                 → d`,
  },
  {
    id: 'txn-checks-before',
    rules: ['KV-08'],
    title: 'the checks of a transaction use the state before it',
    why: 'ignore_lease does not see a key that an earlier operation of the transaction creates.',
    source: 'apply: checkRequests',
    needs: [],
    story: `
at 0   c1  txn then put k; (txn then put l value=v ignore-lease) → refused key-not-found
at +0  c1  get k                                                 → none
at +0  c1  put l                                                 → ok
at +0  c1  txn then put k; (txn then put l value=v ignore-lease) → then ok; (then ok)
at +0  c1  get l                                                 → l=v`,
  },
  {
    id: 'txn-duplicate-key',
    rules: ['KV-09'],
    title: 'a key that a transaction writes twice is refused',
    why: 'Puts of one key, and puts within the range of a deletion.',
    source: 'rpc/key: checkTxnRequest, checkIntervals',
    needs: [],
    story: `
at 0   c1  txn then put k; put k                     → refused duplicate-key
at +0  c1  txn then put k; del k                     → refused duplicate-key
at +0  c1  txn then put k1; del k prefix             → refused duplicate-key
at +0  c1  txn then put k; (txn then put k)          → refused duplicate-key
at +0  c1  get k prefix                              → none
at +0  c1  txn if version(k)=0 then put k else put k → then ok
at +0  c1  get k                                     → k`,
  },
  {
    id: 'txn-one-revision',
    rules: ['KV-10', 'REVOKE-02'],
    title: 'all writes of a transaction share one revision; one that only reads takes none',
    why: 'It is one transaction of the store.',
    source: 'apply: Txn',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                            → A ttl=60
at +0  c1  txn then put a lease=A; put b; put c lease=A → then ok; ok; ok
at +0  c1  get a prefix                              → a lease=A
at +0  c1  txn then get a; get b                     → then a lease=A; b
at +0  c1  put d                                     → ok
at +0  c1  txn then del a; put e                     → then deleted 1; ok
at +0  c1  revoke A                                  → ok
at +0  c1  get a from-key                            → b, d, e`,
  },
  {
    id: 'compare-lease',
    rules: ['KV-11'],
    title: 'a lease is compared as a signed number; a missing key compares as 0',
    why: 'Unlike its value, which makes any comparison fail.',
    source: 'apply: compareKV',
    needs: [],
    story: `
at 0   c1  grant A ttl=60 id=102                     → A ttl=60
at +0  c1  grant B ttl=60 id=-5                      → B ttl=60
at +0  c1  put a lease=A                             → ok
at +0  c1  put b lease=B                             → ok
at +0  c1  txn if lease(a)=A then get a              → then a lease=A
at +0  c1  txn if lease(a)!=A then get a             → else nothing
at +0  c1  txn if lease(a)>B then get a              → then a lease=A
at +0  c1  txn if lease(b)<A then get b              → then b lease=B
at +0  c1  txn if lease(b)<none then get b           → then b lease=B
at +0  c1  txn if lease(missing)=none                → then nothing
at +0  c1  txn if lease(missing)>B                   → then nothing
at +0  c1  txn if value(missing)!=x                  → else nothing
at +0  c1  revoke A                                  → ok
at +0  c1  revoke B                                  → ok`,
  },
  {
    id: 'txn-128-operations',
    rules: ['CONST-16'],
    title: 'a transaction has 128 operations at the most',
    why: 'In either of its branches.',
    source: 'rpc/key: checkTxnRequest',
    needs: [],
    story: `
at 0   c1  txn then ${Array.from({ length: 128 }, () => 'get k').join('; ')}
at +0  c1  txn then ${GETS}  → refused too-many-ops
at +0  c1  txn else ${GETS}  → refused too-many-ops`,
  },
  {
    id: 'history-of-a-leased-key',
    rules: ['REVOKE-06'],
    title:
      'at an old revision a key that its lease took is there, with the lease; put again it is new',
    why: 'A revoke deletes keys as a client would: the past stays as it was.',
    source: 'kvstore: delete, rangeKeys',
    needs: [],
    story: `
at 0   c1  grant A ttl=60         → A ttl=60
at +0  c1  put k value=v lease=A  → ok
at +0  c1  revoke A               → ok
at +0  c1  get k rev=rev-1        → k=v lease=A
at +0  c1  get k                  → none
at +0  c1  put k value=w          → ok
at +0  c1  get k                  → k=w`,
  },
  {
    id: 'attachments-survive-compaction',
    rules: ['KV-14'],
    title: 'a compaction leaves leases and what is attached to them alone',
    why: 'They are of the present; only the past goes.',
    source: 'kvstore: Compact',
    needs: ['exclusive server'],
    story: `
at 0   c1  grant A ttl=60         → A ttl=60
at +0  c1  put k value=1 lease=A  → ok
at +0  c1  put k value=2 lease=A  → ok
at +0  c1  put l                  → ok
at +0  c1  compact rev            → ok
at +0  c1  ttl A keys             → 60 of 60 keys=k
at +0  c1  get k rev=rev-2        → refused compacted
at +0  c1  revoke A               → ok
at +0  c1  get k                  → none`,
  },
  {
    id: 'no-space',
    rules: ['GRANT-09', 'REVOKE-08', 'EXP-12'],
    title: 'without space grants and puts are refused; revokes, keep-alives and expiry go on',
    why: 'What frees space must be possible.',
    source: 'apply: applierV3Capped',
    needs: ['exclusive server'],
    story: `
at 1ms                c1  grant A ttl=60         → A ttl=60
at +0                 c1  grant B ttl=3          → B ttl=3
at +0                 c1  put a lease=A          → ok
at +0                 c1  put b lease=B          → ok
at +0                 c1  alarm raise            → no-space
at +0                 c1  grant C ttl=60         → refused no-space
at +0                 c1  put c                  → refused no-space
at +0                 c1  keep-alive A           → ttl=60
at +0                 c1  get a                  → a lease=A
at +0                 c1  revoke A               → ok
at +0                 c1  get a                  → none
at B.deadline+1500ms  c1  get b                  → none
at +0                 c1  alarm clear            → no-space
at +0                 c1  put c                  → ok`,
  },
  {
    id: 'txn-duplicate-key-in-else',
    rules: ['KV-09'],
    title: 'a key may stand in both branches, and not twice in either',
    why: 'Both are checked, whichever is taken.',
    source: 'rpc/key: checkTxnRequest, checkIntervals',
    needs: [],
    story: `
at 0   c1  txn if version(k)>0 then put k else put l; put l        → refused duplicate-key
at +0  c1  txn if version(k)=0 then put k else put l; put l        → refused duplicate-key
at +0  c1  txn if version(k)=0 then put k else put k; put l        → then ok
at +0  c1  get k to m                                              → k`,
  },
  {
    id: 'txn-order-of-events',
    rules: ['KV-10', 'KV-22'],
    title: 'the events of a transaction come in the order of its operations, whatever their keys',
    why: 'They are changes of one revision, one after the other.',
    source: 'kvstore: watchableStore, notify',
    needs: [],
    story: `
at 0   c2  watch w a to z                    → ok id=0
at +0  c1  txn then put c; put a; put b      → then ok; ok; ok
at +0  c1  txn then del b; put d; del a      → then deleted 1; ok; deleted 1
at +0  c2  cancel w                          → ok`,
  },
  {
    id: 'txn-detaches',
    rules: ['KV-10', 'KV-02'],
    title: 'a put without a lease in a transaction takes the key off its lease',
    why: 'As a put outside of one does.',
    source: 'apply: applyTxn; kvstore: put',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                    → A ttl=60
at +0  c1  put k lease=A                     → ok
at +0  c1  txn then put k value=2            → then ok
at +0  c1  ttl A keys                        → 60 of 60
at +0  c1  revoke A                          → ok
at +0  c1  get k                             → k=2`,
  },
  {
    id: 'txn-lease-or-key-first',
    rules: ['KV-05'],
    title: 'what a put in a transaction lacks first, the lease or the key, depends on the version',
    why: 'From 3.7 on it is the lease, before that the key.',
    source: 'apply: checkRequestPut',
    needs: [],
    story: `
at 0   c1  txn then put k lease=U ignore-value
at +0  c1  txn then put k ignore-value                             → refused key-not-found
at +0  c1  get k                                                   → none`,
  },
  {
    id: 'txn-ranges-and-puts',
    rules: ['KV-07'],
    title: 'the ranges and the puts of a transaction are checked in the order of the version',
    why: 'From 3.6 on as they stand, before that the puts first.',
    source: 'apply: checkRequests, checkTxn',
    needs: [],
    story: `
at 0   c1  put k                                                   → ok
at +0  c1  txn then get k rev=1000000000; put k lease=U
at +0  c1  txn then put k lease=U; get k rev=1000000000            → refused lease-not-found
at +0  c1  get k                                                   → k`,
  },
  {
    id: 'compare-a-range',
    rules: ['KV-11'],
    title: 'a comparison with a range holds when it holds for every key of it',
    why: 'One key that is otherwise is enough.',
    source: 'apply: applyCompare',
    needs: [],
    story: `
at 0   c1  put k1                                  → ok
at +0  c1  put k1                                  → ok
at +0  c1  put k2                                  → ok
at +0  c1  txn if version(k prefix)=1              → else nothing
at +0  c1  txn if version(k prefix)>0              → then nothing
at +0  c1  txn if version(k prefix)=2              → else nothing
at +0  c1  txn if version(x prefix)=0              → then nothing`,
  },
  {
    id: 'compare-revisions',
    rules: ['KV-11'],
    title: 'mod is the revision of the last change of a key, create that of its first',
    why: 'They differ from the second put on.',
    source: 'apply: compareKV',
    needs: [],
    story: `
at 0   c1  put k value=1                           → ok
at +0  c1  put k value=2                           → ok
at +0  c1  txn if mod(k)=rev then get k            → then k=2
at +0  c1  txn if create(k)=rev                    → else nothing
at +0  c1  put k value=3                           → ok
at +0  c1  txn if mod(k)=rev then get k            → then k=3`,
  },
  {
    id: 'no-space-for-else',
    rules: ['GRANT-09', 'KV-21'],
    title: 'without space a transaction with a put in either branch is refused',
    why: 'What it would do is not known before.',
    source: 'apply: applierV3Capped, Txn',
    needs: ['exclusive server'],
    story: `
at 0   c1  alarm raise                                        → no-space
at +0  c1  txn if version(k)=0 then get k else put k          → refused no-space
at +0  c1  txn if version(k)=0 then put k else get k          → refused no-space
at +0  c1  txn if version(k)=0 then get k else del k          → then none
at +0  c1  alarm clear                                        → no-space
at +0  c1  txn if version(k)=0 then get k else put k          → then none`,
  },
];
