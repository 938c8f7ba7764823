/** KV-09: a transaction may not put a key twice, nor put one that it deletes. */
import type { Bytes } from '../api/bytes.ts';
import type { DeleteRange, RequestOp } from '../api/command.ts';

/** Whether operations of one branch get in each other's way. */
export const hasDuplicateKey = (ops: readonly RequestOp[]): boolean =>
  // One operation by itself gets in nobody's way.
  (ops.length > 1 || ops[0]?.kind === 'txn') && touched(ops) === null;

/** What a branch writes, with all that is nested in it. */
interface Touched {
  readonly puts: ReadonlySet<Bytes>;
  readonly deletions: readonly Deletion[];
}

type Deletion = Omit<DeleteRange, 'token'>;

/**
 * Null: a key is touched twice. The order is that of etcd: the deletions of the branch, then nested
 * transactions one by one, then its puts. So a nested deletion gets in the way only of what comes
 * after it.
 */
const touched = (ops: readonly RequestOp[]): Touched | null => {
  const deletions = ops.filter((op) => op.kind === 'deleteRange');
  const puts = new Set<Bytes>();
  const isTouched = (key: Bytes): boolean =>
    puts.has(key) || deletions.some((deletion) => covers(deletion, key));
  for (const op of ops) {
    if (op.kind !== 'txn') continue;
    const success = touched(op.success);
    const failure = touched(op.failure);
    if (success === null || failure === null) return null;
    // Only one of the two will happen: what both put is put once.
    const nested = new Set([...success.puts, ...failure.puts]);
    if ([...nested].some(isTouched)) return null;
    for (const key of nested) puts.add(key);
    deletions.push(...success.deletions, ...failure.deletions);
  }
  for (const op of ops) {
    if (op.kind !== 'put') continue;
    if (isTouched(op.key)) return null;
    puts.add(op.key);
  }
  return { puts, deletions };
};

/** Takes the end of a range literally, so that "from this key on" covers nothing. */
const covers = ({ key: first, rangeEnd }: Deletion, key: Bytes): boolean =>
  rangeEnd === '' ? key === first : key >= first && key < rangeEnd;
