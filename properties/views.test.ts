import {
  countsAll,
  bounded,
  sorted,
  keysAlone,
  asTheyWere,
  pastLease,
  compactions,
  attachmentsLast,
} from './predicates/views.ts';
import { prove } from './prove.ts';

prove(countsAll);
prove(bounded);
prove(sorted);
prove(keysAlone, { runs: 1000 });
prove(asTheyWere, { runs: 500 });
prove(pastLease);
prove(compactions);
prove(attachmentsLast);
