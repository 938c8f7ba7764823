/** What a real clock cannot show, of cases and of rules: nobody is to wait for it there. */
import type { RuleId } from '../model/index.ts';
import type { Sometimes } from './sometimes.ts';
import { KV_ONLY_VIRTUAL } from './sometimes-kv.ts';
import { LIFE_SOMETIMES } from './sometimes-life.ts';

/**
 * Cases that a real clock cannot show: exact instants, leaps, and backlogs, which need a server
 * alone.
 */
export const ONLY_VIRTUAL: ReadonlySet<Sometimes> = new Set([
  'a keep-alive came in the last millisecond',
  'a keep-alive came at the deadline',
  'a keep-alive waited behind another on its stream',
  'time-to-live answered the granted TTL',
  'time-to-live answered 0 for an overdue lease',
  'time-to-live answered a negative TTL',
  'a list held leases that expire together',
  'a deadline fell on a turn',
  'several leases went in one turn',
  'more than 500 leases were overdue',
  'the clock leapt over a deadline',
  ...LIFE_SOMETIMES,
  ...KV_ONLY_VIRTUAL,
]);

/** Rules that no case on a real clock can show. */
export const RULES_ONLY_VIRTUAL: ReadonlySet<RuleId> = new Set([
  'KA-05',
  'TTL-02',
  'CONST-05',
  'EXP-05',
  'EXP-06',
  'CONST-11',
  'CONST-12',
  'CONST-13',
  'KA-09',
  'KA-10',
  'TTL-05',
  'RESTART-01',
  'RESTART-02',
  'RESTART-03',
  'RESTART-04',
  'CKPT-01',
  'CKPT-02',
  'CKPT-03',
  'CKPT-04',
  'CKPT-05',
  'CKPT-06',
  ...(['CONST-09', 'KA-12', 'TTL-08', 'LIST-05', 'RESTART-05', 'RESTART-07'] as const),
  ...(['CONST-06', 'CONST-08', 'CONST-10', 'KA-15'] as const),
  ...(['CONST-16', 'GRANT-09', 'REVOKE-06', 'REVOKE-08', 'EXP-12'] as const),
  ...(['KV-14', 'KV-17', 'KV-20', 'KV-21', 'KV-22', 'KV-23'] as const),
  ...(['KV-24', 'KV-25', 'KV-26', 'KV-27', 'KV-29'] as const),
]);
