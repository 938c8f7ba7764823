/** Transactions: what is checked, compared, and done together. */
import type { Mutant } from '../mutant.ts';

export const TRANSACTIONS: readonly Mutant[] = [
  {
    id: 'txn-checks-other-branch',
    file: 'txn.ts',
    search: '  const reason = branchRefusal(server, branch);\n',
    replace: `  const other = branch.succeeded ? request.failure : request.success;
  const reason =
    branchRefusal(server, branch) ??
    branchRefusal(server, taken(store, { ...request, compares: [], success: other }));
`,
    rules: ['KV-07', 'KV-08', 'KV-10', 'KV-19', 'KV-11'],
    note: 'A transaction fails for what the branch not taken asks for.',
  },
  {
    id: 'txn-key-twice',
    file: 'txn-shape.ts',
    search:
      "  return isDistinct(txn.success) && isDistinct(txn.failure) ? undefined : 'duplicate-key';",
    replace: '  return undefined;',
    rules: ['KV-09'],
    note: 'A transaction may put a key twice.',
  },
  {
    id: 'txn-key-twice-in-else',
    file: 'txn-shape.ts',
    search: ' && isDistinct(txn.failure)',
    replace: '',
    rules: ['KV-09'],
    note: 'The else branch may put a key twice.',
  },
  {
    id: 'txn-put-and-delete',
    file: 'txn-shape.ts',
    search: '!puts.has(key) && !deleted.contains(key);',
    replace: '!puts.has(key);',
    rules: ['KV-09'],
    note: 'A transaction may put a key that it deletes.',
  },
  {
    id: 'txn-nested-header',
    file: 'txn.ts',
    search: '      const revision = toRevision(0);\n',
    replace: '      const { revision } = staged;\n',
    rules: ['KV-10'],
    note: 'A nested transaction answers with a revision.',
  },
  {
    id: 'txn-header-behind',
    file: 'txn.ts',
    search: '  const { revision } = staged;\n  commit',
    replace: '  const { revision } = store;\n  commit',
    rules: ['KV-10'],
    note: 'A transaction answers with the revision before its writes.',
  },
  {
    id: 'txn-range-sees-before',
    file: 'txn.ts',
    search: '      return rangeResult(server, staged, op);',
    replace: `      return rangeResult(
        server,
        { revision: staged.revision, range: (key, end) => server.store.range(key, end) },
        op,
      );`,
    rules: ['KV-28'],
    note: 'A range does not see what its transaction has written.',
  },
  {
    id: 'txn-events-by-key',
    file: 'txn.ts',
    search: '  changes.map((kv) => {',
    replace: '  [...changes].sort((a, b) => (a.key < b.key ? -1 : 1)).map((kv) => {',
    rules: ['KV-10', 'KV-22'],
    note: 'The events of a transaction come in the order of their keys.',
  },
  {
    id: 'txn-previous-unasked',
    file: 'txn.ts',
    search: 'const prevKv = op.prevKv ? (previous ?? null) : null;',
    replace: 'const prevKv = previous ?? null;',
    rules: ['KV-10', 'KV-13', 'KV-28'],
    note: 'A put in a transaction answers with the previous value unasked.',
  },
  {
    id: 'txn-keeps-lease',
    file: 'txn.ts',
    search: 'const lease = op.ignoreLease && previous !== undefined',
    replace: 'const lease = op.lease === 0n && previous !== undefined',
    rules: ['KV-10', 'KV-02', 'KV-28'],
    note: 'A put without a lease in a transaction leaves the key on the one it had.',
  },
  {
    id: 'txn-key-before-lease',
    file: 'txn.ts',
    search: "if (isMissing && etcd !== '3.7')",
    replace: 'if (isMissing)',
    config: { etcd: '3.7' },
    rules: ['KV-05'],
    note: 'In 3.7 too a transaction looks for the key before the lease.',
  },
  {
    id: 'txn-puts-checked-first',
    file: 'txn.ts',
    search: "      return firstRefusal(server, branch, ['put', 'range']);",
    replace: `      return (
        firstRefusal(server, branch, ['put']) ?? firstRefusal(server, branch, ['range'])
      );`,
    config: { etcd: '3.6' },
    rules: ['KV-08'],
    note: 'In 3.6 too a transaction checks its puts before its ranges.',
  },
  {
    id: 'compare-missing-lease-false',
    file: 'txn-compare.ts',
    search: "compare.target !== 'value' && agrees",
    replace: "compare.target !== 'value' && compare.target !== 'lease' && agrees",
    rules: ['KV-11'],
    note: 'No comparison with the lease of a missing key holds.',
  },
  {
    id: 'compare-missing-value-empty',
    file: 'txn-compare.ts',
    search: "compare.target !== 'value' && agrees(compare, sign(0n, compare.operand));",
    replace: `(compare.target === 'value'
    ? agrees(compare, sign('', compare.operand))
    : agrees(compare, sign(0n, compare.operand)));`,
    rules: ['KV-11'],
    note: 'A missing key compares as an empty value.',
  },
  {
    id: 'compare-any-of-range',
    file: 'txn-compare.ts',
    search: 'kvs.every(',
    replace: 'kvs.some(',
    rules: ['KV-11'],
    note: 'One key of a range is enough for a comparison to hold.',
  },
  {
    id: 'compare-create-for-mod',
    file: 'txn-compare.ts',
    search: 'BigInt(kv.modRevision)',
    replace: 'BigInt(kv.createRevision)',
    rules: ['KV-11', 'KV-08'],
    note: 'A comparison with the mod revision looks at the create revision.',
  },
  {
    id: 'put-without-space',
    file: 'kv-requests.ts',
    search: "  if (space.isExhausted) return refused('no-space');\n",
    replace: '',
    rules: ['GRANT-09'],
    note: 'The NOSPACE alarm does not stop puts.',
  },
  {
    id: 'grant-without-space',
    file: 'lease-requests.ts',
    search: "  if (space.isExhausted) return refused('no-space');\n",
    replace: '',
    rules: ['GRANT-09'],
    note: 'The NOSPACE alarm does not stop grants.',
  },
  {
    id: 'txn-space-of-then',
    file: 'txn.ts',
    search: 'space.isExhausted && hasPut(request, etcd)',
    replace: 'space.isExhausted && hasPut({ ...request, failure: [] }, etcd)',
    rules: ['GRANT-09'],
    note: 'Only puts of the first branch need space.',
  },
  {
    id: 'revoke-needs-space',
    file: 'lease-requests.ts',
    search: '  // REVOKE-07: an overdue lease is a lease.\n',
    replace: "  if (server.space.isExhausted) return refused('no-space');\n",
    rules: ['REVOKE-08', 'GRANT-09'],
    note: 'The NOSPACE alarm stops revokes.',
  },
  {
    id: 'alarm-cleared-unraised',
    file: 'space.ts',
    search:
      "        this.#set(false);\n        return { kind: 'alarms', revision, noSpace: wasRaised };",
    replace:
      "        this.#set(false);\n        return { kind: 'alarms', revision, noSpace: true };",
    rules: ['KV-21'],
    note: 'Clearing the alarm names it though it was not raised.',
  },
];
