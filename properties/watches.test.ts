import {
  compactedStart,
  revisionsTogether,
  fromItsStart,
  asAskedFor,
  idsCounted,
  cancelled,
  progressTold,
} from './predicates/watches.ts';
import { prove } from './prove.ts';

prove(compactedStart);
prove(revisionsTogether);
prove(fromItsStart);
prove(asAskedFor);
prove(idsCounted);
prove(cancelled);
prove(progressTold);
