/** When a lease is taken for lost. */
import type { ClientMutant } from '../mutant.ts';

const KEPT = 'kept-lease.ts';
const DEADLINE = 'this.#deadline = sentAt + life;';
const LOSE = '    this.stop();\n    this.#options.onLost(why);';
const ZERO = "    if (ttl <= 0) return this.#lose('the server does not know it');\n";
const IN_TIME = "    if (!this.isAlive) return this.#lose('not renewed in time');\n";

/** In each file that reads a clock: the wall clock instead. */
const wallClockIn = (file: string, search: string) => ({
  file,
  search,
  replace: `const performance = { now: () => Date.now() };\n${search}`,
});

export const TIME_MUTANTS: readonly ClientMutant[] = [
  {
    id: 'client-counts-from-receipt',
    note: 'A TTL, and a third of it, are counted from when an answer came; until then it waits.',
    edits: [
      {
        file: KEPT,
        search: '    const life = this.#ttl * 1_000;\n',
        replace: '    const life = this.#ttl * 1_000;\n    sentAt = performance.now();\n',
      },
      { file: KEPT, search: 'const PATIENCE = 1_000;', replace: 'const PATIENCE = 1_000_000;' },
      {
        file: KEPT,
        search: 'Math.floor((this.#ttl * 1_000) / 6)',
        replace: 'this.#ttl * 1_000',
      },
    ],
    contracts: ['FUZZ-01', 'FUZZ-02', 'FUZZ-03'],
  },
  {
    id: 'client-loss-at-twice-ttl',
    note: 'A lease is given up when twice its TTL has passed.',
    edits: [{ file: KEPT, search: DEADLINE, replace: 'this.#deadline = sentAt + 2 * life;' }],
    contracts: ['FUZZ-01', 'FUZZ-02', 'FUZZ-03'],
  },
  {
    id: 'client-loss-not-told',
    note: 'A lease is given up, and nobody is told.',
    edits: [{ file: KEPT, search: LOSE, replace: '    this.stop();\n    void why;' }],
    contracts: ['FUZZ-01', 'FUZZ-02', 'FUZZ-03', 'FUZZ-06'],
  },
  {
    id: 'client-loss-told-twice',
    note: 'The loss of a lease is told twice.',
    edits: [{ file: KEPT, search: LOSE, replace: `${LOSE}\n    this.#options.onLost(why);` }],
    contracts: ['FUZZ-04'],
  },
  {
    id: 'client-ignores-ttl-zero',
    note: 'An answer of TTL 0 is taken for none.',
    edits: [{ file: KEPT, search: ZERO, replace: '    if (ttl <= 0) return;\n' }],
    contracts: ['FUZZ-06'],
  },
  {
    id: 'client-resurrects',
    note: 'An answer after the loss of a lease brings it back.',
    edits: [
      { file: KEPT, search: LOSE, replace: '    this.#options.onLost(why);' },
      { file: KEPT, search: IN_TIME, replace: '' },
      {
        file: KEPT,
        search: '      Math.min(left, LONGEST_TIMER),',
        replace: '      Math.max(0, Math.min(left, LONGEST_TIMER)),',
      },
    ],
    contracts: ['FUZZ-05'],
  },
  {
    id: 'client-wall-clock',
    note: 'Time is measured by the wall clock.',
    edits: [
      wallClockIn(KEPT, '/** Milliseconds between two attempts, at least. */'),
      wallClockIn('renewal-stream.ts', 'export interface RenewalListener {'),
      wallClockIn('lease.ts', 'export interface LeaseListener {'),
      wallClockIn('call.ts', 'const MAX_BYTES = 16 * 1024 * 1024;'),
    ],
    contracts: ['FUZZ-30'],
  },
  {
    id: 'client-stream-end-prolongs',
    note: 'The end of a stream is taken for a sign of life: the lease has its TTL anew.',
    edits: [
      {
        file: KEPT,
        search: '    this.#streams = this.#streams.filter((other) => other !== stream);\n',
        replace:
          '    this.#streams = this.#streams.filter((other) => other !== stream);\n' +
          '    if (this.isAlive) this.#deadline = performance.now() + this.#ttl * 1_000;\n',
      },
    ],
    contracts: ['FUZZ-01', 'FUZZ-02'],
  },
  {
    id: 'client-first-deadline-stays',
    note: 'A lease is given up when its first TTL has passed, though it was renewed.',
    edits: [
      {
        file: KEPT,
        search: '    clearTimeout(this.#loss);\n    this.#loss = setTimeout(',
        replace: '    this.#loss ??= setTimeout(',
      },
      {
        file: KEPT,
        search: "(this.isAlive ? this.#watchDeadline() : this.#lose('not renewed in time'))",
        replace: "this.#lose('not renewed in time')",
      },
    ],
    contracts: ['FUZZ-07', 'FUZZ-08'],
  },
];
