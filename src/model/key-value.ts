/** Put and DeleteRange, and how they attach keys to leases. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { DeleteRange, Put } from '../api/command.ts';
import type { Reason } from '../api/refusal.ts';
import type { KeyValue, WatchEvent } from '../api/response.ts';
import { type Instant, nextRevision, type Revision, revision } from '../api/units.ts';
import { answered, joined, refused, type Step } from './outcome.ts';
import { inRange, isOfOverdue } from './range.ts';
import type { RuleId } from './rules.ts';
import { stored } from './changes.ts';
import { isOverdue, type Lease, type State } from './state.ts';

export function put(state: State, command: Put, now: Instant): Step {
  const { token, key } = command;
  // KV-05: what can be told from the request alone comes first, …
  const malformed = malformation(command);
  if (malformed !== null) return refused(state, token, malformed, rulesOfMalformed(command));
  // GRANT-09
  if (state.noSpace) return refused(state, token, 'no-space', PUT_NO_SPACE);
  // … then the lease, then the key. KV-01: the lease may be overdue (EXP-10).
  const lease = command.lease === 0n ? undefined : state.leases.find(command.lease);
  if (command.lease !== 0n && lease === undefined) {
    return refused(state, token, 'lease-not-found', PUT_NO_LEASE);
  }
  const old = state.kvs.find(key) ?? null;
  if (old === null && (command.ignoreLease || command.ignoreValue)) {
    return refused(state, token, 'key-not-found', PUT_REFUSED);
  }
  const at = nextRevision(state.revision);
  const kv = written(command, old, at);
  const kvs = state.kvs.with(key, kv);
  const attachments = attach(state.attachments, old, kv);
  const events: WatchEvent[] = [{ kind: 'put', kv, prevKv: old }];
  const next = stored(state, now, at, { kvs, attachments }, events);
  // KV-13
  const response = { kind: 'putDone', revision: at, prevKv: command.prevKv ? old : null } as const;
  return answered(next, token, response, rulesOfPut(state, command, lease, old, now), events);
}

export function deleteRange(state: State, command: DeleteRange, now: Instant): Step {
  const { token, key, rangeEnd } = command;
  if (key === '') return refused(state, token, 'key-empty', DELETE);
  const kvs = inRange(state.kvs, key, rangeEnd);
  const deleted = kvs.length;
  // KV-13
  const prevKvs = command.prevKv ? kvs : [];
  if (deleted === 0) {
    const nothing = { kind: 'deleted', revision: state.revision, deleted, prevKvs } as const;
    return answered(state, token, nothing, DELETE);
  }
  const at = nextRevision(state.revision);
  const keys = kvs.map((kv) => kv.key);
  const left = deletion(state, keys, at);
  const { events } = left;
  const next = stored(state, now, at, left, events);
  const response = { kind: 'deleted', revision: at, deleted, prevKvs } as const;
  const rules = command.prevKv ? DELETE_PREV : DELETE;
  return answered(next, token, response, rules, events);
}

/** KV-05: what is wrong with a put by itself, or null. */
export const malformation = (put: Omit<Put, 'token'>): Reason | null => {
  if (put.key === '') return 'key-empty';
  if (put.ignoreValue && put.value !== '') return 'value-provided';
  return put.ignoreLease && put.lease !== 0n ? 'lease-provided' : null;
};

/** What a put makes of what was there. */
export const written = (
  command: Omit<Put, 'token'>,
  old: KeyValue | null,
  at: Revision,
): KeyValue => ({
  key: command.key,
  // KV-04
  value: command.ignoreValue && old !== null ? old.value : command.value,
  createRevision: old === null ? at : old.createRevision,
  modRevision: at,
  version: old === null ? 1 : old.version + 1,
  // KV-03
  lease: command.ignoreLease && old !== null ? old.lease : command.lease,
});

/** Deletes keys that exist, all at revision `at`. KV-06: they are detached, their leases stay. */
export function deletion(
  tables: Pick<State, 'kvs' | 'attachments'>,
  keys: readonly Bytes[],
  at: Revision,
): Deletion {
  let { kvs, attachments } = tables;
  const events: WatchEvent[] = [];
  for (const key of keys) {
    const old = kvs.find(key) as KeyValue;
    kvs = kvs.without(key);
    if (old.lease !== 0n) attachments = attachments.without({ lease: old.lease, key });
    events.push(deleted(old, at));
  }
  return { kvs, attachments, events };
}

/** REVOKE-05 */
export const deleted = (prevKv: KeyValue, at: Revision): WatchEvent => ({
  kind: 'delete',
  kv: tombstone(prevKv.key, at),
  prevKv,
});

/** What is left after a deletion, and the events that it caused. */
interface Deletion extends Pick<State, 'kvs' | 'attachments'> {
  readonly events: readonly WatchEvent[];
}

/** KV-02: a key has the lease of its last put, and no other. */
export const attach = (
  attachments: State['attachments'],
  old: KeyValue | null,
  { key, lease }: KeyValue,
): State['attachments'] => {
  const before = old === null ? 0n : old.lease;
  if (before === lease) return attachments;
  const detached = before === 0n ? attachments : attachments.without({ lease: before, key });
  const attachment = { lease, key };
  return lease === 0n ? detached : detached.with(attachment, attachment);
};

const tombstone = (key: Bytes, modRevision: Revision): KeyValue => ({
  key,
  value: NO_BYTES,
  createRevision: revision(0),
  modRevision,
  version: 0,
  lease: 0n,
});

const rulesOfPut = (
  state: State,
  command: Put,
  lease: Lease | undefined,
  old: KeyValue | null,
  now: Instant,
): readonly RuleId[] => {
  let rules = lease === undefined ? PUT : PUT_WITH_LEASE;
  if (command.ignoreLease) rules = joined(rules, IGNORE_LEASE);
  if (command.ignoreValue) rules = joined(rules, IGNORE_VALUE);
  if (command.prevKv && old !== null) rules = joined(rules, PREV_KV);
  const overdue = lease !== undefined && isOverdue(lease, now);
  const isOf = overdue || (old !== null && isOfOverdue(state, old.lease, now));
  return isOf ? joined(rules, OVERDUE) : rules;
};

const rulesOfMalformed = (command: Put): readonly RuleId[] => {
  if (command.key === '') return PUT_REFUSED;
  const hasValue = command.ignoreValue && command.value !== '';
  return hasValue ? IGNORE_VALUE_REFUSED : IGNORE_LEASE_REFUSED;
};

const PUT: readonly RuleId[] = ['KV-02'];
const PUT_WITH_LEASE: readonly RuleId[] = ['KV-01', 'KV-02'];
const IGNORE_LEASE: readonly RuleId[] = ['KV-03'];
const IGNORE_VALUE: readonly RuleId[] = ['KV-04'];
const PREV_KV: readonly RuleId[] = ['KV-13'];
const OVERDUE: readonly RuleId[] = ['EXP-10'];
const PUT_REFUSED: readonly RuleId[] = ['KV-05'];
const PUT_NO_SPACE: readonly RuleId[] = ['GRANT-09', 'KV-05'];
const PUT_NO_LEASE: readonly RuleId[] = ['KV-01', 'KV-05'];
const IGNORE_VALUE_REFUSED: readonly RuleId[] = ['KV-04', 'KV-05'];
const IGNORE_LEASE_REFUSED: readonly RuleId[] = ['KV-03', 'KV-05'];
const DELETE: readonly RuleId[] = ['KV-06'];
const DELETE_PREV: readonly RuleId[] = ['KV-06', 'KV-13'];
