import {
  earlierRevision,
  inOrder,
  overdueWaits,
  restoresTtl,
  streamWaits,
  unknownKeepAlive,
} from './predicates/keep-alive.ts';
import { prove } from './prove.ts';

prove(inOrder);
prove(restoresTtl);
prove(unknownKeepAlive);
prove(overdueWaits, { runs: 600 });
prove(streamWaits, { runs: 600 });
prove(earlierRevision);
