/** The text form of transactions, of views of ranges, and of watches: their words, one by one. */
import type { Action, CompareSpec, TxnOp, ViewSpec } from './schedule.ts';
import { printBytes, printId, printRange, printStream } from './words.ts';

/**
 * `put k lease=A`, `get k rev=3`, `del k`, or all of it in one:
 * `txn if lease(k)=A version(j)>0 then put k; get j else (txn then del k)`.
 */
export const printOp = (op: TxnOp): string => {
  switch (op.kind) {
    case 'put':
      return printPut(op);
    case 'range':
      return ['get', printRange(op.key, op.rangeEnd), ...viewWords(op.view)].join(' ');
    case 'deleteRange':
      return `del ${printRange(op.key, op.rangeEnd)}${op.prevKv ? ' prev-kv' : ''}`;
    case 'txn':
      return [
        'txn',
        ...(op.compares.length === 0 ? [] : ['if', ...op.compares.map(printCompare)]),
        ...branchWords('then', op.success),
        ...branchWords('else', op.failure),
      ].join(' ');
  }
};

/** What a range shows, where it is not everything as it is now. */
const viewWords = (view: ViewSpec): string[] => {
  const { sortOrder } = view;
  const option = (name: string, value: string | bigint): string[] =>
    String(value) === '0' ? [] : [`${name}=${value}`];
  return [
    ...option('rev', view.revision),
    ...option('limit', view.limit),
    ...(view.sortTarget === 'key' ? [] : [`sort=${view.sortTarget}`]),
    ...(sortOrder === 'none' ? [] : [sortOrder === 'ascend' ? 'asc' : 'desc']),
    ...(view.keysOnly ? ['keys-only'] : []),
    ...(view.countOnly ? ['count-only'] : []),
    ...(view.serializable ? ['serializable'] : []),
    ...option('min-mod', view.minModRevision),
    ...option('max-mod', view.maxModRevision),
    ...option('min-create', view.minCreateRevision),
    ...option('max-create', view.maxCreateRevision),
  ];
};

export const watchWords = (action: Action & { kind: 'watch' }): string[] => [
  action.name,
  printRange(action.key, action.rangeEnd),
  ...(action.startRevision === '0' ? [] : [`from=${action.startRevision}`]),
  ...(action.prevKv ? ['prev-kv'] : []),
  ...(action.noPut ? ['no-put'] : []),
  ...(action.noDelete ? ['no-delete'] : []),
  ...(action.progressNotify ? ['progress-notify'] : []),
  ...(action.fragment ? ['fragment'] : []),
  ...printStream(action.stream),
  ...printId(action.id),
];

/** How the results of comparisons are written. */
export const SIGNS: Readonly<Record<CompareSpec['result'], string>> = {
  equal: '=',
  notEqual: '!=',
  greater: '>',
  less: '<',
};

const printCompare = (compare: CompareSpec): string => {
  const { target, key, rangeEnd, result } = compare;
  return `${target}(${printRange(key, rangeEnd)})${SIGNS[result]}${printOperand(compare)}`;
};

const printOperand = (compare: CompareSpec): string => {
  switch (compare.target) {
    case 'version':
    case 'create':
    case 'mod':
      return String(compare.operand);
    case 'lease':
      return compare.operand ?? 'none';
    case 'value':
      return printBytes(compare.operand);
  }
};

const branchWords = (name: string, ops: readonly TxnOp[]): string[] =>
  ops.length === 0 ? [] : [name, ops.map(printInner).join('; ')];

const printInner = (op: TxnOp): string => (op.kind === 'txn' ? `(${printOp(op)})` : printOp(op));

const printPut = (action: Action & { kind: 'put' }): string => {
  const count = action.count === 1 ? '' : `*${action.count}`;
  const words = [`put ${printBytes(action.key)}${count}`];
  if (action.value !== '') words.push(`value=${printBytes(action.value)}`);
  if (action.lease !== null) words.push(`lease=${action.lease}${action.spread ? count : ''}`);
  if (action.ignoreLease) words.push('ignore-lease');
  if (action.ignoreValue) words.push('ignore-value');
  if (action.prevKv) words.push('prev-kv');
  return words.join(' ');
};
