/** Where each rule is to be read: docs/SEMANTICS.md, whose headings are `### ID Title`. */
import type { RuleId } from '../model/rules.ts';

/** A link to the rule's heading, as GitHub and most Markdown viewers name it. */
export const docsOf = (rule: RuleId): string => {
  const anchor = `${rule} ${TITLES[rule]}`.toLowerCase().replaceAll(/[^\w -]/g, '');
  return `docs/SEMANTICS.md#${anchor.replaceAll(' ', '-')}`;
};

/** The titles of the headings; a test compares them with the document. */
export const TITLES: Readonly<Record<RuleId, string>> = {
  'CONST-01': 'Maximum TTL',
  'CONST-02': 'Minimum TTL',
  'CONST-03': 'Legal flags',
  'CONST-04': 'Expiry loop',
  'CONST-05': 'Revoke rate',
  'CONST-14': 'Chosen ids',
  'CONST-15': 'Explicit ids',
  'GRANT-01': 'Order of checks',
  'GRANT-02': 'Small TTLs are raised',
  'GRANT-03': 'Too large',
  'GRANT-04': 'Id in use',
  'GRANT-05': 'Grant again',
  'GRANT-06': 'Header',
  'GRANT-07': 'Start of life',
  'REVOKE-01': 'Unknown lease',
  'REVOKE-02': 'All keys in one revision',
  'REVOKE-03': 'No keys, no revision',
  'REVOKE-04': 'Header',
  'REVOKE-05': 'Shape of the event',
  'REVOKE-07': 'Overdue lease',
  'KA-01': 'One answer each, in order',
  'KA-02': 'Renewal',
  'KA-03': 'Unknown lease',
  'KA-04': 'Overdue lease',
  'KA-05': 'Head-of-line blocking',
  'KA-06': 'Header',
  'TTL-01': 'Truncated',
  'TTL-02': 'Negative while overdue',
  'TTL-03': 'Unknown lease',
  'TTL-04': 'Keys',
  'TTL-10': 'Changes nothing',
  'LIST-01': 'Ids',
  'LIST-02': 'All leases',
  'LIST-03': 'Soonest first',
  'EXP-01': 'Deadline included',
  'EXP-02': 'How late',
  'EXP-03': 'Never early',
  'EXP-04': 'Together',
  'EXP-05': '500 a turn',
  'EXP-06': 'Order',
  'EXP-07': 'A revision each',
  'EXP-08': 'Looks like a revoke',
  'EXP-09': 'Alive until revoked',
  'EXP-10': 'Puts while overdue',
  'KV-01': 'Put with a lease',
  'KV-02': 'One lease per key',
  'KV-03': 'ignore_lease',
  'KV-04': 'ignore_value',
  'KV-05': 'Order of errors',
  'KV-06': 'Deleting a key',
  'KV-12': 'Ranges show leases',
  'KV-13': 'Previous values',
};
