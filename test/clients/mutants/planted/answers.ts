/** Answers that come late, twice or not at all, and what is concluded from those that come. */
import type { ClientMutant } from '../mutant.ts';

const KEPT = 'kept-lease.ts';
const LEASE = 'lease.ts';
const BELIEF_IS_SAFE = ['FUZZ-01', 'FUZZ-02'];

export const ANSWER_MUTANTS: readonly ClientMutant[] = [
  {
    id: 'client-credits-last-try',
    note: 'A late answer is credited to the request that was sent last.',
    edits: [
      { file: KEPT, search: 'this.#prolong(sentAt);', replace: 'this.#prolong(this.#triedAt);' },
    ],
    contracts: BELIEF_IS_SAFE,
  },
  {
    id: 'client-asks-again-on-same-stream',
    note: 'A request is repeated on its stream, and its instant forgotten for that of the new one.',
    edits: [
      {
        file: KEPT,
        search: '    if (last?.isAsked === false) last.send();\n',
        replace: '    if (last !== undefined) last.send();\n',
      },
    ],
    contracts: BELIEF_IS_SAFE,
  },
  {
    id: 'client-grant-counted-from-answer',
    note: 'The first TTL of a lease is counted from when the answer to its grant came.',
    edits: [
      {
        file: LEASE,
        search: 'return { ttl: Number(message.TTL), sentAt };',
        replace: 'return { ttl: Number(message.TTL), sentAt: performance.now() };',
      },
    ],
    contracts: BELIEF_IS_SAFE,
  },
  {
    id: 'client-grant-counted-from-last-try',
    note: 'A lease that an earlier try granted has its TTL from when that is found out.',
    edits: [
      {
        file: LEASE,
        search: 'const sentAt = firstSentAt;',
        replace: 'const sentAt = performance.now();',
      },
    ],
    contracts: BELIEF_IS_SAFE,
  },
  {
    id: 'client-older-answer-shortens',
    note: 'An answer to an older request takes back what a newer one gave.',
    edits: [
      { file: KEPT, search: '    for (const other of older) other.cancel();\n', replace: '' },
      { file: KEPT, search: 'this.#streams.slice(older.length)', replace: 'this.#streams.slice()' },
    ],
    contracts: ['FUZZ-07', 'FUZZ-08'],
  },
];
