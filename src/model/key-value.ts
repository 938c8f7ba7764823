/** Put, Range and DeleteRange, as far as they attach keys to leases. */
import { type Bytes, NO_BYTES } from '../api/bytes.ts';
import type { DeleteRange, LeaseId, Put, Range } from '../api/command.ts';
import type { KeyValue, WatchEvent } from '../api/response.ts';
import { type Instant, nextRevision, type Revision, revision } from '../api/units.ts';
import { answered, refused, type Step } from './outcome.ts';
import type { RuleId } from './rules.ts';
import { changed, isOverdue, type Lease, type State } from './state.ts';

export function put(state: State, command: Put, now: Instant): Step {
  const { token, key } = command;
  // KV-05: what can be told from the request alone comes first, …
  if (key === '') return refused(state, token, 'key-empty', PUT_REFUSED);
  if (command.ignoreValue && command.value !== '') {
    return refused(state, token, 'value-provided', IGNORE_VALUE_REFUSED);
  }
  if (command.ignoreLease && command.lease !== 0n) {
    return refused(state, token, 'lease-provided', IGNORE_LEASE_REFUSED);
  }
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
  const kv: KeyValue = {
    key,
    // KV-04
    value: command.ignoreValue && old !== null ? old.value : command.value,
    createRevision: old === null ? at : old.createRevision,
    modRevision: at,
    version: old === null ? 1 : old.version + 1,
    // KV-03
    lease: command.ignoreLease && old !== null ? old.lease : command.lease,
  };
  const kvs = state.kvs.with(key, kv);
  const attachments = attach(state.attachments, old, kv);
  const next = changed(state, { now, revision: at, kvs, attachments });
  // KV-13
  const response = { kind: 'putDone', revision: at, prevKv: command.prevKv ? old : null } as const;
  const events: WatchEvent[] = [{ kind: 'put', kv, prevKv: old }];
  return answered(next, token, response, rulesOfPut(state, command, lease, old, now), events);
}

export function range(state: State, command: Range, now: Instant): Step {
  const { token, key, rangeEnd } = command;
  if (key === '') return refused(state, token, 'key-empty', READ);
  const kvs = inRange(state, key, rangeEnd);
  const response = { kind: 'rangeResult', revision: state.revision, kvs } as const;
  // EXP-09: keys of an overdue lease are there.
  const overdue = kvs.some((kv) => isOfOverdue(state, kv.lease, now));
  return answered(state, token, response, overdue ? READ_OVERDUE : READ);
}

export function deleteRange(state: State, command: DeleteRange, now: Instant): Step {
  const { token, key, rangeEnd } = command;
  if (key === '') return refused(state, token, 'key-empty', DELETE);
  const kvs = inRange(state, key, rangeEnd);
  const deleted = kvs.length;
  // KV-13
  const prevKvs = command.prevKv ? kvs : [];
  if (deleted === 0) {
    const nothing = { kind: 'deleted', revision: state.revision, deleted, prevKvs } as const;
    return answered(state, token, nothing, DELETE);
  }
  const at = nextRevision(state.revision);
  const keys = kvs.map((kv) => kv.key);
  const { kvs: left, attachments, events } = deletion(state, keys, at);
  const next = changed(state, { now, revision: at, kvs: left, attachments });
  const response = { kind: 'deleted', revision: at, deleted, prevKvs } as const;
  const rules = command.prevKv ? DELETE_PREV : DELETE;
  return answered(next, token, response, rules, events);
}

/** Deletes keys that exist, all at revision `at`. KV-06: they are detached, their leases stay. */
export function deletion(state: State, keys: readonly Bytes[], at: Revision): Deletion {
  let { kvs, attachments } = state;
  const events: WatchEvent[] = [];
  for (const key of keys) {
    const old = kvs.find(key) as KeyValue;
    kvs = kvs.without(key);
    if (old.lease !== 0n) attachments = attachments.without({ lease: old.lease, key });
    // REVOKE-05
    events.push({ kind: 'delete', kv: tombstone(key, at), prevKv: old });
  }
  return { kvs, attachments, events };
}

/** What is left after a deletion, and the events that it caused. */
interface Deletion extends Pick<State, 'kvs' | 'attachments'> {
  readonly events: readonly WatchEvent[];
}

/** KV-02: a key has the lease of its last put, and no other. */
const attach = (
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

/** The keys that a request names: one, all from one on, or those from `key` to before `end`. */
const inRange = (state: State, key: Bytes, end: Bytes): readonly KeyValue[] => {
  if (end === '') {
    const kv = state.kvs.find(key);
    return kv === undefined ? [] : [kv];
  }
  return state.kvs.takeFrom(key, (kv) => end === '\0' || kv.key < end);
};

const tombstone = (key: Bytes, modRevision: Revision): KeyValue => ({
  key,
  value: NO_BYTES,
  createRevision: revision(0),
  modRevision,
  version: 0,
  lease: 0n,
});

const isOfOverdue = (state: State, id: LeaseId, now: Instant): boolean => {
  const lease = id === 0n ? undefined : state.leases.find(id);
  return lease !== undefined && isOverdue(lease, now);
};

const rulesOfPut = (
  state: State,
  command: Put,
  lease: Lease | undefined,
  old: KeyValue | null,
  now: Instant,
): readonly RuleId[] => {
  const plain = lease === undefined ? PUT : PUT_WITH_LEASE;
  const rules: RuleId[] = [];
  if (command.ignoreLease) rules.push('KV-03');
  if (command.ignoreValue) rules.push('KV-04');
  if (command.prevKv && old !== null) rules.push('KV-13');
  const overdue = lease !== undefined && isOverdue(lease, now);
  if (overdue || (old !== null && isOfOverdue(state, old.lease, now))) rules.push('EXP-10');
  return rules.length === 0 ? plain : [...plain, ...rules];
};

const PUT: readonly RuleId[] = ['KV-02'];
const PUT_WITH_LEASE: readonly RuleId[] = ['KV-01', 'KV-02'];
const PUT_REFUSED: readonly RuleId[] = ['KV-05'];
const PUT_NO_LEASE: readonly RuleId[] = ['KV-01', 'KV-05'];
const IGNORE_VALUE_REFUSED: readonly RuleId[] = ['KV-04', 'KV-05'];
const IGNORE_LEASE_REFUSED: readonly RuleId[] = ['KV-03', 'KV-05'];
const READ: readonly RuleId[] = ['KV-12'];
const READ_OVERDUE: readonly RuleId[] = ['KV-12', 'EXP-09'];
const DELETE: readonly RuleId[] = ['KV-06'];
const DELETE_PREV: readonly RuleId[] = ['KV-06', 'KV-13'];
