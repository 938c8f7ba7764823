/** Keys and leases. */
import type { Cases } from '../case.ts';

export const KEY_VALUE: Cases = [
  {
    id: 'put-with-lease',
    rules: ['KV-01', 'KV-12'],
    title: 'a put with a lease attaches the key; an unknown lease is refused and writes nothing',
    why: 'The lease must be there when the put takes effect.',
    source: 'apply: Put',
    needs: [],
    story: `
at 0   c1  put k value=v lease=U   → refused lease-not-found
at +0  c1  get k                   → none
at +0  c1  put k lease=#-5         → refused lease-not-found
at +0  c1  grant A ttl=60          → A ttl=60
at +0  c1  put k value=v lease=A   → ok
at +0  c1  get k                   → k=v lease=A
at +0  c1  revoke A                → ok
at +0  c1  put k lease=A           → refused lease-not-found`,
  },
  {
    id: 'one-lease-per-key',
    rules: ['KV-02', 'TTL-04'],
    title: 'the last put decides the lease of a key: moved, kept or detached',
    why: 'A put without a lease detaches: it is the default of every client.',
    source: 'kvstore: put',
    needs: [],
    story: `
at 0                   c1  grant A ttl=3     → A ttl=3
at +0                  c1  grant B ttl=60    → B ttl=60
at +0                  c1  put m lease=A     → ok
at +0                  c1  put m lease=B     → ok
at +0                  c1  put d lease=A     → ok
at +0                  c1  put d             → ok
at +0                  c1  put s lease=A     → ok
at +0                  c1  put s lease=A     → ok
at +0                  c1  ttl A keys        → 3 of 3 keys=s
at A.deadline+1500ms   c1  get m             → m lease=B
at +0                  c1  get d             → d
at +0                  c1  get s             → none
at +0                  c1  revoke B          → ok`,
  },
  {
    id: 'ignore-lease',
    rules: ['KV-03'],
    title: 'ignore_lease keeps the lease of a key, and needs the key',
    why: 'No lease may be given with it.',
    source: 'rpc/key: checkPutRequest; apply: Put',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                        → A ttl=60
at +0  c1  put k value=v ignore-lease            → refused key-not-found
at +0  c1  put k value=v lease=A                 → ok
at +0  c1  put k value=w ignore-lease            → ok
at +0  c1  get k                                 → k=w lease=A
at +0  c1  put k value=x lease=A ignore-lease    → refused lease-provided
at +0  c1  put n                                 → ok
at +0  c1  put n value=w ignore-lease            → ok
at +0  c1  get n                                 → n=w
at +0  c1  revoke A                              → ok
at +0  c1  get k                                 → none`,
  },
  {
    id: 'ignore-value',
    rules: ['KV-04'],
    title: 'ignore_value keeps the value and still applies the lease',
    why: 'So a put with ignore_value and no lease detaches the key.',
    source: 'rpc/key: checkPutRequest; apply: Put',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                        → A ttl=60
at +0  c1  put k ignore-value                    → refused key-not-found
at +0  c1  put k value=v lease=A                 → ok
at +0  c1  put k ignore-value                    → ok
at +0  c1  get k                                 → k=v
at +0  c1  put k lease=A ignore-value            → ok
at +0  c1  get k                                 → k=v lease=A
at +0  c1  put k value=x ignore-value            → refused value-provided
at +0  c1  put k ignore-value ignore-lease       → ok
at +0  c1  get k                                 → k=v lease=A
at +0  c1  revoke A                              → ok`,
  },
  {
    id: 'errors-of-a-put',
    rules: ['KV-05'],
    title: 'a put reports its errors in a fixed order',
    why: 'What the request shows comes first, then the lease, then the key.',
    source: 'rpc/key: checkPutRequest; apply: Put',
    needs: [],
    story: `
at 0   c1  put "" value=v lease=U ignore-value ignore-lease  → refused key-empty
at +0  c1  put k value=v lease=U ignore-value ignore-lease   → refused value-provided
at +0  c1  put k lease=U ignore-value ignore-lease           → refused lease-provided
at +0  c1  put k lease=U ignore-value                        → refused lease-not-found
at +0  c1  put k ignore-value                                → refused key-not-found`,
  },
  {
    id: 'delete-spares-lease',
    rules: ['KV-06'],
    title: 'deleting a key detaches it and spares the lease',
    why: 'A key that is put again without a lease is safe from the old one.',
    source: 'kvstore: delete',
    needs: [],
    story: `
at 0                   c1  grant A ttl=3    → A ttl=3
at +0                  c1  put k lease=A    → ok
at +0                  c1  put l lease=A    → ok
at +0                  c1  del k         → deleted 1
at +0                  c1  ttl A keys       → 3 of 3 keys=l
at +0                  c1  put k value=new  → ok
at A.deadline+1500ms   c1  get k            → k=new
at +0                  c1  get l            → none
at +0                  c1  del none      → deleted 0`,
  },
  {
    id: 'ranges-show-leases',
    rules: ['KV-12'],
    title: 'a range shows the lease of each key',
    why: 'Zero where there is none.',
    source: 'kvstore: rangeKeys',
    needs: [],
    story: `
at 0   c1  grant A ttl=60 id=-9   → A ttl=60
at +0  c1  grant B ttl=60         → B ttl=60
at +0  c1  put k1 value=1 lease=A → ok
at +0  c1  put k2 value=2         → ok
at +0  c1  put k3 value=3 lease=B → ok
at +0  c1  get k prefix           → k1=1 lease=A, k2=2, k3=3 lease=B
at +0  c1  get k1 to k3            → k1=1 lease=A, k2=2
at +0  c1  revoke A               → ok
at +0  c1  get k prefix           → k2=2, k3=3 lease=B
at +0  c1  revoke B               → ok`,
  },
  {
    id: 'previous-values',
    rules: ['KV-13'],
    title: 'a previous value names the old lease',
    why: 'In the answers of put and delete, and in events.',
    source: 'apply: Put, DeleteRange',
    needs: [],
    story: `
at 0   c1  grant A ttl=60                  → A ttl=60
at +0  c1  put k value=v lease=A prev-kv   → ok
at +0  c1  put k value=w prev-kv           → ok prev k=v lease=A
at +0  c1  put k value=x lease=A prev-kv   → ok prev k=w
at +0  c1  del k prev-kv                → deleted 1 prev k=x lease=A
at +0  c1  del k prev-kv                → deleted 0
at +0  c1  revoke A                        → ok`,
  },
];
