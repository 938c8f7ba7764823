/** Grants and revokes: limits of TTLs, ids, unknown leases. */
import type { Mutant } from '../mutant.ts';

export const GRANTS: readonly Mutant[] = [
  {
    id: 'maximum-excluded',
    file: 'lease-requests.ts',
    search: 'if (request.ttl > MAX_TTL)',
    replace: 'if (request.ttl >= MAX_TTL)',
    rules: ['CONST-01'],
    note: 'The largest TTL is refused.',
  },
  {
    id: 'maximum-too-large',
    file: 'flags.ts',
    search: '9_000_000_000n',
    replace: '9_223_372_036n',
    rules: ['CONST-01'],
    note: 'Every TTL is accepted whose nanoseconds fit into an int64.',
  },
  {
    id: 'maximum-missing',
    file: 'lease-requests.ts',
    search: "if (request.ttl > MAX_TTL) return refused('ttl-too-large');",
    replace: '',
    rules: ['CONST-01', 'GRANT-03'],
    note: 'No TTL is too large.',
  },
  {
    id: 'too-large-created',
    file: 'lease-requests.ts',
    search: "if (request.ttl > MAX_TTL) return refused('ttl-too-large');",
    replace: `if (request.ttl > MAX_TTL) {
      if (lessor.find(id) === NO_SLOT) lessor.grant(id, seconds(Number(MAX_TTL)), clock.now);
      return refused('ttl-too-large');
    }`,
    rules: ['GRANT-03'],
    note: 'A grant that is refused for its TTL creates the lease all the same.',
  },
  {
    id: 'id-half-read',
    file: 'slots.ts',
    search: 'return this.#findWords(lowWord(id), highWord(id));',
    replace: 'return this.#findWords(lowWord(id), lowWord(id) < 0 ? -1 : 0);',
    // What is not found counts as gone, and that before its time.
    rules: ['EXP-03'],
    note: 'Of the id of a lease only the low word is looked for.',
  },
  {
    id: 'negative-not-raised',
    file: 'lease-requests.ts',
    search: 'asked < minTtl ?',
    replace: 'asked >= 0 && asked < minTtl ?',
    rules: ['GRANT-02'],
    note: 'A negative TTL is granted as it is.',
  },
  {
    id: 'small-not-raised',
    file: 'lease-requests.ts',
    search: 'asked < minTtl ?',
    replace: 'asked <= 0 ?',
    rules: ['GRANT-02'],
    note: 'Only TTLs that are not positive are raised to the minimum.',
  },
  {
    id: 'raised-unsaid',
    file: 'lease-requests.ts',
    search: "return { kind: 'granted', revision: store.revision, id, ttl };",
    replace: "return { kind: 'granted', revision: store.revision, id, ttl: Number(request.ttl) };",
    rules: ['GRANT-02'],
    note: 'The answer to a grant repeats the TTL asked for, not the granted one.',
  },
  {
    id: 'id-before-ttl',
    file: 'lease-requests.ts',
    search: 'if (request.ttl > MAX_TTL) return',
    replace: `if (lessor.find(id) !== NO_SLOT) return refused('lease-exists');
    if (request.ttl > MAX_TTL) return`,
    rules: ['GRANT-01'],
    note: 'A grant looks at the id before the TTL.',
  },
  {
    id: 'grant-header-ahead',
    file: 'lease-requests.ts',
    search: "return { kind: 'granted', revision: store.revision, id, ttl };",
    replace: "return { kind: 'granted', revision: store.revision + 1, id, ttl };",
    rules: ['GRANT-06'],
    note: 'A grant answers as if it had taken a revision.',
  },
  {
    id: 'duplicate-renews',
    file: 'lease-requests.ts',
    search: "if (lessor.find(id) !== NO_SLOT) return refused('lease-exists');",
    replace: `const held = lessor.find(id);
    if (held !== NO_SLOT) {
      if (!lessor.isOverdue(held, clock.now)) lessor.renew(held, clock.now);
      return refused('lease-exists');
    }`,
    rules: ['GRANT-04'],
    note: 'A grant that is refused for its id renews the lease that has it.',
  },
  {
    id: 'duplicate-accepted',
    file: 'lease-requests.ts',
    search: "if (lessor.find(id) !== NO_SLOT) return refused('lease-exists');",
    replace: `const held = lessor.find(id);
    if (held !== NO_SLOT) {
      const ttl = lessor.grantedTtl(held);
      return { kind: 'granted', revision: store.revision, id, ttl };
    }`,
    rules: ['GRANT-04'],
    note: 'A grant of an id in use is answered with the lease that has it.',
  },
  {
    id: 'overdue-id-free',
    file: 'lease-requests.ts',
    search: "if (lessor.find(id) !== NO_SLOT) return refused('lease-exists');",
    replace: `const held = lessor.find(id);
    if (held !== NO_SLOT) {
      if (!lessor.isOverdue(held, clock.now)) return refused('lease-exists');
      removeLease(server, held);
    }`,
    rules: ['GRANT-04'],
    note: 'The id of an overdue lease can be granted before the lease is revoked.',
  },
  {
    id: 'chosen-ids-repeat',
    file: 'ids.ts',
    search: '(this.#suffix + this.#count)',
    replace: '(this.#suffix + (this.#count & 7))',
    rules: ['CONST-14'],
    note: 'Chosen ids come round again after a few.',
  },
  {
    id: 'chosen-ids-decrease',
    file: 'ids.ts',
    search: '(this.#suffix + this.#count)',
    replace: '(this.#suffix - this.#count)',
    rules: ['CONST-14'],
    note: 'Chosen ids decrease.',
  },
  {
    id: 'chosen-ids-negative',
    file: 'ids.ts',
    search: 'if (id !== 0n) return id;',
    replace: 'if (id !== 0n) return id | -(2n ** 63n);',
    rules: ['CONST-14'],
    note: 'Chosen ids use the sign bit.',
  },
  {
    id: 'negative-ids-replaced',
    file: 'lease-requests.ts',
    search: 'request.id === 0n ?',
    replace: 'request.id <= 0n ?',
    rules: ['CONST-15'],
    note: 'A negative id counts as none, and the server chooses another.',
  },
  {
    id: 'revoke-unknown-accepted',
    file: 'lease-requests.ts',
    search: `server.ids.take();
    // REVOKE-01
    return refused('lease-not-found');`,
    replace: "return { kind: 'revoked', revision: server.store.revision };",
    rules: ['REVOKE-01'],
    note: 'Revoking an unknown lease succeeds.',
  },
  {
    id: 'revoke-overdue-refused',
    file: 'lease-requests.ts',
    search: 'const slot = server.lessor.find(id);\n  if (slot === NO_SLOT) {',
    replace: `const slot = server.lessor.find(id);
  if (slot === NO_SLOT || server.lessor.isOverdue(slot, server.clock.now)) {`,
    rules: ['REVOKE-07'],
    note: 'An overdue lease cannot be revoked by hand.',
  },
];
