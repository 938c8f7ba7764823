/** Revisions, events, the order of things, and how much one turn does. */
import type { Edit, Mutant } from '../mutant.ts';
import {
  ANY_REVISIONS,
  DELETE_ANY_REVISIONS,
  DETACH_NOTHING,
  EMPTY_REVISIONS,
} from './unchecked.ts';

const TURN = `    const id = lessor.idOf(slot);
    removeLease(server, slot);
    revoked.push(id);`;

const IMPORT_REPORT: Edit = {
  file: 'revocation.ts',
  search: "import { removeLease, type Server } from './server.ts';",
  replace: "import { removeLease, reportDeleted, type Server } from './server.ts';",
};

export const WRITES: readonly Mutant[] = [
  {
    id: 'revoke-leaks-keys',
    file: 'server.ts',
    search: '  reportDeleted(server, server.store.delete(keys));\n',
    replace: '',
    also: [ANY_REVISIONS, DETACH_NOTHING],
    rules: ['REVOKE-02'],
    note: 'A lease goes and its keys stay.',
  },
  {
    id: 'revision-per-key',
    file: 'server.ts',
    search: '  reportDeleted(server, server.store.delete(keys));',
    replace: '  for (const key of keys) reportDeleted(server, server.store.delete([key]));',
    also: [
      ANY_REVISIONS,
      DELETE_ANY_REVISIONS,
      {
        file: 'kv-requests.ts',
        search: 'store.delete(store.keys(request.key, request.rangeEnd));',
        replace: `store.keys(request.key, request.rangeEnd).flatMap((key) => {
    const one = store.delete([key]);
    reportDeleted(server, one);
    return one;
  });`,
      },
      {
        file: 'kv-requests.ts',
        search: '  reportDeleted(server, deleted);\n',
        replace: '',
      },
    ],
    rules: ['REVOKE-02', 'EXP-07', 'KV-06'],
    note: 'Each deleted key takes a revision of its own.',
  },
  {
    id: 'revision-without-keys',
    file: 'server.ts',
    search: '  if (keys.length === 0) return;\n',
    replace: '',
    also: [
      ANY_REVISIONS,
      DELETE_ANY_REVISIONS,
      EMPTY_REVISIONS,
      {
        file: 'store.ts',
        search: '    if (keys.length === 0) return deleted;\n',
        replace: '',
      },
    ],
    rules: ['REVOKE-03', 'EXP-07'],
    note: 'A lease without keys takes a revision.',
  },
  {
    id: 'revisions-shared-in-turn',
    file: 'revocation.ts',
    search: TURN,
    replace: `const id = lessor.idOf(slot);
      server.ids.take();
      keys.push(...lessor.revoke(slot));
      revoked.push(id);`,
    also: [
      IMPORT_REPORT,
      {
        file: 'revocation.ts',
        search: '  const revoked: LeaseId[] = [];',
        replace: '  const revoked: LeaseId[] = [];\n  const keys = [];',
      },
      {
        file: 'revocation.ts',
        search: '  return revoked;\n',
        replace: `  reportDeleted(server, server.store.delete(keys));
  for (const id of revoked) keepAlives.release(id);
  return revoked;
`,
      },
      { file: 'revocation.ts', search: '    keepAlives.release(id);\n', replace: '' },
    ],
    rules: ['EXP-07'],
    note: 'All leases of a turn go at one revision.',
  },
  {
    id: 'revoke-header-behind',
    file: 'lease-requests.ts',
    search: `  removeLease(server, slot);
  // REVOKE-04
  return { kind: 'revoked', revision: server.store.revision };`,
    replace: `  const { revision } = server.store;
  removeLease(server, slot);
  return { kind: 'revoked', revision };`,
    rules: ['REVOKE-04'],
    note: 'A revoke answers with the revision before the deletion.',
  },
  {
    id: 'keys-as-attached',
    file: 'lessor.ts',
    search: 'return [...keys].sort();',
    replace: 'return [...keys];',
    rules: ['REVOKE-02'],
    note: 'Keys go in the order in which they were attached.',
  },
  {
    id: 'keys-as-in-dictionary',
    file: 'lessor.ts',
    search: 'return [...keys].sort();',
    replace: 'return [...keys].sort((left, right) => left.localeCompare(right));',
    rules: ['REVOKE-02'],
    note: 'Keys go in the order of a dictionary.',
  },
  {
    id: 'delete-event-names-lease',
    file: 'server.ts',
    search: 'kv: changes[index] as KeyValue, prevKv',
    replace: 'kv: { ...(changes[index] as KeyValue), lease: prevKv.lease }, prevKv',
    rules: ['REVOKE-05'],
    note: 'A delete event names the lease outside of its previous value.',
  },
  {
    id: 'delete-event-without-lease',
    file: 'server.ts',
    search: 'kv: changes[index] as KeyValue, prevKv',
    replace: 'kv: changes[index] as KeyValue, prevKv: { ...prevKv, lease: 0n }',
    rules: ['REVOKE-05'],
    note: 'The previous value of a delete event does not name the lease.',
  },
  {
    id: 'expiry-without-events',
    file: 'revocation.ts',
    search: TURN,
    replace: `const id = lessor.idOf(slot);
      removeLease({ ...server, watch: undefined }, slot);
      revoked.push(id);`,
    rules: ['EXP-08', 'REVOKE-02'],
    note: 'Watchers hear nothing of keys that expire.',
  },
  {
    id: 'put-previous-without-lease',
    file: 'kv-requests.ts',
    search: 'prevKv: request.prevKv ? prevKv : null,',
    replace: 'prevKv: request.prevKv && prevKv !== null ? { ...prevKv, lease: 0n } : null,',
    rules: ['KV-13'],
    note: 'The previous value of a put does not name the lease.',
  },
  {
    id: 'delete-previous-unasked',
    file: 'kv-requests.ts',
    search: 'prevKvs: request.prevKv ? deleted : [],',
    replace: 'prevKvs: deleted,',
    rules: ['KV-13'],
    note: 'A delete answers with previous values unasked.',
  },
  {
    id: 'put-key-before-lease',
    file: 'kv-requests.ts',
    search: '  ids.take();\n  // KV-05, GRANT-09',
    replace: `  if (store.get(key) === undefined && (ignoreLease || ignoreValue)) {
    return refused('key-not-found');
  }
  ids.take();\n  // KV-05, GRANT-09`,
    rules: ['KV-05'],
    note: 'A put looks at the key before the lease.',
  },
  {
    id: 'put-lease-before-value',
    file: 'kv-requests.ts',
    search: '  // KV-04\n  if (op.ignoreValue && op.value',
    replace: `  if (op.ignoreLease && op.lease !== 0n) return 'lease-provided';
  if (op.ignoreValue && op.value`,
    rules: ['KV-05'],
    note: 'A put complains of the lease before the value.',
  },
  {
    id: 'turn-takes-501',
    file: 'flags.ts',
    search: 'TURN_LIMIT = 500',
    replace: 'TURN_LIMIT = 501',
    rules: ['CONST-05'],
    note: 'A turn revokes one lease too many.',
  },
  {
    id: 'turn-takes-499',
    file: 'flags.ts',
    search: 'TURN_LIMIT = 500',
    replace: 'TURN_LIMIT = 499',
    rules: ['EXP-05'],
    note: 'A turn revokes one lease too few.',
  },
  {
    id: 'turn-takes-all',
    file: 'revocation.ts',
    search: 'while (slot !== NO_SLOT && revoked.length < TURN_LIMIT) {',
    replace: 'while (slot !== NO_SLOT) {',
    rules: ['CONST-05'],
    note: 'A turn revokes all that is overdue.',
  },
  {
    id: 'turn-takes-one',
    file: 'revocation.ts',
    search: 'revoked.length < TURN_LIMIT) {',
    replace: 'revoked.length < 1) {',
    rules: ['EXP-04'],
    note: 'A turn revokes one lease.',
  },
  {
    id: 'turn-takes-latest',
    file: 'revocation.ts',
    search: TURN,
    replace: `if (lessor.size > TURN_LIMIT) {
        const overdue = lessor.list().map((each) => lessor.find(each));
        slot = overdue.findLast((each) => lessor.isOverdue(each, clock.now));
      }
      ${TURN.trimStart()}`,
    rules: ['EXP-06'],
    note: 'With more to do than a turn can take, it takes those that expired last.',
  },
  {
    id: 'backlog-put-off',
    file: 'revocation.ts',
    search: '  let slot = lessor.firstOverdue(clock.now);',
    replace: `  if (clock.now < retryAt(lessor)) return NONE;
  let slot = lessor.firstOverdue(clock.now);`,
    also: [
      {
        file: 'revocation.ts',
        search: '  return revoked;\n',
        replace: `  if (slot !== NO_SLOT) RETRIES.set(lessor, clock.now + 7000);
  return revoked;
`,
      },
      {
        file: 'revocation.ts',
        search: 'const NONE: readonly LeaseId[] = [];\n',
        replace: `const NONE: readonly LeaseId[] = [];
const RETRIES = new WeakMap();
const retryAt = (lessor) => RETRIES.get(lessor) ?? 0;
`,
      },
    ],
    rules: ['EXP-05'],
    note: 'What one turn has no room for comes back only after seven seconds.',
  },
];
