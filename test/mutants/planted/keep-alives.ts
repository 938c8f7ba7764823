/** Keep-alives: renewals, and requests that are held. */
import type { Mutant } from '../mutant.ts';

const SERVE_OVERDUE = 'if (lessor.isOverdue(slot, clock.now)) return false;';
const RENEWED = 'const deadline = after(now, secondsToMilliseconds(this.grantedTtl(slot)));';

export const KEEP_ALIVES: readonly Mutant[] = [
  {
    id: 'renewal-from-old-deadline',
    file: 'lessor.ts',
    search: RENEWED,
    replace: `const deadline = after(
      this.#queue.deadlineOf(slot),
      secondsToMilliseconds(this.grantedTtl(slot)),
    );`,
    rules: ['KA-02', 'EXP-02'],
    note: 'A renewal adds the granted TTL to the old deadline.',
  },
  {
    id: 'renewal-does-nothing',
    file: 'lessor.ts',
    search: 'this.#queue.postpone(slot, deadline);',
    replace: '',
    rules: ['KA-02', 'LIST-03'],
    note: 'A keep-alive is answered and renews nothing.',
  },
  {
    id: 'renewal-not-requeued',
    file: 'expiry-queue.ts',
    search: 'this.#sink(index, deadline, this.#moves, slot);',
    replace: 'this.#place(index, deadline, this.#moves, slot);',
    rules: ['EXP-02', 'EXP-04'],
    note: 'A renewed lease keeps its place in the heap, and hides those that are due.',
  },
  {
    id: 'renewal-1ms-short',
    file: 'lessor.ts',
    search: RENEWED,
    replace: `const deadline = Math.max(
      this.#queue.deadlineOf(slot),
      after(now, secondsToMilliseconds(this.grantedTtl(slot))) - 1,
    );`,
    rules: ['KA-02', 'TTL-01'],
    note: 'A renewal gives a millisecond less than the granted TTL.',
  },
  {
    id: 'renewal-1s-long',
    file: 'lessor.ts',
    search: RENEWED,
    replace: 'const deadline = after(now, secondsToMilliseconds(this.grantedTtl(slot) + 1));',
    rules: ['KA-02', 'TTL-01', 'EXP-02'],
    note: 'A renewal gives a second more than the granted TTL.',
  },
  {
    id: 'renewal-late-in-life-only',
    file: 'lessor.ts',
    search: 'this.#queue.postpone(slot, deadline);',
    replace: `const life = secondsToMilliseconds(this.grantedTtl(slot));
    if (this.#queue.deadlineOf(slot) - now < life / 2) this.#queue.postpone(slot, deadline);`,
    rules: ['KA-02'],
    note: 'A keep-alive in the first half of a life renews nothing.',
  },
  {
    id: 'renewal-rounded-to-seconds',
    file: 'lessor.ts',
    search: RENEWED,
    replace: `const exact = after(now, secondsToMilliseconds(this.grantedTtl(slot)));
    const deadline = Math.max(this.#queue.deadlineOf(slot), exact - (exact % 1000));`,
    rules: ['KA-02', 'TTL-01'],
    note: 'A renewal keeps the deadline in whole seconds of the clock.',
  },
  {
    id: 'renewal-raises-granted-ttl',
    file: 'lessor.ts',
    search: 'this.#record(2, slot, deadline);',
    replace:
      'this.#record(2, slot, deadline);\n' +
      '    this.#terms.begin(slot, (this.grantedTtl(slot) + 1) as Seconds);',
    rules: ['KA-02'],
    note: 'Each renewal raises the granted TTL by a second.',
  },
  {
    id: 'keep-alive-answers-1-more',
    file: 'keep-alives.ts',
    search: 'ttl: lessor.grantedTtl(slot) }',
    replace: 'ttl: lessor.grantedTtl(slot) + 1 }',
    rules: ['KA-02'],
    note: 'A keep-alive answers the granted TTL and one more.',
  },
  {
    id: 'keep-alive-unknown-refused',
    file: 'keep-alives.ts',
    search: "// KA-03\n      answer(token, { kind: 'keptAlive', revision, id, ttl: GONE });",
    replace: "answer(token, { kind: 'refused', reason: 'lease-not-found' });",
    rules: ['KA-03'],
    note: 'A keep-alive on an unknown lease is refused.',
  },
  {
    id: 'keep-alive-unknown-minus-1',
    file: 'keep-alives.ts',
    search: "// KA-03\n      answer(token, { kind: 'keptAlive', revision, id, ttl: GONE });",
    replace: "answer(token, { kind: 'keptAlive', revision, id, ttl: seconds(-1) });",
    rules: ['KA-03'],
    note: 'A keep-alive on an unknown lease answers TTL -1, as time-to-live does.',
  },
  {
    id: 'keep-alive-header-ahead',
    file: 'keep-alives.ts',
    search: 'revision, id, ttl: lessor',
    replace: 'revision: revision + 1, id, ttl: lessor',
    rules: ['KA-06'],
    note: 'A keep-alive answers as if it had taken a revision.',
  },
  {
    id: 'keep-alive-stale-header',
    file: 'keep-alives.ts',
    search: '      held.revision = this.#options.store.revision;\n',
    replace: '',
    rules: ['KA-06'],
    note: 'A request that is held behind another answers with the revision of the first.',
  },
  {
    id: 'overdue-resurrected',
    file: 'keep-alives.ts',
    search: SERVE_OVERDUE,
    replace: `if (lessor.isOverdue(slot, clock.now)) {
      const ttl = lessor.grantedTtl(slot);
      const keys = lessor.revoke(slot);
      lessor.grant(id, ttl, clock.now);
      for (const key of keys) lessor.attach(lessor.find(id), key);
      answer(token, { kind: 'keptAlive', revision, id, ttl });
      return true;
    }`,
    rules: ['KA-04', 'EXP-01'],
    note: 'A keep-alive brings an overdue lease back.',
  },
  {
    id: 'overdue-answered-at-once',
    file: 'keep-alives.ts',
    search: SERVE_OVERDUE,
    replace: `if (lessor.isOverdue(slot, clock.now)) {
      answer(token, { kind: 'keptAlive', revision, id, ttl: GONE });
      return true;
    }`,
    rules: ['KA-04'],
    note: 'A keep-alive on an overdue lease answers TTL 0 at once.',
  },
  {
    id: 'held-in-last-ms',
    file: 'keep-alives.ts',
    search: SERVE_OVERDUE,
    replace: 'if (lessor.isOverdue(slot, clock.now + 1)) return false;',
    rules: ['KA-02'],
    note: 'A keep-alive in the last millisecond is held as if the lease were overdue.',
  },
  {
    id: 'held-answers-granted-ttl',
    file: 'keep-alives.ts',
    search: 'revision: held.revision, id, ttl: GONE });',
    replace: 'revision: held.revision, id, ttl: seconds(2) });',
    rules: ['KA-04'],
    note: 'A held keep-alive is answered as if the lease lived on.',
  },
  {
    id: 'held-streams-not-told-apart',
    file: 'keep-alives.ts',
    search: 'this.#held.size === 0 ? undefined : this.#held.get(request.stream);',
    replace: '[...this.#held.values()][0];',
    rules: ['KA-05'],
    note: 'A held keep-alive holds up those on other streams.',
  },
  {
    id: 'held-lets-others-pass',
    file: 'keep-alives.ts',
    search: 'if (held !== undefined) {\n      // KA-01, KA-05',
    replace: 'if (held !== undefined && held.head.id === request.id) {\n      // KA-01, KA-05',
    rules: ['KA-05', 'KA-06'],
    note: 'A held keep-alive holds up only those on the same lease.',
  },
  {
    id: 'held-freed-by-any-revoke',
    file: 'keep-alives.ts',
    search: `    const streams = this.#waiting.get(id);
    if (streams === undefined) return;
    this.#waiting.delete(id);
    for (const held of streams) {`,
    replace: `    const streams = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    for (const held of streams) {`,
    also: [
      {
        file: 'keep-alives.ts',
        search: 'const { token } = held.head;\n      this.#options.answer(',
        replace: 'const { token, id } = held.head;\n      this.#options.answer(',
      },
    ],
    rules: ['KA-04', 'KA-06'],
    note: 'Revoking any lease answers all that is held.',
  },
  {
    id: 'held-not-freed-by-revoke',
    file: 'simulator.ts',
    search: '        this.#keepAlives.release(command.id);\n',
    replace: '',
    rules: ['KA-04'],
    note: 'A revoke does not answer the keep-alives that wait for it.',
  },
  {
    id: 'held-not-freed-by-turn',
    file: 'revocation.ts',
    search: '    keepAlives.release(id);\n',
    replace: '',
    rules: ['KA-04'],
    note: 'A turn does not answer the keep-alives that wait for it.',
  },
  {
    id: 'held-behind-forgotten',
    file: 'keep-alives.ts',
    search: '      this.#serveBehind(held);\n',
    replace: '',
    rules: ['KA-01', 'KA-04'],
    note: 'Requests behind a held one are never answered.',
  },
  {
    id: 'held-behind-last-first',
    file: 'keep-alives.ts',
    search: 'const request = held.behind[held.next] as KeepAlive;',
    replace: 'const request = held.behind[held.behind.length - 1 - held.next] as KeepAlive;',
    rules: ['KA-01'],
    note: 'Requests behind a held one are served last first.',
  },
];
