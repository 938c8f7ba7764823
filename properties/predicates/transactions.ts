/** Properties of transactions. */
import type { RequestOp } from '../../src/api/command.ts';
import { lifeAt } from '../chronicle.ts';
import type { Property } from '../property.ts';
import { isPlain } from './key-value.ts';
import {
  allOps,
  answeredOps,
  answeredTxns,
  type Branches,
  type SimpleOp,
  succeeds,
  taken,
  type TxnRequest,
  txns,
} from './txn-words.ts';

export const unknownLease: Property = {
  title: 'KV-07: an unknown lease fails a transaction in the branch taken, and nowhere else',
  sometimes: ['in the branch taken', 'in a nested branch taken', 'in another branch'],
  *cases(history) {
    for (const request of txns(history)) {
      const { command, entry, response, store, writes } = request;
      if (reasonOf(request) === 'no-space') continue;
      const isUnknown = (op: RequestOp): boolean =>
        op.kind === 'put' && op.lease !== 0n && lifeAt(history, op.lease, entry) === null;
      const name = taken(store, command).some(isUnknown)
        ? command[succeeds(store, command) ? 'success' : 'failure'].some(isUnknown)
          ? 'in the branch taken'
          : 'in a nested branch taken'
        : allOps(command).some(isUnknown)
          ? 'in another branch'
          : null;
      if (name === null) continue;
      const isIn = name !== 'in another branch';
      const observed = isIn
        ? `${response?.kind}, ${writes.length} writes`
        : `${reasonOf(request) !== 'lease-not-found'}`;
      yield { name, entry, expected: isIn ? 'refused, 0 writes' : 'true', observed };
    }
  },
};

export const stateBefore: Property = {
  title: 'KV-08: the checks and comparisons of a transaction see the state before it',
  sometimes: ['a nested comparison', 'a flag on a key that is not there'],
  *cases(history) {
    for (const request of txns(history)) {
      const { command, entry, response, store } = request;
      if (response?.kind === 'txnResult') {
        for (const [nested, result] of [...answeredTxns(command, response)].slice(1)) {
          const expected = `${succeeds(store, nested)}`;
          const observed = `${result.succeeded}`;
          yield { name: 'a nested comparison', entry, expected, observed };
        }
      }
      const isWanting = (op: SimpleOp): boolean =>
        op.kind === 'put' && (op.ignoreLease || op.ignoreValue) && !store.has(op.key);
      if (!taken(store, command).some(isWanting)) continue;
      const name = 'a flag on a key that is not there';
      yield { name, entry, expected: 'refused', observed: `${response?.kind}` };
    }
  },
};

export const touchedTwice: Property = {
  title: 'KV-09: a key that a branch puts is not put again or deleted there',
  sometimes: ['a key put twice', 'a key put and deleted', 'every key once'],
  *cases(history) {
    for (const request of txns(history)) {
      const { command, entry } = request;
      const name = [command.success, command.failure].map(touching).find((word) => word !== null);
      const said = reasonOf(request);
      if (name !== undefined) {
        const isRefused = said === 'duplicate-key' || EDGE.has(said);
        yield { name, entry, expected: 'true', observed: `${isRefused}` };
      } else if (isOnce(command.success) && isOnce(command.failure)) {
        const observed = `${said !== 'duplicate-key'}`;
        yield { name: 'every key once', entry, expected: 'true', observed };
      }
    }
  },
};

export const oneRevision: Property = {
  title: 'KV-10: all writes of a transaction share one revision; a nested one answers with none',
  sometimes: ['several writes', 'a write', 'no write', 'a nested one'],
  *cases(history) {
    for (const { command, entry, response, revision, writes } of txns(history)) {
      if (response?.kind !== 'txnResult') continue;
      const events = writes.flatMap((write) => write.events);
      const at = events.length === 0 ? revision : revision + 1;
      const revisions = events.map(({ kv }) => kv.modRevision);
      const observed = [...new Set([response.revision, ...revisions])].join();
      const count = events.length === 1 ? 'a write' : 'several writes';
      const name = events.length === 0 ? 'no write' : count;
      yield { name, entry, expected: `${at}`, observed };
      for (const [, nested] of [...answeredTxns(command, response)].slice(1)) {
        yield { name: 'a nested one', entry, expected: '0', observed: `${nested.revision}` };
      }
    }
  },
};

export const comparisons: Property = {
  title: 'KV-11: a missing key compares as zeros, its value as nothing; of a range, every key',
  sometimes: ['a lease', 'a missing key', 'a missing value', 'a range', 'a value', 'a number'],
  *cases(history) {
    for (const { command, entry, response, store } of txns(history)) {
      if (response?.kind !== 'txnResult') continue;
      for (const { key, rangeEnd, target } of command.compares) {
        const missing = target === 'value' ? 'a missing value' : 'a missing key';
        const what = target === 'value' || target === 'lease' ? `a ${target}` : 'a number';
        const one = store.has(key) ? what : missing;
        const expected = `${succeeds(store, command)}`;
        const observed = `${response.succeeded}`;
        yield { name: rangeEnd === '' ? one : 'a range', entry, expected, observed };
      }
    }
  },
};

export const seesItsWrites: Property = {
  title: 'KV-28: an operation of a transaction sees what those before it wrote',
  sometimes: ['a range after a put', 'a range after a delete', 'a delete after a delete'],
  *cases(history) {
    for (const { command, entry, response, revision } of txns(history)) {
      if (response?.kind !== 'txnResult') continue;
      const put = new Set<string>();
      const gone = new Set<string>();
      for (const [op, answer] of answeredOps(command, response)) {
        if (op.kind === 'txn') break;
        if (op.kind === 'put') {
          put.add(op.key);
          continue;
        }
        if (op.rangeEnd !== '') continue;
        if (op.kind === 'deleteRange' && answer.kind === 'deleted') {
          if (gone.has(op.key)) {
            const observed = `${answer.deleted} deleted`;
            yield { name: 'a delete after a delete', entry, expected: '0 deleted', observed };
          }
          gone.add(op.key);
        } else if (op.kind === 'range' && answer.kind === 'rangeResult') {
          if (!isPlain(op.view)) continue;
          const observed = answer.kvs.map((kv) => kv.modRevision).join();
          if (put.has(op.key)) {
            const expected = `${revision + 1}`;
            yield { name: 'a range after a put', entry, expected, observed };
          } else if (gone.has(op.key)) {
            yield { name: 'a range after a delete', entry, expected: '', observed };
          }
        }
      }
    }
  },
};

/** What can be wrong with a request before its keys are compared. */
const EDGE: ReadonlySet<string> = new Set(['key-empty', 'value-provided', 'lease-provided']);

const reasonOf = ({ response }: TxnRequest): string =>
  response?.kind === 'refused' ? response.reason : 'none';

/** How operations of one list get in each other's way, or null. */
const touching = (ops: readonly RequestOp[]): string | null => {
  const put = ops.filter((op) => op.kind === 'put').map(({ key }) => key);
  if (new Set(put).size < put.length) return 'a key put twice';
  const isDeleted = ops.some(
    (op) => op.kind === 'deleteRange' && op.rangeEnd === '' && put.includes(op.key),
  );
  return isDeleted ? 'a key put and deleted' : null;
};

/** No key is named twice by what writes, with all that is nested. */
const isOnce = (ops: readonly RequestOp[]): boolean => {
  const branches: Branches = { kind: 'txn', compares: [], success: ops, failure: [] };
  const writes = allOps(branches).filter((op) => op.kind !== 'range');
  const single = writes.every((op) => op.kind === 'put' || op.rangeEnd === '');
  return single && new Set(writes.map(({ key }) => key)).size === writes.length;
};
