/** Txn: comparisons, and the branch that they choose, all in one revision. */
import type { Txn } from '../api/command.ts';
import type { Deleted, PutDone, ResponseOp, TxnResult, WatchEvent } from '../api/response.ts';
import { type Instant, nextRevision, type Revision, revision } from '../api/units.ts';
import { allHold } from './compare.ts';
import { attach, deletion, written } from './key-value.ts';
import { answered, joined, refused, type Step } from './outcome.ts';
import { kvsAt } from './past.ts';
import { inRange, viewOf } from './range.ts';
import type { RuleId } from './rules.ts';
import { stored } from './changes.ts';
import type { State } from './state.ts';
import { type Op, obstacle, takenOps, unfit } from './txn-checks.ts';

export function txn(state: State, command: Txn, now: Instant): Step {
  const { token } = command;
  const wrong = unfit(state, command) ?? obstacle(state, command);
  if (wrong !== null) return refused(state, token, wrong.reason, wrong.rules);
  const draft: Draft = {
    kvs: state.kvs,
    attachments: state.attachments,
    events: [],
    lacksKey: false,
  };
  const result = branch(state, command, draft);
  if (draft.lacksKey) return refused(state, token, 'key-not-found', NO_KEY);
  const { events, kvs, attachments } = draft;
  const rules = rulesOfTxn(state, command, events);
  if (events.length === 0) {
    const response = { ...result, revision: state.revision };
    return answered(state, token, response, rules);
  }
  // KV-10: one revision for all that was written.
  const at = nextRevision(state.revision);
  const next = stored(state, now, at, { kvs, attachments }, events);
  return answered(next, token, { ...result, revision: at }, rules, events);
}

/** What the operations so far have made of the state before the transaction. */
interface Draft {
  kvs: State['kvs'];
  attachments: State['attachments'];
  readonly events: WatchEvent[];
  /** A put keeps what an operation before it has deleted: KV-09 lets only the oddest do that. */
  lacksKey: boolean;
}

/** KV-08: nested comparisons, too, see the state before the transaction. KV-10: revision 0. */
const branch = (state: State, txn: Omit<Txn, 'token'>, draft: Draft): TxnResult => {
  const succeeded = allHold(state, txn.compares);
  const ops = succeeded ? txn.success : txn.failure;
  const responses = ops.map((op) => operate(state, op, draft));
  return { kind: 'txnResult', revision: revision(0), succeeded, responses };
};

const operate = (state: State, op: Op, draft: Draft): ResponseOp => {
  switch (op.kind) {
    case 'range':
      return rangeIn(state, op, draft);
    case 'put':
      return putIn(state, op, draft);
    case 'deleteRange':
      return deleteIn(state, op, draft);
    case 'txn':
      return branch(state, op, draft);
  }
};

/** KV-28: it sees what was written before it, unless it asks for a revision. */
const rangeIn = (state: State, op: Op & { readonly kind: 'range' }, draft: Draft): ResponseOp => {
  const { revision: of } = op.view;
  const kvs = of > 0n ? kvsAt(state, revision(Number(of))) : draft.kvs;
  return viewOf(state, kvs, op, revisionOf(state, draft));
};

const putIn = (state: State, op: Op & { readonly kind: 'put' }, draft: Draft): PutDone => {
  const at = nextRevision(state.revision);
  const old = draft.kvs.find(op.key) ?? null;
  if (old === null && (op.ignoreLease || op.ignoreValue)) draft.lacksKey = true;
  const kv = written(op, old, at);
  draft.kvs = draft.kvs.with(op.key, kv);
  draft.attachments = attach(draft.attachments, old, kv);
  // KV-13: a watch shows what was there in the revision before, unless the key is new.
  const before = kv.createRevision === at ? null : (state.kvs.find(op.key) ?? null);
  draft.events.push({ kind: 'put', kv, prevKv: before });
  return { kind: 'putDone', revision: at, prevKv: op.prevKv ? old : null };
};

const deleteIn = (
  state: State,
  op: Op & { readonly kind: 'deleteRange' },
  draft: Draft,
): Deleted => {
  const kvs = inRange(draft.kvs, op.key, op.rangeEnd);
  const keys = kvs.map((kv) => kv.key);
  const gone = deletion(draft, keys, nextRevision(state.revision));
  draft.kvs = gone.kvs;
  draft.attachments = gone.attachments;
  for (const { kind, kv } of gone.events) {
    draft.events.push({ kind, kv, prevKv: state.kvs.find(kv.key) ?? null });
  }
  const prevKvs = op.prevKv ? kvs : [];
  return { kind: 'deleted', revision: revisionOf(state, draft), deleted: kvs.length, prevKvs };
};

/** Of an operation's header: the new one, once anything was written. */
const revisionOf = (state: State, draft: Draft): Revision =>
  draft.events.length > 0 ? nextRevision(state.revision) : state.revision;

const NO_KEY: readonly RuleId[] = ['KV-08'];

const rulesOfTxn = (
  state: State,
  command: Txn,
  events: readonly WatchEvent[],
): readonly RuleId[] => {
  let rules = command.compares.length > 0 ? COMPARING : TXN;
  const taken = takenOps(state, command);
  const checked = taken.some((op) => op.kind === 'put' && (op.ignoreLease || op.ignoreValue));
  if (checked) rules = joined(rules, NO_KEY);
  if (taken.some((op) => op.kind === 'put' && op.lease !== 0n)) rules = joined(rules, NO_LEASE);
  const reads = events.length > 0 && taken.some((op) => op.kind === 'range');
  return reads ? joined(rules, READS) : rules;
};

const TXN: readonly RuleId[] = ['KV-10'];
const COMPARING: readonly RuleId[] = ['KV-10', 'KV-11'];
const NO_LEASE: readonly RuleId[] = ['KV-07'];
const READS: readonly RuleId[] = ['KV-28'];
