import {
  looksLikeRevoke,
  ownRevision,
  readable,
  savesKey,
  takesPuts,
} from './predicates/expired-keys.ts';
import {
  backlog,
  deadlineIncluded,
  goneInTime,
  neverEarly,
  soonestFirst,
  together,
  turnLimit,
  turnsOnGrid,
} from './predicates/expiry.ts';
import { prove } from './prove.ts';

/** Leases that a turn or two cannot take, before what each schedule does. */
const CROWDED = { backlog: [501, 1300], commands: 30, runs: 25 } as const;

prove(turnsOnGrid);
prove(turnLimit, CROWDED);
prove(deadlineIncluded);
prove(goneInTime, CROWDED);
prove(neverEarly);
prove(together);
prove(backlog, CROWDED);
prove(soonestFirst, CROWDED);
prove(ownRevision, { runs: 300 });
prove(looksLikeRevoke);
prove(readable, { runs: 500 });
prove(takesPuts, { runs: 500 });
prove(savesKey, { runs: 800 });
