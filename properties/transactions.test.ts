import {
  unknownLease,
  stateBefore,
  touchedTwice,
  oneRevision,
  comparisons,
  seesItsWrites,
} from './predicates/transactions.ts';
import { prove } from './prove.ts';

prove(unknownLease);
prove(stateBefore);
prove(touchedTwice, { runs: 1000 });
prove(oneRevision);
prove(comparisons);
prove(seesItsWrites, { runs: 500 });
