import {
  deletes,
  ignoreLease,
  ignoreValue,
  knownLease,
  lastPutDecides,
  onlyWritesCount,
  previousValues,
  ranges,
  refusalOrder,
} from './predicates/key-value.ts';
import { prove } from './prove.ts';

prove(onlyWritesCount);
prove(knownLease);
prove(lastPutDecides);
prove(ignoreLease, { runs: 400 });
prove(ignoreValue);
prove(refusalOrder);
prove(deletes);
prove(ranges);
prove(previousValues);
