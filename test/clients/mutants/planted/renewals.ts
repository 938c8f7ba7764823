/** How a lease is renewed. */
import type { ClientMutant } from '../mutant.ts';

const KEPT = 'kept-lease.ts';
const STREAM = 'renewal-stream.ts';
const THIRD = 'Math.floor(life / 3)';
const ANOTHER = `    else {
      last?.doubt();
      this.#open().send();
    }`;
const AGAIN = `    if (stream.isAsked && this.#streams.every((other) => !other.isAsked))
      this.#renewAt(this.#triedAt + DISTANCE);`;
const WAITS_FOR_EVER = {
  file: KEPT,
  search: ANOTHER,
  replace: '    else if (last === undefined) this.#open().send();',
};

export const RENEWAL_MUTANTS: readonly ClientMutant[] = [
  {
    id: 'client-period-is-ttl',
    note: 'A lease is renewed when its whole TTL has passed.',
    edits: [{ file: KEPT, search: THIRD, replace: 'life' }],
    contracts: ['FUZZ-09', 'FUZZ-08'],
  },
  {
    id: 'client-period-is-two-thirds',
    note: 'A lease is renewed when two thirds of its TTL have passed.',
    edits: [{ file: KEPT, search: THIRD, replace: 'Math.floor((2 * life) / 3)' }],
    contracts: ['FUZZ-09', 'FUZZ-08'],
  },
  {
    id: 'client-period-is-a-twelfth',
    note: 'A lease is renewed twelve times within its TTL.',
    edits: [{ file: KEPT, search: THIRD, replace: 'Math.floor(life / 12)' }],
    contracts: ['FUZZ-10'],
  },
  {
    id: 'client-requested-ttl',
    note: 'A lease is kept by the TTL that was asked for, not by the granted one.',
    edits: [
      { file: 'lease.ts', search: '      ttl: granted,\n', replace: '      ttl,\n' },
      { file: KEPT, search: '    this.#ttl = ttl;\n', replace: '' },
    ],
    contracts: ['FUZZ-10', 'FUZZ-07'],
  },
  {
    id: 'client-floods-while-unanswered',
    note: 'A request that is not answered is sent again every 20 ms.',
    edits: [
      { file: KEPT, search: 'const DISTANCE = 250;', replace: 'const DISTANCE = 20;' },
      { file: KEPT, search: 'const PATIENCE = 1_000;', replace: 'const PATIENCE = 20;' },
    ],
    contracts: ['FUZZ-11'],
  },
  {
    id: 'client-gives-up-on-stream-end',
    note: 'A lease is given up when its stream ends.',
    edits: [{ file: KEPT, search: AGAIN, replace: "    this.#lose('the stream has ended');" }],
    contracts: ['FUZZ-07'],
  },
  {
    id: 'client-waits-for-ever',
    note: 'A request that is not answered is never sent again.',
    edits: [WAITS_FOR_EVER],
    contracts: ['FUZZ-08'],
  },
  {
    id: 'client-ignores-clean-end',
    note: 'A stream that the server ends well is taken for open.',
    edits: [
      WAITS_FOR_EVER,
      {
        file: STREAM,
        search: 'onEnd: () => this.#ended(),',
        replace: 'onEnd: (error) => (error === null ? undefined : this.#ended()),',
      },
    ],
    contracts: ['FUZZ-08', 'FUZZ-09'],
  },
  {
    id: 'client-one-ends-all',
    note: 'When the server does not know one lease, all are given up.',
    edits: [
      {
        file: KEPT,
        search: 'export class KeptLease {',
        replace: 'const ALL = new Set<KeptLease>();\n\nexport class KeptLease {',
      },
      {
        file: KEPT,
        search: '    this.#ttl = options.ttl;\n',
        replace: '    this.#ttl = options.ttl;\n    ALL.add(this);\n',
      },
      {
        file: KEPT,
        search: "    if (ttl <= 0) return this.#lose('the server does not know it');\n",
        replace: "    if (ttl <= 0) return [...ALL].forEach((one) => one.#lose('one is gone'));\n",
      },
    ],
    contracts: ['FUZZ-12'],
  },
  {
    id: 'client-renews-after-release',
    note: 'A lease that was released is renewed for ever.',
    edits: [{ file: 'lease.ts', search: '    this.#kept?.stop();\n', replace: '' }],
    contracts: ['FUZZ-14'],
  },
  {
    id: 'client-renews-after-revoke',
    note: 'A lease that was revoked is renewed on.',
    edits: [
      { file: 'lease.ts', search: '    this.release();\n', replace: '    this.#over.abort();\n' },
    ],
    contracts: ['FUZZ-13'],
  },
  {
    id: 'client-renews-after-loss',
    note: 'A lease whose time is up is told to be lost, and renewed nevertheless.',
    edits: [
      {
        file: KEPT,
        search: '    this.stop();\n    this.#options.onLost(why);',
        replace: '    this.#isOver = true;\n    this.#options.onLost(why);',
      },
      { file: KEPT, search: '    if (!this.isAlive) return;\n', replace: '' },
    ],
    contracts: ['FUZZ-15', 'FUZZ-29'],
  },
  {
    id: 'client-forgets-failed-connection',
    note: 'When one attempt to connect failed, there is no other.',
    edits: [
      {
        file: 'connection.ts',
        search: 'this.#coming ??= this.#connect().finally(() => {',
        replace: 'this.#coming ??= this.#connect().then((line) => {\n      void line;',
      },
      {
        file: 'connection.ts',
        search: '      this.#coming = undefined;\n',
        replace: '      this.#coming = undefined;\n      return line;\n',
      },
    ],
    contracts: ['FUZZ-08'],
  },
  {
    id: 'client-storms',
    note: 'Attempts to connect keep no distance.',
    edits: [
      {
        file: 'connection.ts',
        search: '    if (wait > 0) await pause(wait, signal);\n',
        replace: '    void [wait, pause];\n',
      },
      { file: KEPT, search: 'const DISTANCE = 250;', replace: 'const DISTANCE = 50;' },
    ],
    contracts: ['FUZZ-19', 'FUZZ-11'],
  },
];
