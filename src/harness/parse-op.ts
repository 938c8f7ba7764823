/** Reads puts, ranges, deletions, and the transactions that are made of them. */
import { NO_BYTES } from '../api/bytes.ts';
import { LIMITS } from '../limits.ts';
import {
  fail,
  int64,
  parseGroup,
  parseKey,
  parseRange,
  parseRef,
  parseRevision,
  splitWords,
  Words,
} from './parse-words.ts';
import type { CompareSpec, TxnOp, ViewSpec } from './schedule.ts';
import { SIGNS } from './txn-text.ts';

/** By verb: what a transaction can do, and a client by itself. */
export const OPS: Readonly<Record<string, (words: Words) => TxnOp>> = {
  put: (words) => parsePut(words),
  get: (words) => {
    const view = parseView(words);
    return { kind: 'range', ...parseRange(words), view };
  },
  del: (words) => {
    const prevKv = words.flag('prev-kv');
    return { kind: 'deleteRange', ...parseRange(words), prevKv };
  },
  txn: (words) => {
    const txn = parseTxn(words);
    if (words.optional() !== undefined) fail(')', 'the end of the line');
    return txn;
  },
};

const parsePut = (words: Words): TxnOp & { kind: 'put' } => {
  const ignoreLease = words.flag('ignore-lease');
  const ignoreValue = words.flag('ignore-value');
  const prevKv = words.flag('prev-kv');
  const value = words.option('value');
  const leaseText = words.option('lease');
  const { name: key, count } = parseGroup(words.next('a key'), parseKey);
  const lease = leaseText === undefined ? null : parseGroup(leaseText, parseRef);
  const spread = lease !== null && lease.count > 1;
  if (spread && lease.count !== count)
    fail(`lease=${leaseText}`, `as many leases as keys, ${count}`);
  return {
    kind: 'put',
    key,
    count,
    value: value === undefined ? NO_BYTES : parseKey(value),
    lease: lease === null ? null : lease.name,
    spread,
    ignoreLease,
    ignoreValue,
    prevKv,
  };
};

const SORT_TARGETS = ['key', 'version', 'create', 'mod', 'value'] as const;

const parseView = (words: Words): ViewSpec => {
  const revision = (name: string): string => parseRevision(words.option(name) ?? '0');
  const sort = words.option('sort') ?? 'key';
  const descends = words.flag('desc');
  const ascends = words.flag('asc');
  if (ascends && descends) fail('asc desc', 'one of them');
  return {
    revision: revision('rev'),
    limit: int64(words.option('limit') ?? '0'),
    sortOrder: descends ? 'descend' : ascends ? 'ascend' : 'none',
    sortTarget: SORT_TARGETS.find((each) => each === sort) ?? fail(sort, SORT_TARGETS.join(', ')),
    serializable: words.flag('serializable'),
    keysOnly: words.flag('keys-only'),
    countOnly: words.flag('count-only'),
    minModRevision: revision('min-mod'),
    maxModRevision: revision('max-mod'),
    minCreateRevision: revision('min-create'),
    maxCreateRevision: revision('max-create'),
  };
};

/** `[if COMPARISON …] [then OP; …] [else OP; …]`, up to a `)` or the end. */
const parseTxn = (words: Words, depth = 0): TxnOp & { kind: 'txn' } => {
  if (depth > LIMITS.nesting) fail('(txn', `${LIMITS.nesting} transactions in one another at most`);
  const compares: CompareSpec[] = [];
  if (words.flagNext('if')) {
    while (!ENDS.has(words.peek() ?? ')')) compares.push(parseCompare(words.next('a comparison')));
  }
  const success = words.flagNext('then') ? parseOps(words, depth) : [];
  const failure = words.flagNext('else') ? parseOps(words, depth) : [];
  const rest = words.peek() ?? ')';
  if (rest !== ')') fail(rest, 'if, then, else or the end');
  return { kind: 'txn', compares, success, failure };
};

/** What ends the words of one operation, or the comparisons. */
const ENDS: ReadonlySet<string> = new Set([';', ')', 'then', 'else']);

const parseOps = (words: Words, depth: number): readonly TxnOp[] => {
  const ops = [parseInner(words, depth)];
  while (words.flagNext(';')) ops.push(parseInner(words, depth));
  return ops;
};

const parseInner = (words: Words, depth: number): TxnOp => {
  if (words.flagNext('(')) {
    const verb = words.next('a transaction');
    if (verb !== 'txn') fail(verb, 'txn');
    const txn = parseTxn(words, depth + 1);
    words.next(')');
    return txn;
  }
  const verb = words.next('an operation');
  const own: string[] = [];
  while (!ENDS.has(words.peek() ?? ')')) own.push(words.next('a word'));
  if (verb === 'txn') fail(verb, 'a transaction within another in parentheses');
  const read = OPS[verb] ?? fail(verb, 'put, get, del or (txn …)');
  const rest = new Words(own);
  const op = read(rest);
  rest.end();
  if (op.kind === 'put' && op.count > 1) fail(`*${op.count}`, 'one key');
  return op;
};

const COMPARISON =
  /^(version|create|mod|lease|value)\(((?:"(?:[^"\\]|\\.)*"|[^"()])*)\)(!=|[=<>])(.*)$/s;

const parseCompare = (text: string): CompareSpec => {
  const [, target, keys = '', sign, operand = ''] =
    COMPARISON.exec(text) ?? fail(text, 'a comparison such as lease(k)=A, version(k)>0');
  const words = new Words(splitWords(keys));
  const range = parseRange(words);
  words.end();
  const [result] = Object.entries(SIGNS).find(([, each]) => each === sign) ?? fail(text, '=');
  const common = { ...range, result: result as CompareSpec['result'] };
  switch (target as CompareSpec['target']) {
    case 'version':
      return { ...common, target: 'version', operand: int64(operand) };
    case 'create':
      return { ...common, target: 'create', operand: parseRevision(operand) };
    case 'mod':
      return { ...common, target: 'mod', operand: parseRevision(operand) };
    case 'lease':
      return { ...common, target: 'lease', operand: operand === 'none' ? null : parseRef(operand) };
    case 'value':
      return { ...common, target: 'value', operand: parseKey(operand) };
  }
};
