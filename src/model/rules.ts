/**
 * The rules that the model carries, by id. The id is the rule's heading in docs/SEMANTICS.md, the
 * comment at its branch in this folder, the title of its property and the `rule` of a verdict.
 */
export const RULES = {
  'CONST-01': 'a TTL above 9,000,000,000 s is refused, that number itself is not',
  'CONST-02': 'the minimum TTL follows from the two raft flags',
  'CONST-03': 'heartbeat and election timeout are positive, 5 heartbeats fit in, 50 s at most',
  'CONST-04': 'the expiry loop passes every 500 ms',
  'CONST-05': 'at most 500 leases are revoked in a turn',
  'CONST-11': 'a promotion gives every lease the election timeout in whole heartbeats on top',
  'CONST-12': 'a checkpoint comes five minutes after the one before',
  'CONST-13': 'checkpoints are off, and persist only where both switches are on',
  'CONST-14': 'an id the server chooses is positive and above those it chose before',
  'CONST-15': 'any non-zero int64 is a legal lease id',
  'GRANT-01': 'a grant checks the TTL first, then the id',
  'GRANT-02': 'a TTL below the minimum is raised to it, and the answer says so',
  'GRANT-03': 'a grant with too large a TTL creates nothing',
  'GRANT-04': 'an id in use is refused, and its lease stays as it was',
  'GRANT-05': 'an id is free again once its lease is gone, and its new lease has no keys',
  'GRANT-06': 'a grant does not change the revision',
  'GRANT-07': 'a lease expires its granted TTL after the grant',
  'REVOKE-01': 'revoking an unknown lease is refused and changes nothing',
  'REVOKE-02': 'a revoke deletes all keys of the lease in one revision, in byte order',
  'REVOKE-03': 'a lease without keys goes without a revision',
  'REVOKE-04': 'a revoke answers with the revision after the deletion',
  'REVOKE-05': 'a delete event holds the key and the revision; its previous value names the lease',
  'REVOKE-07': 'an overdue lease can be revoked like any other',
  'KA-01': 'a stream answers each keep-alive, in order',
  'KA-02': 'a keep-alive restores the granted TTL, no more and no less',
  'KA-03': 'a keep-alive on an unknown lease answers TTL 0',
  'KA-04': 'a keep-alive on an overdue lease waits for the revoke, then answers TTL 0',
  'KA-05': 'a waiting keep-alive holds up those behind it on its stream',
  'KA-06': 'a keep-alive answers with the revision from before it was served',
  'KA-09': 'a keep-alive on a lease with a checkpoint clears it first',
  'KA-10': 'with checkpoints switched off, a keep-alive restores what a checkpoint left',
  'TTL-01': 'the remaining TTL is truncated toward zero',
  'TTL-02': 'an overdue lease shows a negative TTL with its granted TTL',
  'TTL-03': 'an unknown lease shows TTL -1 and granted TTL 0',
  'TTL-04': 'keys are listed when asked for, in any order',
  'TTL-05': 'after a promotion a lease may have more than it was granted',
  'TTL-10': 'time-to-live changes nothing',
  'LIST-01': 'the list holds ids',
  'LIST-02': 'the list holds every lease, overdue ones too',
  'LIST-03': 'the list is in the order of remaining time',
  'EXP-01': 'a lease is expired from its deadline on, the deadline included',
  'EXP-02': 'an expired lease goes at the next turn that has room for it',
  'EXP-03': 'a lease never goes before its TTL has passed',
  'EXP-04': 'leases that expire between two turns go together',
  'EXP-05': 'more than 500 leases due together go 500 a turn',
  'EXP-06': 'a turn takes the leases that expired first',
  'EXP-07': 'each expired lease with keys takes one revision of its own, one without takes none',
  'EXP-08': 'an expiry looks like a revoke',
  'EXP-09': 'an overdue lease and its keys are there for every read',
  'EXP-10': 'an overdue lease takes puts, and a put without a lease saves its key',
  'KV-01': 'a put with a lease attaches the key; an unknown lease is refused',
  'KV-02': 'the last put decides the lease of a key',
  'KV-03': 'ignore_lease keeps the lease of a key',
  'KV-04': 'ignore_value keeps the value and still applies the lease',
  'KV-05': 'a put reports its errors in a fixed order',
  'KV-06': 'deleting a key detaches it and spares the lease',
  'KV-12': 'a range shows the lease of each key',
  'KV-13': 'a previous value names the old lease',
  'RESTART-01': 'leases, keys and the revision outlive a restart',
  'RESTART-02': 'a promotion gives every lease its TTL again, overdue ones too',
  'RESTART-03': 'the minimum TTL is applied anew when leases are loaded, in memory alone',
  'RESTART-04': 'with 1,000 leases or more a promotion spreads those that expire together',
  'CKPT-01': 'without checkpoints every promotion gives the full TTL',
  'CKPT-02': 'leases of more than 300 s are checkpointed, rounded up',
  'CKPT-03': 'a checkpoint that persists outlives a restart',
  'CKPT-04': 'a renewal clears the checkpoint',
  'CKPT-05': 'a checkpoint counts at promotions alone, and changes no revision',
  'CKPT-06': 'from 3.6 on checkpoints persist by themselves',
} as const;

export type RuleId = keyof typeof RULES;

/** Rules that no schedule can show: this one is about flags with which a server does not start. */
const ABOUT_FLAGS: ReadonlySet<RuleId> = new Set(['CONST-03']);

export const RULE_IDS = Object.keys(RULES) as readonly RuleId[];

/** Rules that a history can show, kept or broken. */
export const CHECKABLE_RULES = RULE_IDS.filter((id) => !ABOUT_FLAGS.has(id));
