/**
 * Cases that must occur now and then, of transactions, views, compactions, alarms and watches: the
 * twins of the rules about them, as in `sometimes.ts`.
 */
import type { Command, Compare, RequestOp, Txn } from '../api/command.ts';
import type { Input } from '../api/input.ts';
import type { Instant } from '../api/units.ts';
import { isOverdue, type State, type Step } from '../model/index.ts';

export const KV_SOMETIMES = [
  'a transaction took its then branch',
  'a transaction took its else branch',
  'a transaction within another wrote',
  'a transaction compared the lease of a key',
  'a transaction compared several keys at once',
  'a transaction was refused for a lease in the branch taken',
  'a transaction passed over an unknown lease in the other branch',
  'a transaction was refused for a key that it puts twice',
  'a transaction had too many operations',
  'a transaction attached a key to an overdue lease',
  'a transaction wrote several keys at one revision',
  'an older revision was read',
  'an older revision showed a key with a lease that was gone',
  'a compacted revision was asked for',
  'a revision to come was asked for',
  'a range was cut short',
  'a range showed keys alone',
  'a compaction left keys with leases',
  'a grant was refused for want of space',
  'a put was refused for want of space',
  'a lease was revoked while there was no space',
  'a lease expired while there was no space',
  'a watch began in the past',
  'a watch began in the future',
  'a watch began at a compacted revision',
  'the id of a watch was in use',
  'a watch was cancelled',
  'a watch saw the keys of a lease go',
  'a watch saw several events of one revision',
  'progress was told',
  'progress was told unasked',
] as const;

export type KvSometimes = (typeof KV_SOMETIMES)[number];

/** Cases that a real clock does not show: nobody compacts, or fills, what others share. */
export const KV_ONLY_VIRTUAL: readonly KvSometimes[] = [
  'a transaction attached a key to an overdue lease',
  'an older revision showed a key with a lease that was gone',
  'a compacted revision was asked for',
  'a revision to come was asked for',
  'a compaction left keys with leases',
  'a grant was refused for want of space',
  'a put was refused for want of space',
  'a lease was revoked while there was no space',
  'a lease expired while there was no space',
  'a watch began in the past',
  'a watch began in the future',
  'a watch began at a compacted revision',
  'the id of a watch was in use',
  'a watch was cancelled',
  'a watch saw the keys of a lease go',
  'a watch saw several events of one revision',
  'progress was told',
  'progress was told unasked',
];

/** Reports each case that `input` at `now` in `state` is one of. */
export function observeKv(
  state: State,
  input: Input,
  now: Instant,
  step: Step,
  saw: (what: KvSometimes) => void,
): void {
  if (step.deliveries.length > 0) observeDeliveries(input, step, saw);
  if (state.noSpace) observeNoSpace(state, input, step, saw);
  switch (input.kind) {
    case 'txn':
      return observeTxn(state, input, now, step, saw);
    case 'range':
      return observeRange(state, input, step, saw);
    case 'compact':
      return observeCompact(state, step, saw);
    case 'watch':
      return observeWatch(state, input, step, saw);
    case 'cancelWatch':
      if (step.answers.length > 0) saw('a watch was cancelled');
      return;
    case 'watchProgress':
      if (step.answers.length > 0) saw('progress was told');
      return;
    case 'notify':
      saw('progress was told unasked');
      return;
    default:
  }
}

type Saw = (what: KvSometimes) => void;

const observeNoSpace = (state: State, input: Input, step: Step, saw: Saw): void => {
  const response = step.answers[0]?.response;
  const isRefused = response?.kind === 'refused' && response.reason === 'no-space';
  if (input.kind === 'grant' && isRefused) saw('a grant was refused for want of space');
  if (input.kind === 'put' && isRefused) saw('a put was refused for want of space');
  if (input.kind === 'revoke' && response?.kind === 'revoked') {
    saw('a lease was revoked while there was no space');
  }
  if (input.kind === 'turn' && state.backlog === null && input.revoked.length > 0) {
    saw('a lease expired while there was no space');
  }
};

const observeCompact = (state: State, { answers }: Step, saw: Saw): void => {
  const response = answers[0]?.response;
  const refused = response?.kind === 'refused' ? response.reason : null;
  if (refused === 'compacted') saw('a compacted revision was asked for');
  if (refused === 'future-revision') saw('a revision to come was asked for');
  if (response?.kind === 'compacted' && state.attachments.size > 0) {
    saw('a compaction left keys with leases');
  }
};

const observeTxn = (state: State, input: Txn, now: Instant, step: Step, saw: Saw): void => {
  const response = step.answers[0]?.response;
  if (response?.kind === 'refused') {
    if (response.reason === 'lease-not-found') {
      saw('a transaction was refused for a lease in the branch taken');
    }
    if (response.reason === 'duplicate-key') {
      saw('a transaction was refused for a key that it puts twice');
    }
    if (response.reason === 'too-many-ops') saw('a transaction had too many operations');
    return;
  }
  if (response?.kind !== 'txnResult') return;
  if (compares(input, ({ target }) => target === 'lease')) {
    saw('a transaction compared the lease of a key');
  }
  if (compares(input, ({ rangeEnd }) => rangeEnd !== '')) {
    saw('a transaction compared several keys at once');
  }
  const { succeeded, responses } = response;
  saw(succeeded ? 'a transaction took its then branch' : 'a transaction took its else branch');
  if (inBranches(input, (op) => namesUnknown(state, op))) {
    saw('a transaction passed over an unknown lease in the other branch');
  }
  const isNested = responses.some((each) => each.kind === 'txnResult' && writes(each.responses));
  if (isNested) saw('a transaction within another wrote');
  if (step.events.length > 1 && new Set(step.events.map(({ kv }) => kv.key)).size > 1) {
    saw('a transaction wrote several keys at one revision');
  }
  const overdue = step.events.some(({ kind, kv }) => {
    const lease = kind === 'put' ? state.leases.find(kv.lease) : undefined;
    return lease !== undefined && isOverdue(lease, now);
  });
  if (overdue) saw('a transaction attached a key to an overdue lease');
};

const observeRange = (
  state: State,
  { view }: Command & { kind: 'range' },
  step: Step,
  saw: Saw,
): void => {
  const response = step.answers[0]?.response;
  if (response?.kind === 'refused') {
    if (response.reason === 'compacted') saw('a compacted revision was asked for');
    if (response.reason === 'future-revision') saw('a revision to come was asked for');
  }
  if (response?.kind !== 'rangeResult') return;
  if (response.more) saw('a range was cut short');
  if (view.keysOnly && response.kvs.length > 0) saw('a range showed keys alone');
  if (view.revision <= 0n || view.revision >= BigInt(state.revision)) return;
  saw('an older revision was read');
  const isGone = response.kvs.some(
    ({ lease }) => lease !== 0n && state.leases.find(lease) === undefined,
  );
  if (isGone) saw('an older revision showed a key with a lease that was gone');
};

const observeWatch = (
  state: State,
  { startRevision }: Command & { kind: 'watch' },
  step: Step,
  saw: Saw,
): void => {
  const response = step.answers[0]?.response;
  if (response?.kind === 'refused' && response.reason === 'watch-id-in-use') {
    saw('the id of a watch was in use');
  }
  const hasEnded = step.deliveries.some(({ compactRevision }) => compactRevision !== 0);
  if (hasEnded) saw('a watch began at a compacted revision');
  else if (step.deliveries.length > 0) saw('a watch began in the past');
  if (response?.kind === 'watchCreated' && startRevision > BigInt(state.revision) + 1n)
    saw('a watch began in the future');
};

const observeDeliveries = (input: Input, { deliveries }: Step, saw: Saw): void => {
  const byLease = input.kind === 'turn' || input.kind === 'revoke';
  if (byLease) saw('a watch saw the keys of a lease go');
  if (deliveries.some(({ events }) => events.length > 1)) {
    saw('a watch saw several events of one revision');
  }
};

type PlainTxn = Omit<Txn, 'token'>;

/** Whether a comparison is so, in the transaction or in one within it. */
const compares = (txn: PlainTxn, wanted: (compare: Compare) => boolean): boolean =>
  txn.compares.some(wanted) || inBranches(txn, (op) => op.kind === 'txn' && compares(op, wanted));

const namesUnknown = (state: State, op: RequestOp): boolean =>
  op.kind === 'txn'
    ? inBranches(op, (each) => namesUnknown(state, each))
    : op.kind === 'put' && op.lease !== 0n && state.leases.find(op.lease) === undefined;

const inBranches = (txn: PlainTxn, wanted: (op: RequestOp) => boolean): boolean =>
  txn.success.some(wanted) || txn.failure.some(wanted);

const writes = (responses: readonly { readonly kind: string }[]): boolean =>
  responses.some(({ kind }) => kind === 'putDone' || kind === 'deleted');
