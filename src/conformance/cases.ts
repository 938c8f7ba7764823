/** All cases of the suite, in the order of the rules. */
import type { Case } from './case.ts';
import { CONSTANTS } from './cases/constants.ts';
import { EXPIRY } from './cases/expiry.ts';
import { GATEWAY } from './cases/gateway.ts';
import { GRANT } from './cases/grant.ts';
import { GRPC } from './cases/grpc.ts';
import { KEEP_ALIVE } from './cases/keep-alive.ts';
import { KEY_VALUE } from './cases/key-value.ts';
import { RESTART } from './cases/restart.ts';
import { REVOKE } from './cases/revoke.ts';
import { TIME_TO_LIVE } from './cases/time-to-live.ts';
import { TRANSACTIONS } from './cases/transactions.ts';
import { TROUBLE } from './cases/trouble.ts';
import { USERS } from './cases/users.ts';
import { VIEWS } from './cases/views.ts';
import { WATCHES } from './cases/watches.ts';

export const CASES: readonly Case[] = [
  ...CONSTANTS,
  ...GRANT,
  ...REVOKE,
  ...KEEP_ALIVE,
  ...TIME_TO_LIVE,
  ...EXPIRY,
  ...KEY_VALUE,
  ...TRANSACTIONS,
  ...VIEWS,
  ...WATCHES,
  ...RESTART,
  ...TROUBLE,
  ...GRPC,
  ...GATEWAY,
  // Last: for a while the server lets nobody else in.
  ...USERS,
];
