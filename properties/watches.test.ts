import {
  compactedStart,
  revisionsTogether,
  fromItsStart,
  asAskedFor,
  idsCounted,
  cancelled,
  progressTold,
  progressByItself,
} from './predicates/watches.ts';
import { prove } from './prove.ts';

prove(compactedStart, { runs: 500 });
prove(revisionsTogether);
prove(fromItsStart);
prove(asAskedFor);
prove(idsCounted);
prove(cancelled);
prove(progressTold);
prove(progressByItself, { runs: 500 });
