/** Bugs that the simulator's own invariants find, before a rule is broken that clients can see. */
import type { CaughtMutant } from '../mutant.ts';

export const CAUGHT: readonly CaughtMutant[] = [
  {
    id: 'ghost-in-queue',
    file: 'lessor.ts',
    search: '    this.#queue.remove(slot);\n',
    replace: '',
    invariant: 'the lease of a key has the key',
    note: 'A revoked lease stays in the heap.',
  },
  {
    id: 'overdue-renewed',
    file: 'keep-alives.ts',
    search: 'if (lessor.isOverdue(slot, clock.now)) return false;',
    replace: '',
    invariant: 'no overdue lease is renewed',
    note: 'A keep-alive renews an overdue lease.',
  },
  {
    id: 'renewal-by-half',
    file: 'lessor.ts',
    search: 'const deadline = after(now, secondsToMilliseconds(this.grantedTtl(slot)));',
    replace: 'const deadline = after(now, secondsToMilliseconds(this.grantedTtl(slot)) / 2);',
    invariant: 'a renewal never shortens a lease',
    note: 'A renewal gives half the granted TTL, less than is left.',
  },
  {
    id: 'keys-left-without-lease',
    file: 'server.ts',
    search: '  if (keys.length === 0) return;\n',
    replace: '  if (keys.length !== 1) return;\n',
    invariant: 'the lease of a key has the key',
    note: 'A lease with several keys goes without them.',
  },
  {
    id: 'index-misses-deletes',
    file: 'store.ts',
    search: '      this.#index.note(key);\n      this.#record(5, key);',
    replace: '      this.#record(5, key);',
    invariant: 'the index holds all keys',
    note: 'The index keeps keys that are deleted.',
  },
  {
    id: 'slot-lost-after-removal',
    file: 'slots.ts',
    search: '      table[hole] = entry;\n      hole = index;',
    replace: '      hole = index;',
    invariant: 'a slot is free or in use',
    note: 'Removing an id from the hash table loses another.',
  },
  {
    id: 'heap-keeps-removed-order',
    file: 'expiry-queue.ts',
    search: '      this.#rise(index, deadline, order, moved);\n    } else {',
    replace: '      this.#sink(index, deadline, order, moved);\n    } else {',
    invariant: 'no lease is due before its parent in the heap',
    note: 'A lease that fills the gap of a removed one does not rise.',
  },
  {
    id: 'held-on-live-lease',
    file: 'keep-alives.ts',
    search: 'if (lessor.isOverdue(slot, clock.now)) return false;',
    replace: 'if (lessor.isOverdue(slot, clock.now + 1000)) return false;',
    invariant: 'only overdue leases hold requests',
    note: 'A keep-alive in the last second waits for the revoke.',
  },
];
