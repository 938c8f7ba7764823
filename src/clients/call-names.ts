/** The calls of etcd by their short names, and what their messages say of leases and keys. */
import type { Message } from '../wire/index.ts';
import type { CallName } from './story.ts';

const NAMES: Readonly<Record<string, CallName>> = {
  '/etcdserverpb.Lease/LeaseGrant': 'grant',
  '/etcdserverpb.Lease/LeaseRevoke': 'revoke',
  '/etcdserverpb.Lease/LeaseKeepAlive': 'keep-alive',
  '/etcdserverpb.KV/Put': 'put',
  '/etcdserverpb.KV/Range': 'range',
  '/etcdserverpb.KV/Txn': 'txn',
  '/etcdserverpb.Watch/Watch': 'watch',
};

export const callNameOf = (path: string): CallName | 'other' => NAMES[path] ?? 'other';

/** What a message is about, as far as contracts want to know. */
export interface Subject {
  readonly lease: bigint | null;
  readonly ttl: number | null;
  readonly key: string | null;
}

/** As much of all messages together as is read here. */
interface Fields {
  readonly ID?: bigint;
  readonly TTL?: bigint;
  readonly lease?: bigint;
  readonly key?: Uint8Array;
  readonly success?: readonly { readonly request: { readonly value?: Fields } }[];
  readonly requestUnion?: { readonly value?: Fields };
}

export const subjectOf = (message: Message): Subject => {
  const fields = message as unknown as Fields;
  const inner = fields.success?.[0]?.request.value ?? fields.requestUnion?.value ?? fields;
  const lease = inner.ID ?? inner.lease ?? 0n;
  return {
    lease: lease === 0n ? null : lease,
    ttl: inner.TTL === undefined ? null : Number(inner.TTL),
    key: inner.key === undefined ? null : Buffer.from(inner.key).toString('latin1'),
  };
};
