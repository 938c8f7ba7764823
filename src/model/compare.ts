/** Comparisons of a transaction (KV-11). */
import type { Compare } from '../api/command.ts';
import type { KeyValue } from '../api/response.ts';
import { inRange } from './range.ts';
import type { State } from './state.ts';

/** None is as good as all. */
export const allHold = (state: State, compares: readonly Compare[]): boolean =>
  compares.every((compare) => holds(state, compare));

const holds = (state: State, compare: Compare): boolean => {
  const kvs = inRange(state.kvs, compare.key, compare.rangeEnd);
  // KV-11: a key that is not there has no value, but every number of it is 0.
  if (kvs.length === 0) return compare.target !== 'value' && isSo(compare, 0n, compare.operand);
  return kvs.every((kv) => isTrueOf(kv, compare));
};

const isTrueOf = (kv: KeyValue, compare: Compare): boolean => {
  switch (compare.target) {
    case 'value':
      return isSo(compare, kv.value, compare.operand);
    case 'version':
      return isSo(compare, BigInt(kv.version), compare.operand);
    case 'create':
      return isSo(compare, BigInt(kv.createRevision), compare.operand);
    case 'mod':
      return isSo(compare, BigInt(kv.modRevision), compare.operand);
    case 'lease':
      return isSo(compare, kv.lease, compare.operand);
  }
};

const isSo = <T extends bigint | string>({ result }: Compare, found: T, operand: T): boolean => {
  switch (result) {
    case 'equal':
      return found === operand;
    case 'notEqual':
      return found !== operand;
    case 'greater':
      return found > operand;
    case 'less':
      return found < operand;
  }
};
