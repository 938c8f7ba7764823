/** The same of transactions, views, watches and the alarm: a bug that each must not let pass. */
import type { Range, RangeView, RequestOp, Txn } from '../src/api/command.ts';
import type { Revision } from '../src/api/units.ts';
import * as noSpace from '../properties/predicates/no-space.ts';
import * as transactions from '../properties/predicates/transactions.ts';
import * as views from '../properties/predicates/views.ts';
import * as watches from '../properties/predicates/watches.ts';
import type { BuggedProperty } from './bug-for-each-property.ts';
import { answering, type Bug, refused, understanding } from './planted-bugs.ts';

type Branches = Omit<Txn, 'token'>;

/** A transaction with its operations changed, those of nested ones too. */
const withOps = <T extends Branches>(txn: T, change: (op: RequestOp) => RequestOp): T => {
  const all = (ops: readonly RequestOp[]): RequestOp[] =>
    ops.map((op) => change(op.kind === 'txn' ? withOps(op, change) : op));
  return { ...txn, success: all(txn.success), failure: all(txn.failure) };
};

const onTxn = (understood: (txn: Txn) => Txn) => understanding('txn', understood);

const onView = (change: (view: RangeView) => Partial<RangeView>) =>
  understanding('range', (c): Range => ({ ...c, view: { ...c.view, ...change(c.view) } }));

/** A bug that shows only while the alarm is raised. */
const whileRaised = (bug: (isRaised: () => boolean) => Bug) => (): Bug => {
  let raised = false;
  return {
    command: (c) => {
      if (c.kind === 'alarm' && c.action !== 'list') raised = c.action === 'raise';
      return c;
    },
    ...bug(() => raised),
  };
};

/** A bug that shows only after a compaction. */
const onceCompacted = (): Bug => {
  let compacted = false;
  return {
    response: (response) => {
      if (response.kind === 'compacted') compacted = true;
      return compacted && response.kind === 'remainingTtl' ? { ...response, keys: [] } : response;
    },
  };
};

export const KV_BUGS: readonly BuggedProperty[] = [
  [
    transactions.unknownLease,
    'it is taken for none',
    onTxn((c) => withOps(c, (op) => (op.kind === 'put' ? { ...op, lease: 0n } : op))),
  ],
  [
    transactions.stateBefore,
    'nested ones compare nothing',
    onTxn((c) => withOps(c, (op) => (op.kind === 'txn' ? { ...op, compares: [] } : op))),
  ],
  [
    transactions.touchedTwice,
    'it is refused for another reason',
    answering('refused', (r) => (r.reason === 'duplicate-key' ? refused('key-not-found') : r)),
  ],
  [
    transactions.oneRevision,
    'it answers with the next one',
    answering('txnResult', (r) => ({ ...r, revision: (r.revision + 1) as Revision })),
  ],
  [
    transactions.comparisons,
    'unequal is equal',
    onTxn((c) => ({
      ...c,
      compares: c.compares.map((each) =>
        each.result === 'notEqual' ? { ...each, result: 'equal' } : each,
      ),
    })),
  ],
  [
    transactions.seesItsWrites,
    'ranges see the state before',
    answering('txnResult', (r) => ({
      ...r,
      responses: r.responses.map((each) =>
        each.kind === 'rangeResult'
          ? { ...each, kvs: each.kvs.filter((kv) => kv.modRevision < r.revision) }
          : each,
      ),
    })),
  ],
  [
    views.countsAll,
    'those shown are counted',
    answering('rangeResult', (r) => ({ ...r, count: r.kvs.length })),
  ],
  [views.bounded, 'bounds are forgotten', onView(() => ({ minModRevision: 0n, limit: 0n }))],
  [
    views.sorted,
    'the order is forgotten',
    onView(() => ({ sortOrder: 'none', sortTarget: 'key' })),
  ],
  [views.keysAlone, 'the values come along', onView(() => ({ keysOnly: false }))],
  [
    views.asTheyWere,
    'they are shown as they are',
    onView((view) => ({ revision: view.revision > 0n ? 0n : view.revision })),
  ],
  [
    views.pastLease,
    'the past has no leases',
    answering('rangeResult', (r, c) =>
      c.kind === 'range' && c.view.revision > 0n
        ? { ...r, kvs: r.kvs.map((kv) => ({ ...kv, lease: 0n })) }
        : r,
    ),
  ],
  [
    views.compactions,
    'any will do',
    answering('refused', (r, c) =>
      c.kind === 'compact' ? { kind: 'compacted', revision: 1 as Revision } : r,
    ),
  ],
  [views.attachmentsLast, 'no key is listed any more', onceCompacted],
  [
    watches.compactedStart,
    'the end has a revision',
    () => ({
      delivery: (d) => (d.compactRevision === 0 ? d : { ...d, revision: d.compactRevision }),
    }),
  ],
  [
    watches.revisionsTogether,
    'events come backwards',
    () => ({ delivery: (d) => ({ ...d, events: d.events.toReversed() }) }),
  ],
  [
    watches.fromItsStart,
    'every watch begins now',
    understanding('watch', (c) => ({ ...c, startRevision: 0n })),
  ],
  [
    watches.asAskedFor,
    'previous values come unasked',
    understanding('watch', (c) => ({ ...c, prevKv: true })),
  ],
  [
    watches.idsCounted,
    'they are counted from 1',
    answering('watchCreated', (r) => ({ ...r, watch: r.watch + 1n })),
  ],
  [watches.cancelled, 'nobody is told', answering('watchCanceled', () => null)],
  [
    watches.progressTold,
    'it is ahead',
    answering('progress', (r) => ({ ...r, revision: (r.revision + 1) as Revision })),
  ],
  [
    watches.progressByItself,
    'it is told to all',
    understanding('watch', (c) => ({ ...c, progressNotify: true })),
  ],
  [
    noSpace.noGrantsNorPuts,
    'puts go on',
    answering('refused', (r, c) =>
      r.reason === 'no-space' && c.kind === 'put'
        ? { kind: 'putDone', revision: 1 as Revision, prevKv: null }
        : r,
    ),
  ],
  [
    noSpace.revokesGoOn,
    'it is refused',
    whileRaised((isRaised) => ({
      response: (r, c) => (c.kind === 'revoke' && isRaised() ? refused('no-space') : r),
    })),
  ],
  [
    noSpace.expiryGoesOn,
    'turns do nothing',
    whileRaised((isRaised) => ({ turn: (revoked) => (isRaised() ? [] : revoked) })),
  ],
  [
    noSpace.alarmTold,
    'the answer is the opposite',
    answering('alarms', (r) => ({ ...r, noSpace: !r.noSpace })),
  ],
];
