/** Time-to-live, lists and ranges: what reads say. */
import type { Mutant } from '../mutant.ts';

const REMAINING = 'ttl: truncSeconds(between(clock.now, lessor.deadlineOf(slot))),';
const LIST = 'ids: lessor.list(),';

export const READS: readonly Mutant[] = [
  {
    id: 'ttl-rounded-up',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: Math.ceil((lessor.deadlineOf(slot) - clock.now) / 1000) + 0,',
    rules: ['TTL-01'],
    note: 'The remaining TTL is rounded up.',
  },
  {
    id: 'ttl-rounded-to-nearest',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: Math.round((lessor.deadlineOf(slot) - clock.now) / 1000) + 0,',
    rules: ['TTL-01'],
    note: 'The remaining TTL is rounded to the nearest second.',
  },
  {
    id: 'ttl-rounded-down',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: Math.floor((lessor.deadlineOf(slot) - clock.now) / 1000),',
    rules: ['TTL-01'],
    note: 'The remaining TTL is rounded down, not toward zero: -1 in the first overdue second.',
  },
  {
    id: 'ttl-negative-zero',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: Math.trunc((lessor.deadlineOf(slot) - clock.now) / 1000),',
    rules: ['TTL-01'],
    note: "An overdue lease shows JavaScript's negative zero.",
  },
  {
    id: 'ttl-never-negative',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: Math.max(0, Math.trunc((lessor.deadlineOf(slot) - clock.now) / 1000)),',
    rules: ['TTL-02'],
    note: 'An overdue lease shows 0 for as long as it is there.',
  },
  {
    id: 'ttl-overdue-gone',
    file: 'lease-requests.ts',
    search: 'const slot = lessor.find(id);\n  if (slot === NO_SLOT) {\n    // TTL-03',
    replace: `const slot = lessor.find(id);
  if (slot === NO_SLOT || lessor.isOverdue(slot, clock.now)) {`,
    rules: ['EXP-09'],
    note: 'Time-to-live answers for an overdue lease as if it were gone.',
  },
  {
    id: 'ttl-unknown-0',
    file: 'lease-requests.ts',
    search: 'const ttl = seconds(-1);',
    replace: 'const ttl = seconds(0);',
    rules: ['TTL-03'],
    note: 'An unknown lease shows TTL 0.',
  },
  {
    id: 'ttl-unknown-refused',
    file: 'lease-requests.ts',
    search: '    const ttl = seconds(-1);',
    replace: "    return refused('lease-not-found');\n    const ttl = seconds(-1);",
    rules: ['TTL-03'],
    note: 'Time-to-live of an unknown lease is refused.',
  },
  {
    id: 'ttl-granted-is-remaining',
    file: 'lease-requests.ts',
    search: 'grantedTtl: lessor.grantedTtl(slot),',
    replace: 'grantedTtl: Math.ceil((lessor.deadlineOf(slot) - clock.now) / 1000),',
    rules: ['GRANT-02', 'KA-02', 'EXP-09'],
    note: 'The granted TTL dwindles with the remaining one.',
  },
  {
    id: 'ttl-renews',
    file: 'lease-requests.ts',
    search: REMAINING,
    replace: 'ttl: truncSeconds(left),',
    also: [
      {
        file: 'lease-requests.ts',
        search: "  return {\n    kind: 'remainingTtl',",
        replace: `  const left = between(clock.now, lessor.deadlineOf(slot));
  if (left > 0) lessor.renew(slot, clock.now);
  return {
    kind: 'remainingTtl',`,
      },
    ],
    rules: ['TTL-10', 'KA-02', 'EXP-02'],
    note: 'Time-to-live renews the lease.',
  },
  {
    id: 'ttl-keys-unasked',
    file: 'lease-requests.ts',
    search: 'keys: keys ? lessor.keysOf(slot) : NO_KEYS,',
    replace: 'keys: lessor.keysOf(slot),',
    rules: ['TTL-04'],
    note: 'Time-to-live lists keys unasked.',
  },
  {
    id: 'ttl-keys-never',
    file: 'lease-requests.ts',
    search: 'keys: keys ? lessor.keysOf(slot) : NO_KEYS,',
    replace: 'keys: NO_KEYS,',
    rules: ['TTL-04'],
    note: 'Time-to-live never lists keys.',
  },
  {
    id: 'list-without-overdue',
    file: 'lease-requests.ts',
    search: 'export const leases = ({ lessor, store }: Server)',
    replace: 'export const leases = ({ clock, lessor, store }: Server)',
    also: [
      {
        file: 'lease-requests.ts',
        search: LIST,
        replace:
          'ids: lessor.list().filter((id) => !lessor.isOverdue(lessor.find(id), clock.now)),',
      },
    ],
    rules: ['LIST-02'],
    note: 'The list leaves overdue leases out.',
  },
  {
    id: 'list-by-id',
    file: 'lease-requests.ts',
    search: LIST,
    replace: 'ids: lessor.list().sort((left, right) => (left < right ? -1 : 1)),',
    rules: ['LIST-03'],
    note: 'The list is in the order of ids.',
  },
  {
    id: 'list-latest-first',
    file: 'lease-requests.ts',
    search: LIST,
    replace: 'ids: lessor.list().reverse(),',
    rules: ['LIST-03'],
    note: 'The list begins with the lease that expires last.',
  },
  {
    id: 'list-ignores-renewals',
    file: 'lessor.ts',
    search: 'return this.slots().map((slot) => this.idOf(slot));',
    replace: `return [...this.#slots.scan()]
      .sort((left, right) => this.#first[left] - this.#first[right])
      .map((slot) => this.idOf(slot));`,
    also: [
      {
        file: 'lessor.ts',
        search: '    this.#queue.insert(slot, deadline);',
        replace: '    this.#queue.insert(slot, deadline);\n    this.#first[slot] = deadline;',
      },
      {
        file: 'lessor.ts',
        search: '  readonly #slots = new Slots();',
        replace: '  readonly #slots = new Slots();\n  readonly #first: number[] = [];',
      },
    ],
    rules: ['LIST-03'],
    note: 'A renewal does not move a lease back in the list.',
  },
  {
    id: 'range-without-overdue',
    file: 'kv-requests.ts',
    search: '  { etcd, store }: Server,\n  now',
    replace: '  { clock, etcd, lessor, store }: Server,\n  now',
    also: [
      {
        file: 'kv-requests.ts',
        search: '? now.range(key, rangeEnd)',
        replace: `? now.range(key, rangeEnd).filter((kv) => {
          const slot = lessor.find(kv.lease);
          return slot === NO_SLOT || !lessor.isOverdue(slot, clock.now);
        })`,
      },
    ],
    rules: ['EXP-09', 'KV-28'],
    note: 'A range leaves out keys of overdue leases.',
  },
  {
    id: 'range-without-leases',
    file: 'kv-requests.ts',
    search: '? now.range(key, rangeEnd)',
    replace: '? now.range(key, rangeEnd).map((kv) => ({ ...kv, lease: 0n }))',
    rules: ['KV-12'],
    note: 'A range does not show the leases of keys.',
  },
  {
    id: 'ttl-first-key-only',
    file: 'lease-requests.ts',
    search: 'keys: keys ? lessor.keysOf(slot) : NO_KEYS,',
    replace: 'keys: keys ? lessor.keysOf(slot).slice(0, 1) : NO_KEYS,',
    rules: ['TTL-04', 'KV-02'],
    note: 'Time-to-live lists the first key of several.',
  },
  {
    id: 'range-header-of-key',
    file: 'kv-requests.ts',
    search: '  return shown(kvs, view, now.revision, etcd);',
    replace: '  return shown(kvs, view, kvs[0]?.modRevision ?? now.revision, etcd);',
    rules: ['KV-12', 'EXP-07', 'KV-19'],
    note: 'A range answers with the revision of its first key.',
  },
];
