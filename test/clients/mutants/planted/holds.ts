/** Locks and elections. */
import type { ClientMutant } from '../mutant.ts';

const MUTEX = 'mutex.ts';
const CLIENT = 'client.ts';
const RELEASE = 'release: () => lease.revoke(),';

export const HOLD_MUTANTS: readonly ClientMutant[] = [
  {
    id: 'client-hold-without-own-key-check',
    note: 'Who waited for the key before his own has the lock, without another look.',
    edits: [
      {
        file: MUTEX,
        search: '      await untilGone(before, from, { connection, closing: lease.over });\n',
        replace:
          '      await untilGone(before, from, { connection, closing: lease.over });\n   ' +
          '   return { key, revision: own };\n',
      },
    ],
    contracts: ['FUZZ-24', 'FUZZ-25'],
  },
  {
    id: 'client-hold-in-order-of-keys',
    note: 'The lock belongs to the first key by name, not by age.',
    edits: [
      {
        file: MUTEX,
        search: 'sortTarget: RangeRequest_SortTarget.CREATE,',
        replace: 'sortTarget: RangeRequest_SortTarget.KEY,',
      },
    ],
    contracts: ['FUZZ-25'],
  },
  {
    id: 'client-hold-shares-key',
    note: 'All who want the lock use one key.',
    edits: [
      { file: MUTEX, search: '`${prefix}/${lease.id.toString(16)}`', replace: '`${prefix}/all`' },
    ],
    contracts: ['FUZZ-25', 'FUZZ-24'],
  },
  {
    id: 'client-hold-outlives-lease',
    note: 'The lock is held on when its lease is lost.',
    edits: [
      {
        file: 'adapter.ts',
        search: '() => this.#yield(prefix, name, hold)',
        replace: '() => {}',
      },
    ],
    contracts: ['FUZZ-24', 'FUZZ-25'],
  },
  {
    id: 'client-unlock-by-name',
    note: 'To give a lock back is to delete all its keys.',
    edits: [
      {
        file: CLIENT,
        search: RELEASE,
        replace: `release: async () => {
        const bounds = { limit: 1_000, signal: this.#closing.signal };
        const [key, rangeEnd] = ['/', '0'].map((last) => Buffer.from(prefix + last));
        const request = { key, rangeEnd };
        await ask(this.#surroundings.connection, KV.method.deleteRange, request, bounds);
        await lease.revoke();
      },`,
      },
      {
        file: CLIENT,
        search: "import { Connection } from './connection.ts';\n",
        replace:
          "import { KV } from '../../wire/gen/rpc_pb.ts';\nimport { ask } from " +
          "'./call.ts';\nimport { Connection } from './connection.ts';\n",
      },
    ],
    contracts: ['FUZZ-26'],
  },
  {
    id: 'client-unlock-leaves-key',
    note: 'A lock that is given back is left to expire.',
    edits: [{ file: CLIENT, search: RELEASE, replace: 'release: async () => lease.release(),' }],
    contracts: ['FUZZ-28'],
  },
  {
    id: 'client-unlock-keeps-lease',
    note: 'A lock that is given back is renewed on.',
    edits: [{ file: CLIENT, search: RELEASE, replace: 'release: async () => {},' }],
    contracts: ['FUZZ-28', 'FUZZ-29'],
  },
  {
    id: 'client-failed-lock-keeps-lease',
    note: 'The lease of a lock that could not be had is renewed on.',
    edits: [
      {
        file: MUTEX,
        search: '      if (isRefusal(error)) throw error;\n',
        replace: '      throw error;\n',
      },
      { file: CLIENT, search: '      await lease.revoke().catch(() => {});\n', replace: '' },
    ],
    contracts: ['FUZZ-23'],
  },
];
