/** What a member does that is slow to apply what it has committed. */
import type { Mutant } from '../mutant.ts';

const slow = { abilities: ['apply'], file: 'slow-apply.ts' } as const;

export const SLOW_APPLY: readonly Mutant[] = [
  {
    ...slow,
    id: 'slow-write-forgotten',
    search: 'const { answer, keepAlives, late, server } = this.#options;\n    const response',
    replace:
      'const { answer, keepAlives, late, server } = this.#options;\n' +
      '    if (endsAt === NEVER) return;\n    const response',
    rules: ['CONST-10', 'KV-01'],
    note: 'A proposal that timed out is taken out of the log.',
  },
  {
    ...slow,
    id: 'slow-readers-impatient',
    search: 'const READERS_WAIT = 1000;',
    replace: 'const READERS_WAIT = 999;',
    rules: ['CONST-10', 'KA-15'],
    note: 'Time-to-live and keep-alives wait for the log for a millisecond too little.',
  },
  {
    ...slow,
    id: 'slow-keep-alive-stale',
    search: "return server.etcd === '3.7' && server.lessor.find(id) !== NO_SLOT;",
    replace: 'return server.lessor.find(id) !== NO_SLOT;',
    rules: ['KA-15'],
    note: 'Before 3.7 a keep-alive is served by what is applied.',
  },
  {
    ...slow,
    id: 'slow-expiry-at-once',
    search: 'this.#proposeRevokes(log, ids);\n    this.#setTimer();',
    replace: 'for (const id of ids) this.#revoke(id);\n    this.#setTimer();',
    rules: ['CONST-10', 'KA-04'],
    note: 'What is due goes at its turn, past the log.',
  },
  {
    ...slow,
    id: 'slow-expiry-forgotten',
    search: 'const ids = due.slice(0, TURN_LIMIT).map(({ id }) => id);',
    replace: 'const ids = due.slice(0, 0).map(({ id }) => id);',
    rules: ['EXP-02'],
    note: 'No turn has anything revoked.',
  },
  {
    ...slow,
    id: 'slow-revoke-not-again',
    search: 'this.#againAt.set(id, again);',
    replace: 'this.#againAt.set(id, Infinity);',
    rules: ['CONST-08'],
    note: 'A revoke without effect is not proposed again.',
  },
  {
    ...slow,
    id: 'slow-turns-rest',
    search: 'this.#log ??= [];\n    this.#nextDue = 0;',
    replace: 'this.#log ??= [];',
    rules: ['EXP-02', 'CONST-08'],
    note: 'Turns rest until a lease was due the last time that the log waited.',
  },
  {
    ...slow,
    file: 'revocation.ts',
    id: 'slow-turns-passed-over',
    search: 'slowApply.isOn ? slowApply.mayFind(at) :',
    replace: 'slowApply.isOn ? false :',
    rules: ['EXP-02', 'CONST-08', 'CONST-06'],
    note: 'While the log waits turns are passed over, whatever they find.',
  },
  {
    ...slow,
    file: 'last-timer.ts',
    id: 'slow-waits-end-late',
    search: 'if (this.#timer?.at === wanted) return;',
    replace: 'if (this.#timer !== null && this.#timer.at <= clock.now + 5000) return;',
    rules: ['CONST-10', 'KA-15'],
    note: 'What waits for the log ends with something else that waits.',
  },
  {
    ...slow,
    id: 'slow-revokes-all-at-once',
    search: 'const SLOTS = 16;',
    replace: 'const SLOTS = 500;',
    rules: ['CONST-10', 'CONST-06'],
    note: 'All revokes of a turn are proposed together.',
  },
  {
    ...slow,
    id: 'slow-log-backwards',
    search: 'for (const entry of log) this.#apply(entry);\n    const { revision } = server.store;',
    replace:
      'for (const entry of log.toReversed()) this.#apply(entry);\n' +
      '    const { revision } = server.store;',
    rules: ['CONST-10'],
    note: 'The log is applied from its end.',
  },
];
