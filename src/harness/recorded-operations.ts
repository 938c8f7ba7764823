/** What a recorded command asked of the key-value store, in the words of a schedule. */
import { asBytes, type Bytes, FROM_KEY, prefixEnd } from '../api/bytes.ts';
import type { Compare, RangeView, RequestOp } from '../api/command.ts';
import type { Names } from './describe.ts';
import type { Action, CompareSpec, RevisionRef, TxnOp, ViewSpec } from './schedule.ts';

/** How a schedule calls what a command names. */
export interface RecordedWords extends Names {
  /** What the keys of the session begin with. */
  readonly keyPrefix: Bytes;
  /** A revision as the schedule gives it; 0 and less stay as they are. */
  readonly revisionOf: (revision: bigint) => RevisionRef;
}

export const recordedOp = (command: RequestOp, words: RecordedWords): TxnOp => {
  switch (command.kind) {
    case 'put':
      return recordedPut(command, words);
    case 'range':
      return { kind: 'range', ...recordedRange(command, words), view: view(command.view, words) };
    case 'deleteRange':
      return { kind: 'deleteRange', ...recordedRange(command, words), prevKv: command.prevKv };
    case 'txn':
      return {
        kind: 'txn',
        compares: command.compares.map((each) => compared(each, words)),
        success: command.success.map((each) => recordedOp(each, words)),
        failure: command.failure.map((each) => recordedOp(each, words)),
      };
  }
};

export const recordedRange = (
  { key, rangeEnd }: { readonly key: Bytes; readonly rangeEnd: Bytes },
  { keyPrefix, keyOf }: RecordedWords,
): { key: Bytes; rangeEnd: Bytes } => {
  const isFromKey = keyPrefix !== '' && rangeEnd === prefixEnd(keyPrefix);
  return { key: keyOf(key), rangeEnd: isFromKey ? FROM_KEY : keyOf(rangeEnd) };
};

/** Keys without what those of a session begin with. */
export const unprefixed =
  (keyPrefix: Bytes) =>
  (key: Bytes): Bytes =>
    key.startsWith(keyPrefix) ? asBytes(key.slice(keyPrefix.length)) : key;

const recordedPut = (
  command: RequestOp & { kind: 'put' },
  { keyOf, nameOf }: RecordedWords,
): Action & { kind: 'put' } => {
  const { value, ignoreLease, ignoreValue, prevKv } = command;
  const key = keyOf(command.key);
  const lease = command.lease === 0n ? null : nameOf(command.lease);
  const group = { count: 1, spread: false };
  return { kind: 'put', key, ...group, value, lease, ignoreLease, ignoreValue, prevKv };
};

const view = (recorded: RangeView, { revisionOf }: RecordedWords): ViewSpec => ({
  ...recorded,
  revision: revisionOf(recorded.revision),
  minModRevision: revisionOf(recorded.minModRevision),
  maxModRevision: revisionOf(recorded.maxModRevision),
  minCreateRevision: revisionOf(recorded.minCreateRevision),
  maxCreateRevision: revisionOf(recorded.maxCreateRevision),
});

const compared = (compare: Compare, words: RecordedWords): CompareSpec => {
  const common = { ...recordedRange(compare, words), result: compare.result };
  switch (compare.target) {
    case 'version':
      return { ...common, target: 'version', operand: compare.operand };
    case 'create':
    case 'mod': {
      const { target } = compare;
      return { ...common, target, operand: words.revisionOf(compare.operand) };
    }
    case 'lease': {
      const operand = compare.operand === 0n ? null : words.nameOf(compare.operand);
      return { ...common, target: 'lease', operand };
    }
    case 'value':
      return { ...common, target: 'value', operand: compare.operand };
  }
};
