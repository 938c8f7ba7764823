import {
  keepAlivesAreFresh,
  nothingIsWritten,
  waitsHaveTheirTime,
} from './predicates/slow-apply.ts';
import { prove } from './prove.ts';

const SLOW = { abilities: ['apply'] } as const;

prove(nothingIsWritten, SLOW);
prove(waitsHaveTheirTime, SLOW);
prove(keepAlivesAreFresh, SLOW);
