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
prove(touchedTwice);
prove(oneRevision);
prove(comparisons);
prove(seesItsWrites);
