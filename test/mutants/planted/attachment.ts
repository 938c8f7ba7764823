/** Which keys belong to which lease. */
import type { Mutant } from '../mutant.ts';
import { ANY_REVISIONS, ATTACH_AGAIN, DELETE_WHAT_IS_THERE, DETACH_NOTHING } from './unchecked.ts';

const DETACH_ON_DELETE = 'if (kv.lease !== 0n) lessor.detach(kv.lease, kv.key);';

export const ATTACHMENT: readonly Mutant[] = [
  {
    id: 'put-attaches-nothing',
    file: 'kv-requests.ts',
    search: 'if (kv.lease !== 0n) lessor.attach(lessor.find(kv.lease), kv.key);',
    replace: '',
    also: [DETACH_NOTHING],
    rules: ['TTL-04', 'REVOKE-02', 'KV-02'],
    note: 'A put notes the lease in the key but not the key in the lease.',
  },
  {
    id: 'put-keeps-old-lease',
    file: 'kv-requests.ts',
    search: 'if (last !== 0n) lessor.detach(last, kv.key);',
    replace: '',
    also: [DELETE_WHAT_IS_THERE, ANY_REVISIONS, ATTACH_AGAIN],
    rules: ['KV-02', 'EXP-10', 'REVOKE-02'],
    note: 'A put that moves or detaches a key leaves it with its old lease as well.',
  },
  {
    id: 'put-again-detaches',
    file: 'kv-requests.ts',
    search: 'if (last === kv.lease) return;',
    replace: `if (last === kv.lease) {
      if (last !== 0n) lessor.detach(last, kv.key);
      return;
    }`,
    also: [DETACH_NOTHING],
    rules: ['KV-02', 'REVOKE-02', 'TTL-04'],
    note: 'A second put with the same lease detaches the key.',
  },
  {
    id: 'put-renews',
    file: 'kv-requests.ts',
    search: 'moveKey(server, previous, kv);',
    replace: `moveKey(server, previous, kv);
    if (kv.lease !== 0n) {
      const slot = lessor.find(kv.lease);
      if (!lessor.isOverdue(slot, server.clock.now)) lessor.renew(slot, server.clock.now);
    }`,
    rules: ['KV-02', 'EXP-02'],
    note: 'A put renews the lease of its key.',
  },
  {
    id: 'put-unknown-lease-accepted',
    file: 'kv-requests.ts',
    search: 'if (request.lease !== 0n && lessor.find(request.lease) === NO_SLOT) {',
    replace: 'if (request.lease === -2n) {',
    also: [
      DETACH_NOTHING,
      {
        file: 'kv-requests.ts',
        search: 'if (kv.lease !== 0n) lessor.attach(lessor.find(kv.lease), kv.key);',
        replace: `if (lessor.find(kv.lease) !== NO_SLOT) {
          lessor.attach(lessor.find(kv.lease), kv.key);
        }`,
      },
    ],
    rules: ['KV-01', 'KV-05'],
    note: 'A put with an unknown lease succeeds.',
  },
  {
    id: 'put-overdue-lease-refused',
    file: 'kv-requests.ts',
    search: 'if (request.lease !== 0n && lessor.find(request.lease) === NO_SLOT) {',
    replace: `const named = lessor.find(request.lease);
    const isAlive = named !== NO_SLOT && !lessor.isOverdue(named, server.clock.now);
    if (request.lease !== 0n && !isAlive) {`,
    rules: ['EXP-10'],
    note: 'A put with an overdue lease is refused.',
  },
  {
    id: 'put-saves-no-overdue-key',
    file: 'kv-requests.ts',
    search: 'if (last !== 0n) lessor.detach(last, kv.key);',
    replace: `if (last !== 0n && !lessor.isOverdue(lessor.find(last), clock.now)) {
      lessor.detach(last, kv.key);
    }`,
    also: [
      DELETE_WHAT_IS_THERE,
      ANY_REVISIONS,
      ATTACH_AGAIN,
      {
        file: 'kv-requests.ts',
        search: 'const moveKey = ({ lessor }: Server, previous: KeyValue | undefined,',
        replace: 'const moveKey = ({ clock, lessor }: Server, previous: KeyValue | undefined,',
      },
    ],
    rules: ['EXP-10'],
    note: 'A key cannot be taken off an overdue lease any more.',
  },
  {
    id: 'ignore-lease-detaches',
    file: 'kv-requests.ts',
    search: 'ignoreLease && previous !== undefined ? previous.lease : request.lease;',
    replace: 'request.lease;',
    rules: ['KV-03'],
    note: 'ignore_lease detaches the key.',
  },
  {
    id: 'ignore-lease-without-key',
    file: 'kv-requests.ts',
    search: 'if (previous === undefined && (ignoreLease || ignoreValue))',
    replace: 'if (previous === undefined && ignoreValue)',
    rules: ['KV-03'],
    note: 'ignore_lease creates a key that is not there.',
  },
  {
    id: 'ignore-value-empties',
    file: 'kv-requests.ts',
    search: 'ignoreValue && previous !== undefined ? previous.value : request.value;',
    replace: 'request.value;',
    rules: ['KV-04'],
    note: 'ignore_value empties the key.',
  },
  {
    id: 'ignore-value-keeps-lease',
    file: 'kv-requests.ts',
    search: 'ignoreLease && previous !== undefined ? previous.lease',
    replace: '(ignoreLease || ignoreValue) && previous !== undefined ? previous.lease',
    rules: ['KV-04'],
    note: 'ignore_value keeps the lease as well.',
  },
  {
    id: 'delete-leaves-key-in-lease',
    file: 'kv-requests.ts',
    search: DETACH_ON_DELETE,
    replace: '',
    also: [DELETE_WHAT_IS_THERE, ANY_REVISIONS, ATTACH_AGAIN],
    rules: ['KV-06'],
    note: 'A deleted key stays in its lease, and goes with it when it is put again.',
  },
  {
    id: 'delete-takes-lease',
    file: 'kv-requests.ts',
    search: DETACH_ON_DELETE,
    replace: `if (kv.lease !== 0n) {
      lessor.detach(kv.lease, kv.key);
      const slot = lessor.find(kv.lease);
      if (lessor.keysOf(slot).length === 0) lessor.revoke(slot);
    }`,
    rules: ['KV-06'],
    note: 'A lease goes with the last of its keys.',
  },
  {
    id: 'regrant-inherits-keys',
    file: 'lessor.ts',
    search: '    this.#keys.delete(slot);\n    return [...keys].sort();',
    replace: '    return [...keys].sort();',
    also: [DELETE_WHAT_IS_THERE, ANY_REVISIONS, ATTACH_AGAIN],
    rules: ['GRANT-05'],
    note: 'A new lease has the keys of the one that had its place before.',
  },
];
