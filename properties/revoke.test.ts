import {
  deleteEvents,
  overdueRevoke,
  revokedKeys,
  revokeRevision,
  revokeWithoutKeys,
  unknownRevoke,
} from './predicates/revoke.ts';
import { prove } from './prove.ts';

prove(unknownRevoke);
prove(revokedKeys);
prove(revokeWithoutKeys);
prove(revokeRevision);
prove(deleteEvents);
prove(overdueRevoke);
